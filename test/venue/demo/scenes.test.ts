import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Sqlite } from '../../../gateway/journal/sqlite.ts';
import { parseEvent, type EventName, type LedgerEvent } from '../../../shared/contract/events.ts';
import { needs } from '../../needs.ts';
import { BROWSER_MS_MAX, launchBrowser, seriousFindings, type TestBrowser } from '../browser.ts';
import type { SCENES } from './acts.ts';
import { Director } from './director.ts';
import { createDemoServer } from './server.ts';
import { until } from '../until.ts';

/** A scene goes at the pace of a real door. */
const SCENE_MS_MAX = 150_000;

/** The gateway looks at least once a minute for what is due. */
const SETTLED_MS_MAX = 90_000;

/** The narrowest phone that the page is made for. */
const NARROW = { width: 320, height: 640 };

describe('the guided tour in Chromium', needs('chromium'), () => {
  let browser: TestBrowser;
  let server: FastifyInstance;
  let director: Director;
  let origin: string;

  beforeAll(async () => {
    let open: Director | null = null;
    server = await createDemoServer(() => open);
    await server.listen({ host: '127.0.0.1', port: 0 });
    const { port } = server.server.address() as AddressInfo;
    origin = `http://localhost:${port}`;
    [director, browser] = await Promise.all([Director.open({ publicPort: port }), launchBrowser()]);
    open = director;
  }, SCENE_MS_MAX);

  afterEach(() => {
    expect(browser.complaints()).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
    await director.close();
  }, SCENE_MS_MAX);

  /** What is on the disk, whatever process lives. */
  function journal(): readonly LedgerEvent[] {
    const db = new Sqlite(director.journal, { readonly: true });
    try {
      const rows = db.prepare<[], { body: string }>('SELECT body FROM events ORDER BY seq').all();
      return rows.map(({ body }) => parseEvent(JSON.parse(body)));
    } finally {
      db.close();
    }
  }

  /** A scene that has begun, and what came since. */
  async function begin(scene: (typeof SCENES)[number], options?: BrowserContextOptions) {
    const page = await browser.open(`${origin}/?scene=${scene}&lang=en`, options);
    await page.locator('body[data-ready=true]').waitFor({ timeout: SCENE_MS_MAX });
    const fromSeq = journal().length;
    const beganMs = Date.now();
    let step = 0;
    return {
      page,
      result: page.getByRole('status'),
      /** Does the next steps of the story. */
      next: async (steps = 1): Promise<void> => {
        for (let i = 0; i < steps; i += 1) {
          step += 1;
          await page.locator('#story-do[aria-disabled=false]').click();
          await page.locator(`#story[data-step="${step}"]`).waitFor({ timeout: SCENE_MS_MAX });
        }
      },
      /** Events of one name that the journal has got since the scene began. */
      written: <N extends EventName>(name: N) =>
        journal().filter(
          (event): event is Extract<LedgerEvent, { name: N }> => event.seq > fromSeq && event.name === name,
        ),
      /** How often the lock relay's pin has gone high since the scene began. */
      pulses: () =>
        (director.seen?.moves ?? []).filter(({ released, atMs }) => released && atMs > beganMs).length,
      fact: (node: string, name: string) => page.locator(`#node-${node} [data-fact=${name}]`),
      door: (name: 'lock' | 'leaf', value: string) =>
        page.locator(`#door-facts [data-fact=${name}][data-value=${value}]`).waitFor(),
    };
  }

  /** The seat that is reserved today: what the night settles of yesterday comes when it comes. */
  const todays = () => director.members.facts().seat.entitlement.id;

  const billsNow = () => director.billing.bill().filter(({ reservation }) => reservation === todays());

  /** Today's seat as the billing service holds it; and the same on the page. */
  async function billed(page: Page, yen: number) {
    await page
      .locator(`#bill [data-reservation=${todays()}][data-yen="${yen}"]`)
      .waitFor({ timeout: SETTLED_MS_MAX });
    const [stay, ...more] = billsNow();
    expect(more).toEqual([]);
    if (!stay?.charge) throw new Error('nothing is billed for the seat');
    expect(stay.charge.yen).toBe(yen);
    return stay.charge;
  }

  const chargesNow = () =>
    journal()
      .filter((event) => event.name === 'charge.computed')
      .filter(({ data }) => data.reservation === todays());

  function expectNothingLost(): void {
    const rows = journal();
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
    const { gaps, mismatches } = director.billing.report();
    expect({ gaps, mismatches }).toEqual({ gaps: [], mismatches: [] });
  }

  it(
    '1: a plain visit opens the door twice and is billed 3,000 yen',
    async () => {
      const { page, next, result, written, pulses, door } = await begin('visit');
      await next(2);
      await result.getByText('You are checked in.').waitFor();
      await door('lock', 'released');
      expect(director.seen?.pins.lockRelay).toBe(true);
      await next();
      await door('leaf', 'open');
      await page.locator('#ledger [data-event="stay.checked-in"]').first().getByText('seat-12').waitFor();
      // A second lease within the first would be one release of the relay.
      await door('lock', 'secured');
      await next(3);

      const charge = await billed(page, 3000);
      expect(charge).toMatchObject({ rule: 'reserved', units: 6, online: true });
      expect(written('access.granted').map(({ data }) => data.kind)).toEqual(['check-in', 'check-out']);
      expect(pulses()).toBe(2);
      expectNothingLost();
      await page.context().close();
    },
    SCENE_MS_MAX,
  );

  it(
    '2: a check-out at 10:29:50 would cost 1,500 yen, one at 10:30:00 costs 2,000',
    async () => {
      const { page, next, result } = await begin('half-past-ten');
      await next(3);
      await result.getByText('¥1,500 (9:00–10:30').waitFor();
      await next();
      await result.getByText('¥2,000 (9:00–11:00').waitFor();
      await next(2);

      const charge = await billed(page, 2000);
      expect(charge).toMatchObject({ rule: 'h1t-shortened', units: 4 });
      expect(charge.chargedTo).toContain('T11:00:00');
      expectNothingLost();
      await page.context().close();
    },
    SCENE_MS_MAX,
  );

  it(
    '3: with the line cut the visit is decided and charged, and the cloud has each event once when it is mended',
    async () => {
      const { page, next, fact } = await begin('line-down');
      await next(5);
      await fact('cloud', 'line').getByText('down').waitFor();
      await fact('gateway', 'outbox').getByText('waiting for a receipt').waitFor();
      expect(billsNow()).toEqual([]);
      expect(chargesNow().map(({ data }) => data.charge.yen)).toEqual([2000]);
      await next();

      const charge = await billed(page, 2000);
      expect(charge).toMatchObject({ rule: 'h1t-shortened', online: false });
      await fact('gateway', 'outbox').getByText('empty').waitFor();
      expectNothingLost();
      await page.context().close();
    },
    SCENE_MS_MAX,
  );

  it(
    '4: a gateway killed at the pulse comes back with one visit, which is billed once',
    async () => {
      const { page, next, written, fact } = await begin('power-cut');
      await next(2);
      await page.locator('#node-gateway[data-life=off]').waitFor();
      await fact('gateway', 'journal').getByText('unknown').waitFor();
      expect(director.gatewayLife).toBe('off');
      expect(written('access.granted')).toHaveLength(1);
      await next(4);

      await billed(page, 3000);
      expect(written('stay.checked-in')).toHaveLength(1);
      expect(chargesNow()).toHaveLength(1);
      expect(written('gateway.started')).toHaveLength(1);
      expectNothingLost();
      await page.context().close();
    },
    SCENE_MS_MAX,
  );

  it(
    '5: a forged code moves no pin, is journalled, and leaves the reader to the next member',
    async () => {
      const { page, next, result, written, pulses } = await begin('forged');
      await next(2);
      await result.getByText('Denied').waitFor();
      await next();
      await result.getByText('It does not give way.').waitFor();
      expect(pulses()).toBe(0);
      expect(written('access.denied').map(({ data }) => data.reason)).toEqual(['unreadable']);
      await next(2);

      expect(pulses()).toBe(1);
      expect(written('access.granted')).toHaveLength(1);
      await page.context().close();
    },
    SCENE_MS_MAX,
  );

  it(
    '6: a picture of a code that was used is refused, and the door stays shut',
    async () => {
      const { page, next, result, written, pulses } = await begin('photographed');
      await next(4);
      await result.getByText('Denied').waitFor();
      await next();
      await result.getByText('It does not give way.').waitFor();

      expect(written('access.denied').map(({ data }) => data.reason)).toEqual(['replay']);
      expect(pulses()).toBe(1);
      await page.context().close();
    },
    SCENE_MS_MAX,
  );

  it(
    '7: a visit that nobody ended is settled once, to closing time: 13,000 yen',
    async () => {
      const { page, next, written } = await begin('forgotten');
      await next(5);

      const charge = await billed(page, 13_000);
      expect(charge).toMatchObject({ rule: 'forgotten-seat-to-closing' });
      expect(charge.chargedTo).toContain('T22:00:00');
      expect(chargesNow()).toHaveLength(1);
      expect(written('door.egress').length).toBeGreaterThan(0);
      await page.context().close();
    },
    SCENE_MS_MAX,
  );

  it(
    '8: a forced door is an alarm, and the relay never moved',
    async () => {
      const { page, next, written, pulses, fact, door } = await begin('forced');
      await next();
      await fact('gateway', 'believes').getByText('Door forced open').waitFor();
      await door('lock', 'secured');
      await next();
      await fact('gateway', 'believes').getByText('secured · closed').waitFor();

      expect(written('door.forced-open')).toHaveLength(1);
      expect(written('access.granted')).toHaveLength(0);
      expect(pulses()).toBe(0);
      await page.context().close();
    },
    SCENE_MS_MAX,
  );

  it(
    '9: with the gateway dead the door is shut from outside and opens from inside by the firmware',
    async () => {
      const { page, next, result, pulses, fact, door } = await begin('pi-dead');
      await next(2);
      await result.getByText('It does not give way.').waitFor();
      expect(pulses()).toBe(0);
      await next();
      await door('lock', 'released');
      expect(director.gatewayLife).toBe('off');
      expect(pulses()).toBe(1);
      await next();
      await door('leaf', 'open');
      await next();

      await fact('gateway', 'believes').getByText('secured · closed').waitFor();
      await page.context().close();
    },
    SCENE_MS_MAX,
  );

  it(
    'shows a board that was stopped as without power, and what the gateway believes of it as unknown',
    async () => {
      const page = await browser.open(`${origin}/?lang=en`);
      await page.locator('body[data-ready=true]').waitFor();
      await page.getByRole('button', { name: 'Cut the controller’s power' }).click();
      await page.locator('#door-facts [data-fact=lock][data-value=unpowered]').waitFor();
      await page.locator('#node-gateway [data-fact=believes]').getByText('unknown').waitFor();
      expect(director.seen).toBeNull();

      await page.getByRole('button', { name: 'Power the controller' }).click();
      await page.locator('#node-gateway [data-fact=believes]').getByText('secured · closed').waitFor();
      await page.context().close();
    },
    SCENE_MS_MAX,
  );

  it(
    'names a fire at the door as the gateway tells it, until the panel takes it back',
    async () => {
      const page = await browser.open(`${origin}/?lang=en`);
      await page.locator('body[data-ready=true]').waitFor();
      const believes = page.locator('#node-gateway [data-fact=believes]');
      await page.locator('[data-control=fire][data-well=true]').click();
      await believes.getByText('released · closed · Fire release').waitFor();
      await page.locator('[data-control=fire][data-well=false]').click();
      await believes.getByText('secured · closed').waitFor();
      await page.context().close();
    },
    SCENE_MS_MAX,
  );

  it.each([
    ['light', 'ja'],
    ['dark', 'en'],
  ] as const)(
    'has nothing that axe calls serious, in %s and %s',
    async (colorScheme, lang) => {
      const page = await browser.open(`${origin}/?lang=${lang}`, { colorScheme });
      await page.locator('body[data-ready=true]').waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it(
    'is ready for hands on a phone four times as slow as this machine',
    async () => {
      const page = await browser.open('about:blank');
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
      await page.goto(`${origin}/?lang=ja`);
      await page.locator('body[data-ready=true]').waitFor();
      const readyMs = await page.evaluate<number>("performance.getEntriesByName('ready')[0].startTime");
      process.stdout.write(
        `the page was interactive after ${Math.round(readyMs)} ms at a quarter of the speed\n`,
      );
      expect(readyMs).toBeGreaterThan(0);
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it.each(['light', 'dark'] as const)(
    'needs no sideways scrolling at 320 pixels, in %s and both languages',
    async (colorScheme) => {
      for (const lang of ['ja', 'en']) {
        const page = await browser.open(`${origin}/?lang=${lang}`, { viewport: NARROW, colorScheme });
        await page.locator('body[data-ready=true]').waitFor();
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(NARROW.width);
        await page.context().close();
      }
    },
    BROWSER_MS_MAX,
  );

  it(
    'leads to the console, where the operator of this run signs in and unlocks the door',
    async () => {
      const page = await browser.open(`${origin}/?lang=en`);
      const [console] = await Promise.all([
        page.waitForEvent('popup'),
        page.getByRole('link', { name: 'The operator’s console' }).click(),
      ]);
      await console.getByLabel('Name').fill(director.operator.name);
      await console.getByLabel('Password', { exact: true }).fill(director.operator.password);
      await console.getByRole('button', { name: 'Sign in' }).click();
      await console.getByRole('button', { name: 'Unlock' }).click();
      const dialog = console.getByRole('dialog');
      await dialog.getByLabel('Reason').fill('a try');
      await dialog.getByLabel('Password', { exact: true }).fill(director.operator.password);
      await dialog.locator('button[type=submit]').click();
      await until('the relay is released', () => director.seen?.pins.lockRelay === true);
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it(
    'weighs no more than 150 kB, scripts, styles and words together',
    async () => {
      const page = await browser.open(`${origin}/?lang=ja`);
      await page.locator('body[data-ready=true]').waitFor();
      const bytes = await page.evaluate<number>(
        `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .filter(({ name }) => !/\\/demo\\/(events|phone|act|preview)/.test(name))
        .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)`,
      );
      expect(bytes).toBeGreaterThan(20_000);
      expect(bytes).toBeLessThanOrEqual(150_000);
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );
});
