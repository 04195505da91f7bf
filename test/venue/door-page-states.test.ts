import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MovableClock } from './clock.ts';
import { doorPageRoutes } from '../../gateway/web/door-page-routes.ts';
import { gatewayConfigSchema } from '../../shared/contract/config.ts';
import { needs } from '../needs.ts';
import { BROWSER_MS_MAX, launchBrowser, seriousFindings, type TestBrowser } from './browser.ts';
import { freePort, PHONE } from './phone-rig.ts';
import { createSigner } from './signer.ts';

/** Where pictures of all states are put, to be looked at; without it none are taken. */
const PICTURES = process.env['GENKAN_PICTURES'];

/** The most that the page may weigh, scripts, styles and words of one language together, uncompressed. */
const BYTES_MAX = 50_000;

/** Here a phone has no key yet: neither a QR nor visits are offered. */
const WITHOUT_KEY = [
  ...['starting', 'noDoor', 'insecure', 'elsewhere', 'noStorage'],
  ...['noIssuer', 'notEnrolled', 'enrolFailed', 'replaced'],
];

/** Nobody signs here. */
const KEY = (await createSigner('none')).publicKey;

const TODAY = new Intl.DateTimeFormat('sv', { timeZone: 'Asia/Tokyo' }).format(Date.now());
const at = (time: string) => `${TODAY}T${time}:00+09:00`;

/** What the phone reads of a pass: the signature is the gateway's concern. */
const passWith = (...ent: object[]) =>
  `e30.${Buffer.from(JSON.stringify({ ent, iat: 0, exp: 4_102_444_800 })).toString('base64url')}.`;
const SEAT = {
  kind: 'reservation',
  venue: 'shibuya-1',
  space: { id: 'seat-12', kind: 'seat' },
  start: at('00:00'),
  end: at('23:59'),
};
const kept = (...ent: object[]) => ({ venue: 'shibuya-1', member: '佐藤 花', pass: passWith(...ent) });
const CHARGE = {
  rule: 'h1t-shortened',
  chargedFrom: at('09:00'),
  chargedTo: at('11:00'),
  yen: 2_000,
  capApplied: false,
};
const preview = (charge: object | null) => ({
  stays: [{ stay: 's-1', space: charge === null ? null : 'seat-12', checkIn: at('09:02'), charge }],
});
const answer = (more: object) => ({
  stay: 's-1',
  space: null,
  until: null,
  uses: null,
  yen: null,
  stillOpen: [],
  ...more,
});
const problem = (code: string, title: string) => ({ problem: { code, title } });

/** A door and its page, by all that the page's configuration has. */
const configOf = (publicOrigin: string, members: object = {}) =>
  gatewayConfigSchema.parse({
    venue: { id: 'shibuya-1', name: '渋谷ワークラウンジ', kind: 'h1t', hours: null, capacity: 24 },
    gateway: { id: 'gw-1', journal: 'none' },
    http: { publicOrigin },
    doors: [{ id: 'front', controller: { path: '/dev/none' } }],
    members,
    uplink: null,
    trust: { issuers: [{ iss: 'none', keys: [KEY] }], cloud: [KEY] },
  });

/** Each state with what may stand in it: by name, state, and context. */
const SAMPLES: readonly (readonly [string, string, object])[] = [
  ['starting', 'starting', {}],
  ['no-door', 'noDoor', {}],
  ['insecure', 'insecure', { secureUrl: 'https://shibuya-1.gw.example.jp/d/front/entry' }],
  ['insecure-only', 'insecure', { secureUrl: null }],
  ['elsewhere', 'elsewhere', { rightUrl: 'https://shibuya-1.gw.example.jp/d/front/entry' }],
  ['no-storage', 'noStorage', { accountUrl: 'https://pass.example.jp/' }],
  ['no-issuer', 'noIssuer', {}],
  ['not-enrolled', 'notEnrolled', {}],
  ['not-enrolled-wallet', 'notEnrolled', { wallet: 'https://pass.example.jp' }],
  ['enrol-cancelled', 'enrolFailed', { code: 'cancelled' }],
  ['enrol-offline', 'enrolFailed', { code: 'offline' }],
  ['replaced', 'replaced', {}],
  ['entry-seat', 'entry', { kept: kept(SEAT) }],
  ['entry-ticket', 'entry', { kept: kept({ kind: 'ticket', plan: 'basic' }) }],
  ['entry-nothing', 'entry', { kept: kept() }],
  ['exit-seat', 'exit', { kept: kept(SEAT), preview: preview(CHARGE) }],
  ['exit-ticket', 'exit', { kept: kept(), preview: preview(null) }],
  ['exit-nothing', 'exit', { kept: kept(), preview: { stays: [] } }],
  ['working', 'working', { main: { act: 'open', label: '確認しています…' } }],
  [
    'granted-in',
    'granted',
    { answer: answer({ kind: 'check-in', space: 'seat-12', until: at('12:00') }), preview: preview(CHARGE) },
  ],
  [
    'granted-ticket',
    'granted',
    { answer: answer({ kind: 'check-in', uses: { shown: true, remaining: 3 } }), preview: preview(null) },
  ],
  [
    'granted-out',
    'granted',
    { answer: answer({ kind: 'check-out', space: 'seat-12', yen: 2_000 }), preview: preview(CHARGE) },
  ],
  [
    'shut-passback',
    'shut',
    problem('passback', 'すでに入室中です。出口でチェックアウトしてから、もう一度お試しください。'),
  ],
  [
    'checked-out-here',
    'checkedOutHere',
    { answer: answer({ kind: 'check-out', space: 'seat-12', yen: 3_500 }) },
  ],
  [
    'shut-left-open',
    'shut',
    {
      problem: {
        code: 'reservation-ended',
        title: 'ご予約の時間は終了しました。新しくご予約ください。',
        stillOpen: [{ stay: 's-1', space: 'seat-12' }],
      },
    },
  ],
  ['shut-no-reservation', 'shut', problem('no-reservation', '本日のご予約が見つかりません。')],
  [
    'scan-again',
    'shut',
    problem('code-used', 'このコードは使用済みです。新しいコードを読み取ってください。'),
  ],
  ['unreachable', 'unreachable', {}],
  ['failed', 'failed', {}],
];

describe('each state of the door page', needs('chromium'), () => {
  let app: FastifyInstance;
  let browser: TestBrowser;
  let origin: string;

  beforeAll(async () => {
    app = fastify();
    const config = configOf('http://localhost:1');
    await app.register(doorPageRoutes, { config, nonces: null, clock: new MovableClock() });
    await app.listen({ host: '127.0.0.1', port: 0 });
    origin = `http://localhost:${(app.server.address() as AddressInfo).port}`;
    browser = await launchBrowser();
  }, BROWSER_MS_MAX);

  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const open = (lang: string, more: object = {}) =>
    browser.open(`${origin}/d/front/entry?lang=${lang}`, { ...PHONE, ...more });

  /** Puts a state up, as the page does. */
  const show = (page: Page, state: string, context: object) =>
    page.evaluate(
      `(async () => {
        const [{ screenOf, wayTo }, { show }] = await Promise.all([
          import('/d/_/door/screens.js'), import('/d/_/door/view.js'),
        ]);
        const ways = ${JSON.stringify(WITHOUT_KEY.includes(state) ? [] : ['qr', 'visits'])};
        const always = [...ways.map(wayTo), { ...wayTo('call'), href: 'tel:03-0000-0000' }];
        show(screenOf(${JSON.stringify(state)}, { always, issuer: 'https://pass.example.jp', preview: null, ...${JSON.stringify(context)} }), () => {});
      })()`,
    );

  it('has a sample here', async () => {
    const page = await open('ja');
    const states = await page.evaluate<string[]>(
      `import('/d/_/door/screens.js').then(({ screens }) => Object.keys(screens))`,
    );
    expect(states.filter((state) => !SAMPLES.some(([, sampled]) => sampled === state))).toEqual([]);
    await page.context().close();
  });

  it.each([
    ['light', 'ja'],
    ['dark', 'en'],
    ...(PICTURES === undefined
      ? []
      : ([
          ['dark', 'ja'],
          ['light', 'en'],
        ] as const)),
  ] as const)(
    'has nothing that axe calls serious and fits the narrowest phone, in %s and %s',
    async (colorScheme, lang) => {
      const page = await open(lang, { colorScheme, reducedMotion: 'reduce' });
      if (PICTURES !== undefined) mkdirSync(PICTURES, { recursive: true });
      for (const [name, state, context] of SAMPLES) {
        await show(page, state, context);
        expect(await seriousFindings(page), name).toEqual([]);
        if (PICTURES !== undefined)
          await page.screenshot({ path: join(PICTURES, `${colorScheme}-${lang}-${name}.png`) });
        await page.setViewportSize({ width: 320, height: 568 });
        expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBe(320);
        await page.setViewportSize({ width: 390, height: 844 });
      }
      await page.context().close();
    },
    3 * BROWSER_MS_MAX,
  );

  it.each(['code-used', 'busy'])(
    'offers the reader first where somebody else is in the way: %s',
    async (code) => {
      const page = await open('ja');
      await show(page, 'shut', problem(code, '…'));
      expect(await page.locator('#main button').textContent()).toBe('QRを表示');
      expect(await page.getByRole('button', { name: 'QRを表示' }).count()).toBe(1);
      await page.context().close();
    },
  );

  // What signs with a wallet's key is loaded where a venue names a wallet, and then weighs in addition.
  it.each(['ja', 'en'])(
    'comes with a page of at most 50,000 bytes, in %s',
    async (lang) => {
      const page = await open(lang);
      await page.locator('body[data-tone=hm]').waitFor();
      const bytes = await page.evaluate<number>(
        `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
          .filter(({ initiatorType }) => initiatorType !== 'other')
          .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)`,
      );
      process.stdout.write(`the door page weighs ${bytes} bytes in ${lang}\n`);
      expect(bytes).toBeGreaterThan(20_000);
      expect(bytes).toBeLessThanOrEqual(BYTES_MAX);
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );
});

describe('the door page of a venue with a wallet and without an issuer', needs('chromium'), () => {
  let app: FastifyInstance;
  let browser: TestBrowser;
  let origin: string;

  beforeAll(async () => {
    app = fastify();
    const port = await freePort();
    origin = `http://localhost:${port}`;
    const config = configOf(origin, { wallet: `${origin}/no-wallet` });
    await app.register(doorPageRoutes, { config, nonces: null, clock: new MovableClock() });
    await app.listen({ host: '127.0.0.1', port });
    browser = await launchBrowser();
  }, BROWSER_MS_MAX);

  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  // The wallet is waited for each time.
  it.concurrent.each([
    ['nothing was handed over', ''],
    ['what was handed over is JSON and no hand-off', `#handed=${Buffer.from('null').toString('base64url')}`],
  ])(
    'offers the wallet’s key and no enrolment, where %s',
    async (_what, fragment) => {
      const page = await browser.open(`${origin}/d/front/entry?lang=en${fragment}`, PHONE);

      await page.getByRole('button', { name: 'Use the key of my account page' }).waitFor();
      expect(await page.locator('#main button').count()).toBe(0);
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it.concurrent.each([
    [undefined, 0],
    ['https://pass.example.jp', 1],
  ])(
    'offers to enrol again after an unreadable pass only where there is an issuer: %s',
    async (issuer, offered) => {
      const page = await browser.open(`${origin}/d/front/entry?lang=en`, PHONE);
      const context = JSON.stringify({ always: [], issuer, problem: { code: 'unreadable', title: 'No.' } });
      await page.getByRole('button', { name: 'Use the key of my account page' }).waitFor();
      await page.evaluate(`Promise.all([import('/d/_/door/screens.js'), import('/d/_/door/view.js')]).then(
        ([{ screenOf }, { show }]) => show(screenOf('shut', ${context}), () => {}))`);

      expect(await page.getByRole('button', { name: 'Sign in and enrol' }).count()).toBe(offered);
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );
});
