import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { doorCodeCommand } from '../../gateway/cli/door-code.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import { parseInstant } from '../../shared/time.ts';
import { temporaryFolder } from '../temporary.ts';
import { needs } from '../needs.ts';
import { BROWSER_MS_MAX } from './browser.ts';
import { enrol, openPhoneRig, PHONE, type PhoneRig } from './phone-rig.ts';
import { decodeQr } from './qr-decoder.ts';
import { until } from './until.ts';

describe('the door page in Chromium, as a phone', needs('chromium', 'zbarimg'), () => {
  let rig: PhoneRig;

  beforeAll(async () => {
    rig = await openPhoneRig();
  }, BROWSER_MS_MAX);

  afterEach(() => {
    expect(rig.browser.complaints()).toEqual([]);
  });

  afterAll(async () => {
    await rig.close();
  });

  /** Prints the sheet of a side of the door, and reads it as a phone's camera does. */
  async function readSheet(side: Side): Promise<string> {
    const folder = temporaryFolder();
    const [config, sheet] = [join(folder, 'genkan.yaml'), join(folder, 'sheet.png')];
    writeFileSync(config, JSON.stringify(rig.venue.config));
    const io = { stdin: (async function* () {})(), stdout: () => undefined, stderr: () => undefined };
    expect(await doorCodeCommand.run(io, ['--config', config, '--side', side, '--out', sheet])).toBe(0);
    const [url = '', ...more] = decodeQr(readFileSync(sheet));
    expect(more).toEqual([]);
    return url;
  }

  const events = (name: string, afterSeq: number) =>
    rig.venue.ledger(afterSeq).filter((event) => event.name === name);

  it(
    'takes a member from the printed sheets to a seat and out again: enrolled, in after 9:00, out at 10:30 for 2,000 yen',
    async () => {
      const { venue } = rig;
      const page = await rig.browser.open(await readSheet('entry'), PHONE);
      await page.getByRole('heading', { name: 'この端末を登録してください' }).waitFor();
      await enrol(page, '佐藤 花');
      expect(page.url()).toBe(`${rig.origin}/d/front/entry`);
      await page.getByText('9:00–12:00').waitFor();
      expect(rig.lastPulseMs()).toBeNull();

      const before = venue.gateway.journal.lastSeq;
      const tappedMs = performance.now();
      await page.getByRole('button', { name: 'ドアを開ける', exact: true }).click();
      await page.getByRole('status').getByText('チェックインしました').waitFor();
      await until('the relay goes high', () => rig.lastPulseMs() !== null);
      const pulseMs = Math.round((rig.lastPulseMs() ?? 0) - tappedMs);
      process.stdout.write(`from tap to pulse on the venue's network: ${pulseMs} ms\n`);
      await page.getByText('9:30 より前に出ると').waitFor();
      expect(await page.locator('#facts').innerText()).toMatch(/9:0\d/);
      expect(events('stay.checked-in', before)).toHaveLength(1);

      venue.clock.moveTo(parseInstant('2026-11-24T10:30:05+09:00'));
      await page.goto(await readSheet('exit'));
      await page.getByText('2,000円').waitFor();
      await page.getByText('11:00 より前のチェックアウトなら、この料金です。').waitFor();
      expect(events('stay.checked-out', before)).toHaveLength(0);
      await page.getByRole('button', { name: 'チェックアウトして出る' }).click();
      await page.getByRole('status').getByText('チェックアウトしました').waitFor();
      expect(events('stay.checked-out', before)).toHaveLength(1);

      await page.getByRole('button', { name: 'ご利用履歴' }).click();
      await page.getByRole('dialog').getByText('早めのチェックアウト').waitFor();
      await page.getByRole('dialog').getByText('2,000円').waitFor();
      await page.context().close();
    },
    2 * BROWSER_MS_MAX,
  );

  it(
    'checks a member out at the entrance who comes back from a break at 12:20: 3,500 yen, and the door stays shut',
    async () => {
      const { venue } = rig;
      venue.clock.moveTo(parseInstant('2026-11-25T09:02:00+09:00'));
      rig.site.book({ sub: 'm-sato', name: '佐藤 花', entitlements: () => [] });
      const page = await rig.browser.open(await readSheet('entry'), PHONE);
      await enrol(page, '佐藤 花');
      const open = page.getByRole('button', { name: 'ドアを開ける', exact: true });
      const before = venue.gateway.journal.lastSeq;
      await open.click();
      await page.getByRole('status').getByText('チェックインしました').waitFor();
      await until('the relay goes high', () => rig.lastPulseMs() !== null);

      venue.clock.moveTo(parseInstant('2026-11-25T12:20:05+09:00'));
      await page.goto(await readSheet('entry'));
      await open.click();
      await page.getByText('まだチェックアウトされていません').waitFor();
      await page.getByRole('button', { name: 'ここでチェックアウトする' }).click();
      await page.getByRole('status').getByText('チェックアウトしました').waitFor();
      await page.getByText('3,500円').waitFor();
      expect(events('stay.checked-out', before)).toMatchObject([{ data: { by: 'member', grant: null } }]);
      expect(events('access.granted', before)).toHaveLength(1);
      // The browser's word on the refusal.
      expect(rig.browser.complaints()).toEqual([expect.stringContaining('403')]);
      await page.context().close();
    },
    2 * BROWSER_MS_MAX,
  );
});
