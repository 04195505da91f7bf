import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentSecurityPolicy } from '../../gateway/web/content-security.ts';
import { parseInstant } from '../../shared/time.ts';
import { needs } from '../needs.ts';
import { BROWSER_MS_MAX, launchBrowser, type TestBrowser } from './browser.ts';
import { memberSite } from './member-site.ts';
import { freePort, PHONE } from './phone-rig.ts';
import { openVenue, type Venue } from './venue.ts';
import { createDemoAccounts } from './wallet-demo.ts';

const OPEN = { name: 'ドアを開ける', exact: true } as const;
const NOT_ENROLLED = { name: 'この端末を登録してください' } as const;
const HAND_OFF = { name: '会員ページの鍵を使う' } as const;

/** A venue, and an issuer at an origin of its own. */
interface Rig {
  readonly venue: Venue;
  /** Origin of the venue's pages. */
  readonly door: string;
  /** Base URL of the issuer. */
  readonly issuer: string;
  /** A page of the venue's site, and the wallet's, that is no venue's. */
  readonly shop: string;
  /** Ends the issuer, as a cut line does. */
  endIssuer(): Promise<void>;
  close(): Promise<void>;
}

/** @param issuerHost of the same site as the venue (`example.localhost`), or of another */
async function openRig(issuerHost: string): Promise<Rig> {
  const [port, issuerPort] = [await freePort(), await freePort()];
  const door = `http://shibuya-1.gw.example.localhost:${port}`;
  const issuer = `http://${issuerHost}:${issuerPort}/wallet`;
  const venue = await openVenue({
    startMs: parseInstant('2026-11-24T09:02:00+09:00'),
    pulseMs: 200,
    port,
    http: { publicOrigin: door },
    members: { issuer, wallet: issuer },
  });
  const { accounts } = createDemoAccounts({
    venue: { ...venue.config.venue, origin: door },
    issuer: venue.issuer,
    clock: venue.clock,
    passesUrl: `${issuer}/passes`,
    onBooked: (_sub, reservation) => venue.book(reservation),
    onReplaced: (devices) => void venue.revokeDevices(devices),
  });
  const app: FastifyInstance = fastify({ forceCloseConnections: true });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (!reply.hasHeader('content-security-policy'))
      reply.header('content-security-policy', contentSecurityPolicy());
    done();
  });
  memberSite(app, { accounts: () => accounts });
  // The same page from a server that forgot who may show it: what the page itself checks stands then.
  const signer = readFileSync(new URL('wallet-page/signer.html', import.meta.url));
  app.get('/wallet/unguarded', (_request, reply) =>
    reply
      .type('text/html')
      .header('content-security-policy', contentSecurityPolicy({ ancestors: ['*'] }))
      .send(signer),
  );
  await app.listen({ host: '127.0.0.1', port: issuerPort });
  const shop = fastify({ forceCloseConnections: true });
  shop.get('/', (_request, reply) => reply.type('text/html').send('<p>shop</p>'));
  await shop.listen({ host: '127.0.0.1', port: 0 });
  return {
    venue,
    door,
    issuer,
    shop: `http://shop.example.localhost:${(shop.server.address() as AddressInfo).port}`,
    endIssuer: () => app.close(),
    close: async () => {
      await app.close();
      await shop.close();
      await venue.close();
    },
  };
}

/** Signs in at the issuer and enrols the browser there, for every venue. */
async function enrolAtIssuer(page: Page): Promise<void> {
  await page.getByRole('button', { name: '佐藤 花' }).click();
  await page.getByRole('button', { name: 'この端末を登録する' }).click();
  await page.getByText('この端末：登録済み').waitFor();
  await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
}

/** Whether the origin that is open has a key of its own. */
const hasOwnKey = (page: Page) =>
  page.evaluate<boolean>(
    `import('/d/_/phone/device-store.js').then(async ({ openStore }) => (await (await openStore()).device()) !== null)`,
  );

/** Asks a frame of the issuer's, as a page of any origin may try. @returns what it answers */
const askFrame = (page: Page, url: string, message: object) =>
  page.evaluate<unknown>(`new Promise((resolve) => {
    const frame = document.createElement('iframe');
    frame.src = ${JSON.stringify(url)};
    addEventListener('message', ({ data }) => resolve(data));
    frame.onload = () =>
      frame.contentWindow.postMessage(${JSON.stringify(message)}, ${JSON.stringify(new URL(url).origin)});
    document.body.append(frame);
  })`);

const granted = ({ venue }: Rig) => venue.ledger().filter(({ name }) => name === 'access.granted');

describe.each([
  // With the wallet of the venue's own site, a frame has the wallet's key.
  ['the venue’s own site', 'pass.example.localhost', signsInFrame],
  // With another site's, the browser gives the frame a storage of its own. A number is a site of its own.
  ['another site', '127.0.0.1', handsOver],
] as const)(
  'a member of many venues, with one key at a wallet of %s',
  needs('chromium'),
  (_what, issuerHost, tests) => {
    let rig: Rig;
    let browser: TestBrowser;

    beforeAll(async () => {
      rig = await openRig(issuerHost);
      browser = await launchBrowser();
    }, BROWSER_MS_MAX);

    afterAll(async () => {
      await browser.close();
      await rig.close();
    });

    tests(() => ({ rig, browser }));
  },
);

type Parts = () => { readonly rig: Rig; readonly browser: TestBrowser };

function signsInFrame(parts: Parts): void {
  it(
    'has the frame refused to a foreign origin, by the server and by the page; releases no pass that is not for the venue, and signs nothing but a member’s own requests',
    async () => {
      const { rig, browser } = parts();
      const page = await browser.open(`${rig.issuer}/`, PHONE);
      await enrolAtIssuer(page);
      const shop = await page.context().newPage();
      await shop.goto(rig.shop);
      const blocked = shop.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
      const ask = { id: 'x', want: 'pass' };
      void askFrame(shop, `${rig.issuer}/signer`, ask).catch(() => undefined);
      await blocked;
      const unguarded = `${rig.issuer}/unguarded`;
      const refusal = { id: 'x', problem: 'device-unknown' };
      await shop.goto(rig.shop);
      expect(await askFrame(shop, unguarded, ask)).toEqual(refusal);

      // As if the issuer had been told that the shop is a venue: the pass itself says for whom it is.
      await page.evaluate(`import('/wallet/_/phone/device-store.js').then(async ({ openStore }) => {
        const store = await openStore();
        const [kept] = await store.passes();
        await store.keepPass({ ...kept, venue: 'shop-1', origin: ${JSON.stringify(rig.shop)} });
      })`);
      await shop.goto(rig.shop);
      expect(await askFrame(shop, unguarded, ask)).toEqual(refusal);
      await shop.close();

      await page.goto(`${rig.door}/d/front/entry`);
      await page.getByRole('button', OPEN).waitFor();
      const request = { method: 'POST', path: '/api/commands', nonce: 'n' };
      const command = { id: 'x', want: 'sign', request };
      expect(await askFrame(page, `${rig.issuer}/signer`, command)).toEqual({ id: 'x', problem: 'refused' });
      expect(granted(rig)).toEqual([]);
      browser.complaints();
      await page.context().close();
    },
    3 * BROWSER_MS_MAX,
  );

  it(
    'is let in by the signer frame with no key at the venue’s origin, and out again with the issuer dead',
    async () => {
      const { rig, browser } = parts();
      const page = await browser.open(`${rig.issuer}/`, PHONE);
      await enrolAtIssuer(page);
      await page.goto(`${rig.door}/d/front/entry`);
      await page.getByRole('heading', { name: '佐藤 花 さん' }).waitFor();
      expect(await hasOwnKey(page)).toBe(false);
      expect(granted(rig)).toEqual([]);
      await page.getByRole('button', OPEN).click();
      await page.getByRole('status').getByText('チェックインしました').waitFor();
      expect(browser.complaints()).toEqual([]);

      await rig.endIssuer();
      rig.venue.clock.moveTo(parseInstant('2026-11-24T10:30:05+09:00'));
      await page.goto(`${rig.door}/d/front/exit`);
      await page.getByText('2,000円').waitFor();
      await page.getByRole('button', { name: 'QRを表示' }).click();
      await page.getByRole('img', { name: 'スキャナー用のQRコード' }).waitFor();
      await page.getByRole('button', { name: '閉じる' }).click();
      await page.getByRole('button', { name: 'チェックアウトして出る' }).click();
      await page.getByRole('status').getByText('チェックアウトしました').waitFor();
      await page.context().close();
    },
    3 * BROWSER_MS_MAX,
  );
}

function handsOver(parts: Parts): void {
  it(
    'is not given proofs that somebody else hands over in a link',
    async () => {
      const { rig, browser } = parts();
      const attacker = await browser.open(`${rig.issuer}/`, PHONE);
      await enrolAtIssuer(attacker);
      const door = `${rig.door}/d/front/entry`;
      const requests = Buffer.from('[{"method":"POST","path":"/api/doors/front/entry"}]').toString(
        'base64url',
      );
      const handed = attacker.waitForEvent('framenavigated', (frame) => frame.url().startsWith(`${door}#`));
      await attacker.goto(
        `${rig.issuer}/handoff?${String(new URLSearchParams({ return: door, requests, state: 's' }))}`,
      );
      const link = (await handed).url();
      const page = await browser.open(link, PHONE);
      await page.getByRole('heading', NOT_ENROLLED).waitFor();
      expect(page.url()).toBe(door);
      await page.context().close();
      await attacker.context().close();
    },
    2 * BROWSER_MS_MAX,
  );

  it(
    'goes there and back with proofs, and is in at a tap and not before; out with the issuer dead; nobody but a venue gets any',
    async () => {
      const { rig, browser } = parts();
      const page = await browser.open(`${rig.issuer}/`, PHONE);
      await enrolAtIssuer(page);
      const handOff = async (side: string) => {
        await page.goto(`${rig.door}/d/front/${side}`);
        await page.getByRole('heading', NOT_ENROLLED).waitFor();
        await page.getByRole('button', HAND_OFF).click();
      };
      await handOff('entry');
      await page.getByRole('button', OPEN).waitFor();
      expect(page.url()).toBe(`${rig.door}/d/front/entry`);
      expect(granted(rig)).toEqual([]);
      await page.getByRole('button', OPEN).click();
      await page.getByRole('status').getByText('チェックインしました').waitFor();
      // Each proof is for one request: the next needs the way to the wallet again.
      await page.getByRole('button', { name: 'もう一度ドアを開ける' }).click();
      await page.getByRole('heading', NOT_ENROLLED).waitFor();

      await rig.endIssuer();
      await handOff('exit');
      await page.getByRole('button', { name: 'チェックアウトして出る' }).click();
      await page.getByRole('status').getByText('チェックアウトしました').waitFor();
      expect(granted(rig).map(({ data }) => data)).toMatchObject([
        { kind: 'check-in' },
        { kind: 'check-out' },
      ]);

      const to = new URLSearchParams({ return: rig.shop, requests: 'W10', state: 's' });
      await page.goto(`${rig.issuer}/handoff?${String(to)}`);
      await page.getByRole('heading', { name: 'このブラウザには、お客様の鍵がありません' }).waitFor();
      await page.context().close();
    },
    3 * BROWSER_MS_MAX,
  );
}
