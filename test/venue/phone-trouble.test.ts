import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../needs.ts';
import { BROWSER_MS_MAX, CHROMIUM_OPTIONS } from './browser.ts';
import { agreeToEnrol, enrol, openPhoneRig, PHONE, type PhoneRig } from './phone-rig.ts';
import { decodeQr } from './qr-decoder.ts';
import { until } from './until.ts';

const ENROL = 'サインインして登録する';
const OPEN = { name: 'ドアを開ける', exact: true } as const;

describe('the door page when something is amiss', needs('chromium'), () => {
  let rig: PhoneRig;
  let directory: string;

  beforeAll(async () => {
    rig = await openPhoneRig();
    directory = mkdtempSync(join(tmpdir(), 'genkan-profile-'));
  }, BROWSER_MS_MAX);

  afterAll(async () => {
    await rig.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const open = (path: string): Promise<Page> => rig.browser.open(rig.origin + path, PHONE);

  it(
    'keeps a key that nothing can take out of the browser, and has it after the browser was closed and opened',
    async () => {
      const launch = (): Promise<BrowserContext> =>
        chromium.launchPersistentContext(directory, { ...CHROMIUM_OPTIONS, ...PHONE });
      const first = await launch();
      const page = await first.newPage();
      await page.goto(`${rig.origin}/d/front/entry`);
      await enrol(page, '鈴木 健');
      await first.close();

      const second = await launch();
      const again = await second.newPage();
      await again.goto(`${rig.origin}/d/front/entry`);
      await again.getByRole('heading', { name: '鈴木 健 さん' }).waitFor();
      const exported = await again.evaluate(`(async () => {
        const { openStore } = await import('/d/_/phone/device-store.js');
        const { privateKey } = await (await openStore()).device();
        const refusal = await crypto.subtle.exportKey('pkcs8', privateKey).then(() => 'taken', (error) => error.name);
        return { extractable: privateKey.extractable, refusal };
      })()`);
      expect(exported).toEqual({ extractable: false, refusal: 'InvalidAccessError' });
      await again.getByRole('button', OPEN).click();
      await again.getByRole('status').getByText('チェックインしました').waitFor();
      // The 29th use of a basic ticket: from the 26th on the rest is told.
      expect(await again.locator('#facts').innerText()).toContain('残り回数');
      await second.close();
    },
    2 * BROWSER_MS_MAX,
  );

  it(
    'asks to enrol again after the storage was wiped, once and without a loop, and the older phone is told',
    async () => {
      const older = await open('/d/front/entry');
      await enrol(older, '田中 陽');
      const page = await open('/d/front/entry');
      await enrol(page, '田中 陽');
      const session = await page.context().newCDPSession(page);
      await session.send('Storage.clearDataForOrigin', { origin: rig.origin, storageTypes: 'all' });
      await page.goto(`${rig.origin}/d/front/entry`);
      await page.getByRole('button', { name: ENROL }).waitFor();
      expect(page.url()).toBe(`${rig.origin}/d/front/entry`);
      await page.getByRole('button', { name: ENROL }).click();
      await agreeToEnrol(page, '田中 陽');
      await page.getByRole('heading', { name: '田中 陽 さん' }).waitFor();

      // A pass that is not fresh any more is renewed behind the page: then the issuer's word is heard.
      rig.venue.clock.moveBy(120_000);
      await older.goto(`${rig.origin}/d/front/entry`);
      await older.getByRole('heading', { name: '別の端末が登録されています' }).waitFor();
      expect(older.url()).toBe(`${rig.origin}/d/front/entry`);
      await page.context().close();
      await older.context().close();
    },
    2 * BROWSER_MS_MAX,
  );

  it.each([
    ['IndexedDB throws', `indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); };`],
    [
      'the key cannot be stored',
      `IDBObjectStore.prototype.put = () => { throw new DOMException('no', 'DataCloneError'); };`,
    ],
  ])(
    'says that this browser keeps no key where %s, and shows a short-lived QR at the issuer',
    async (_what, script) => {
      const page = await open('/d/offline');
      await page.addInitScript(script);
      await page.goto(`${rig.origin}/d/front/entry`);
      const title = page.getByRole('heading', { name: 'このブラウザには鍵を保存できません' });
      const asks = page.getByRole('button', { name: ENROL });
      await title.or(asks).waitFor();
      if (await asks.isVisible()) await asks.click();
      await title.waitFor();
      await page.getByRole('link', { name: '会員ページでQRを表示' }).click();
      await page.getByRole('button', { name: '田中 陽' }).click();
      await page.getByRole('button', { name: '短時間のQRを表示' }).click();
      await page.getByRole('img', { name: 'スキャナー用のQRコード' }).waitFor();
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it(
    'explains itself on plain HTTP, where browsers have no keys, and shows the way to the right address',
    async () => {
      const browser = await chromium.launch({
        ...CHROMIUM_OPTIONS,
        args: [...CHROMIUM_OPTIONS.args, '--host-resolver-rules=MAP door.test 127.0.0.1'],
      });
      const page = await (await browser.newContext(PHONE)).newPage();
      await page.goto(`${rig.origin.replace('localhost', 'door.test')}/d/front/entry`);
      await page.getByRole('heading', { name: '安全な接続ではありません' }).waitFor();
      expect(await page.getByRole('link', { name: '安全なページを開く' }).getAttribute('href')).toBe(
        `${rig.origin}/d/front/entry`,
      );
      await browser.close();
    },
    BROWSER_MS_MAX,
  );

  it(
    'opens the door while the line to the cloud is cut',
    async () => {
      const page = await open('/d/front/entry');
      await enrol(page, '佐藤 花');
      rig.venue.line.cut();
      await page.reload();
      await page.getByRole('button', OPEN).click();
      await page.getByRole('status').getByText('チェックインしました').waitFor();
      rig.venue.line.mend();
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it('knows no other door, and says what to do', async () => {
    const page = await open('/d/back/entry');
    await page.getByRole('heading', { name: 'このドアは見つかりません' }).waitFor();
    await page.getByRole('link', { name: '店舗へ電話' }).waitFor();
    await page.context().close();
  });

  // Last: it ends the gateway.
  it(
    'offers the QR for the scanner when the gateway does not answer after the first visit, and it opens the door there',
    { ...needs('zbarimg'), timeout: BROWSER_MS_MAX },
    async () => {
      const page = await open('/d/front/entry');
      await enrol(page, '佐藤 花');
      await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
      await page.waitForFunction(
        `caches.open('genkan-door').then((cache) => cache.match('/d/_/qr.js')).then(Boolean)`,
      );
      await rig.venue.gateway.web.close();
      await page.goto(`${rig.origin}/d/front/entry`);
      await page.getByRole('heading', { name: 'ドアの機器につながりません' }).waitFor();
      await page.getByRole('button', { name: 'QRを表示' }).click();
      const canvas = page.getByRole('img', { name: 'スキャナー用のQRコード' });
      await canvas.waitFor();
      expect(Number(await canvas.getAttribute('data-bytes'))).toBeLessThanOrEqual(1_200);
      const [text = ''] = decodeQr(await canvas.screenshot());
      expect(text).toMatch(/^GK2\./);
      rig.venue.scanAt('entry', text);
      await until('the lock is released', () => rig.venue.equipment.door.released);
      await page.context().close();
    },
  );
});
