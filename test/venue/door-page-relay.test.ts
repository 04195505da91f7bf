import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doorPageRoutes } from '../../gateway/web/door-page-routes.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import { parseInstant } from '../../shared/time.ts';
import { needs } from '../needs.ts';
import { BROWSER_MS_MAX, launchBrowser, type TestBrowser } from './browser.ts';
import { memberSite } from './member-site.ts';
import { enrol, freePort, PHONE } from './phone-rig.ts';
import { decodeQr } from './qr-decoder.ts';
import { startRelay, type Relay } from './relay.ts';
import { until } from './until.ts';
import { openVenue, type Venue } from './venue.ts';
import { createDemoAccounts, type DemoAccounts } from './wallet-demo.ts';

const OPEN = { name: 'ドアを開ける', exact: true } as const;
const SCAN_AGAIN = { name: 'ドアのコードを読み取り直してください' } as const;

/** A code is shown for 15 s and taken for as long again. */
const PHOTOGRAPH_MS = 30_000;

describe('phones on mobile data, over the relay', needs('chromium', 'zbarimg'), () => {
  let venue: Venue;
  let relay: Relay;
  let browser: TestBrowser;
  let origin: string;
  /** The screens at the door, as cameras see them. */
  const displays: Partial<Record<Side, Page>> = {};
  let photograph: { url: string; takenMs: number };

  beforeAll(async () => {
    const port = await freePort();
    // The name leads to the relay. The gateway listens elsewhere, and no phone is told where.
    origin = `http://localhost:${port}`;
    venue = await openVenue({
      startMs: parseInstant('2026-11-24T09:02:00+09:00'),
      pulseMs: 400,
      http: { publicOrigin: origin },
      door: { code: 'rotating' },
      members: { issuer: `${origin}/wallet`, support: '03-0000-0000' },
    });
    const site: DemoAccounts = createDemoAccounts({
      venue: { ...venue.config.venue, origin },
      issuer: venue.issuer,
      clock: venue.clock,
      onBooked: (_sub, reservation) => venue.book(reservation),
      onReplaced: (devices) => void venue.revokeDevices(devices),
    });
    relay = await startRelay({
      brokerUrl: venue.line.url,
      venue: venue.id,
      nowMs: () => venue.clock.wallMs(),
      port,
      pages: (app) => {
        void app.register(doorPageRoutes, { config: venue.config, nonces: null, clock: venue.clock });
        memberSite(app, { accounts: () => site.accounts });
      },
    });
    browser = await launchBrowser();
    for (const side of ['entry', 'exit'] as const) {
      const display = `${venue.gateway.web.address()}/display/front?side=${side}`;
      displays[side] = await browser.open(display, { viewport: { width: 480, height: 640 } });
    }
    photograph = { url: await read('entry'), takenMs: performance.now() };
  }, BROWSER_MS_MAX);

  afterAll(async () => {
    await browser.close();
    await relay.close();
    await venue.close();
  });

  /** What a camera reads off the display now. */
  async function read(side: Side): Promise<string> {
    const display = displays[side];
    if (display === undefined) throw new Error(`no display at the ${side}`);
    await display.locator('body[data-state=code]').waitFor();
    const [url, ...more] = decodeQr(await display.locator('.frame').screenshot());
    if (url === undefined || more.length > 0) throw new Error('one code is shown');
    return url;
  }

  /** An enrolled phone, and where it has sent its requests. */
  async function phone(member: string) {
    const page = await browser.open(`${origin}/d/front/entry`, PHONE);
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await enrol(page, member);
    return { page, hosts };
  }

  const granted = () => venue.ledger().filter(({ name }) => name === 'access.granted');

  async function enter(page: Page): Promise<void> {
    await page.getByRole('button', OPEN).click();
    await page.getByRole('status').getByText('チェックインしました').waitFor();
  }

  it(
    'reads the code off the display and is in, sees the price at the exit, and is out; the same code again is refused',
    async () => {
      const { page, hosts } = await phone('佐藤 花');
      const url = await read('entry');
      expect(url).toMatch(new RegExp(`^${origin}/d/front/entry\\?c=`));
      // A preview or a prefetch: it burns nothing, and it opens nothing.
      await fetch(url);
      await fetch(url, { headers: { 'sec-purpose': 'prefetch' } });
      const pulsesMs: number[] = [];
      venue.equipment.board.onPin('lockRelay', (level) => {
        if (level) pulsesMs.push(performance.now());
      });
      await page.goto(url);
      await page.getByRole('button', OPEN).waitFor();
      expect(page.url()).toBe(`${origin}/d/front/entry`);
      expect(pulsesMs).toEqual([]);
      const tappedMs = performance.now();
      await enter(page);
      await until('the relay goes high', () => pulsesMs.length > 0);
      process.stdout.write(
        `from tap to pulse over the relay: ${Math.round((pulsesMs[0] ?? NaN) - tappedMs)} ms\n`,
      );
      expect(granted()).toMatchObject([{ data: { kind: 'check-in', via: 'relay' } }]);

      await page.goto(url);
      await page.getByRole('heading', SCAN_AGAIN).waitFor();
      expect(granted()).toHaveLength(1);

      await until('the lock is secured', () => !venue.equipment.door.released);
      venue.clock.moveTo(parseInstant('2026-11-24T10:30:05+09:00'));
      await page.goto(await read('exit'));
      await page.getByText('2,000円').waitFor();
      await page.getByRole('button', { name: 'チェックアウトして出る' }).click();
      await page.getByRole('status').getByText('チェックアウトしました').waitFor();
      expect(granted().at(-1)).toMatchObject({ data: { kind: 'check-out', via: 'relay' } });
      expect([...hosts]).toEqual([new URL(origin).host]);
      await page.context().close();
    },
    2 * BROWSER_MS_MAX,
  );

  it(
    'lets two in who read the display one after the other before either taps',
    async () => {
      const [first, second] = [await phone('鈴木 健'), await phone('佐藤 花')];
      const before = granted().length;
      const one = await read('entry');
      await first.page.goto(one);
      await first.page.getByRole('button', OPEN).waitFor();
      // Redeemed with the page: the display has gone on to the next at once.
      let two = one;
      while (two === one) two = await read('entry');
      await second.page.goto(two);
      await second.page.getByRole('button', OPEN).waitFor();
      await Promise.all([
        first.page.getByRole('button', OPEN).click(),
        second.page.getByRole('button', OPEN).click(),
      ]);
      for (const { page } of [first, second]) await page.locator('body[data-tone=good]').waitFor();
      expect(granted()).toHaveLength(before + 2);
      await first.page.context().close();
      await second.page.context().close();
    },
    2 * BROWSER_MS_MAX,
  );

  it(
    'says that the door does not answer while the line is cut, and shows the QR for the scanner',
    async () => {
      const { page } = await phone('鈴木 健');
      venue.line.cut();
      await page.goto(`${origin}/d/front/exit`);
      await page.getByRole('button', { name: 'QRを表示' }).click();
      await page.getByRole('img', { name: 'スキャナー用のQRコード' }).waitFor();
      venue.line.mend();
      await page.context().close();
      const isMended = () => relay.isOnline() && venue.gateway.isOnline();
      await until('gateway and relay are on line again', isMended, BROWSER_MS_MAX);
    },
    2 * BROWSER_MS_MAX,
  );

  // Last: the photograph grows old while the others run.
  it(
    'is refused with a photograph of the display that is 30 seconds old',
    async () => {
      const { page } = await phone('鈴木 健');
      const before = granted().length;
      const isOld = () => performance.now() - photograph.takenMs > PHOTOGRAPH_MS;
      await until('the photograph is old', isOld, 2 * PHOTOGRAPH_MS);
      await page.goto(photograph.url);
      await page.getByRole('heading', SCAN_AGAIN).waitFor();
      expect(granted()).toHaveLength(before);
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );
});
