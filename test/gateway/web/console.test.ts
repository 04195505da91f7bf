import { once } from 'node:events';
import { createServer, request as httpRequest, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BROWSER_MS_MAX, launchBrowser, seriousFindings, type TestBrowser } from '../../venue/browser.ts';
import { billStay } from '../../../gateway/access/close.ts';
import { hashPassword } from '../../../gateway/operators/password.ts';
import { DAY_MS, parseInstant } from '../../../shared/time.ts';
import { stayOf } from '../access/told.ts';
import { needs } from '../../needs.ts';
import { isEverything } from '../../trials.ts';
import { until } from '../../venue/until.ts';
import type { Venue } from '../../venue/venue.ts';
import { openConsole, PASSWORD, seatOf } from './rig.ts';

/** What an operator reads. */
const TEXTS = {
  ja: {
    ...{
      minutes: 90,
      charged: '2,000円',
      line: '4 × 500円 = 2,000円',
      corrected: '1,000円',
      correctedLine: '2 × 500円 = 1,000円',
    },
    ...{ acknowledged: '確認済み', seen: 'hanako が確認', denied: 'ドアの封鎖中' },
    ...{ released: '解錠しました。', secured: '施錠しました。' },
  },
  en: {
    ...{
      minutes: 125,
      charged: '¥2,500',
      line: '5 × ¥500 = ¥2,500',
      corrected: '¥1,000',
      correctedLine: '2 × ¥500 = ¥1,000',
    },
    ...{ acknowledged: 'acknowledged', seen: 'seen by hanako', denied: 'door locked down' },
    ...{ released: 'The lock is released.', secured: 'The lock is secured.' },
  },
} as const;
const NINE = parseInstant('2026-11-24T09:00:00+09:00');
const LANGUAGES = ['ja', 'en'] as const;

describe('the operators’ console in Chromium', needs('chromium'), () => {
  let browser: TestBrowser;
  let venue: Venue;

  beforeAll(async () => {
    venue = await openConsole();
    browser = await launchBrowser();
  }, BROWSER_MS_MAX);

  afterEach(() => {
    expect(browser.complaints()).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    await venue.close();
  });

  async function signIn(
    lang: 'ja' | 'en',
    name = 'hanako',
    options = {},
    origin = venue.gateway.web.address(),
  ): Promise<Page> {
    const page = await browser.open(`${origin}/?lang=${lang}`, options);
    await page.locator('input[name=name]').fill(name);
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('form.sign-in button').click();
    await page.locator('.door[data-lock]').first().waitFor();
    return page;
  }

  const isConcluded = () => {
    const names = venue.ledger().map(({ name }) => name);
    const count = (...wanted: readonly string[]) => names.filter((name) => wanted.includes(name)).length;
    return count('access.granted') === count('access.taken', 'access.not-taken');
  };

  /** Gives an order with a reason and, where it is asked for, the password; returns what the dialog says at last. */
  async function order(page: Page, cmd: string, done: string): Promise<void> {
    await page.locator(`.door [data-cmd="${cmd}"]`).click();
    await page.locator('dialog input[name=reason]').fill('a test');
    const password = page.locator('dialog input[name=password]');
    if ((await password.count()) > 0) await password.fill(PASSWORD);
    await page.locator('dialog button.main').click();
    await page.locator('dialog .result').getByText(done).waitFor();
    await page.locator('dialog .buttons button').first().click();
  }

  it.each([
    ['ja', '扉が開いた記録なし', '9,000円'],
    ['en', 'the door was not seen to open', '¥9,000'],
  ] as const)(
    'lists in %s what an operator has to look at, with its flags and its amount',
    async (lang, flag, yen) => {
      const { gateway, issuer } = venue;
      const stay = stayOf(seatOf(venue, 7), {
        ...{
          iss: issuer.iss,
          sub: `m-review-${lang}`,
          id: `review-${lang}`,
          grant: null,
          state: 'forgotten',
        },
        ...{ checkInMs: NINE, flags: ['door-not-opened'], closingMs: NINE + 9 * 3600_000 },
      });
      const context = { venue: venue.config.venue, nowMs: NINE, online: true, clock: 'trusted' } as const;
      gateway.journal.write((writer) => writer.stays.put(billStay(stay, context, 'test').stay));
      const page = await signIn(lang);
      const row = page.locator('.review li', { hasText: stay.sub });
      await row.getByText(flag).waitFor();
      await row.getByText(yen).waitFor();
    },
  );

  it('asks whoever signs in with the password of the first day for one of their own', async () => {
    const password = await hashPassword(PASSWORD);
    const createdAt = '2026-11-24T09:00:00+09:00';
    venue.gateway.operators.accounts.put({ name: 'ume', role: 'admin', password, createdAt, oneTime: true });
    const page = await browser.open(`${venue.gateway.web.address()}/?lang=en`);
    const chosen = page.locator('input[name=newPassword]');
    const submit = page.locator('form.sign-in button');
    expect(await chosen.isVisible()).toBe(false);
    await page.locator('input[name=name]').fill('ume');
    await page.locator('input[name=password]').fill(PASSWORD);
    await submit.click();
    await page.getByRole('alert').getByText('choose your own').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.locator('input[name=name]').fill('um');
    expect(await chosen.isVisible()).toBe(false);
    await page.locator('input[name=name]').fill('ume');
    await submit.click();
    await chosen.waitFor();
    await chosen.fill('staple staple staple');
    await submit.click();
    await page.locator('.door[data-lock]').first().waitFor();
    // The browser logs every refusal.
    expect(browser.complaints()).toHaveLength(2);
    expect(venue.gateway.operators.accounts.find('ume')).not.toHaveProperty('oneTime');
    await page.context().close();
  });

  it.each(LANGUAGES)(
    'shows an entry within a second of its pulse, who is inside, and the chain of the visit with its charge, in %s',
    async (lang) => {
      const texts = TEXTS[lang];
      const sub = `m-visit-${lang}`;
      const page = await signIn(lang);
      venue.clock.moveTo(NINE + DAY_MS * LANGUAGES.indexOf(lang));
      const member = await venue.member(sub, [
        seatOf(venue, 10 + LANGUAGES.indexOf(lang), lang === 'ja' ? 24 : 25),
      ]);
      venue.scanAt('entry', await member.wallet.code());
      await until('the pulse', () => venue.equipment.door.released);
      const pulsedAtMs = performance.now();
      await page.locator('#main [data-event="stay.checked-in"]').getByText(sub).waitFor();
      // A second where nothing else runs; a busy machine is given more.
      expect(performance.now() - pulsedAtMs).toBeLessThan(isEverything ? 1_000 : 10_000);
      await page.locator('.stays').getByText(sub).waitFor();

      await until('the lock is secured', () => !venue.equipment.door.released);
      venue.clock.moveBy(texts.minutes * 60_000);
      await member.renew();
      venue.scanAt('exit', await member.wallet.code());
      await page.locator('#main [data-event="charge.computed"]').getByText(texts.charged).click();
      await page.locator('.charge[data-rule=h1t-shortened] .amount').getByText(texts.line).waitFor();
      const chain = page.locator('.chain li');
      expect(await chain.nth(0).locator('time').textContent()).toContain(lang === 'ja' ? '11/24' : '25/11');
      await page
        .locator('.charge li')
        .first()
        .getByText(lang === 'ja' ? '11/24' : '25/11')
        .waitFor();
      expect(await chain.nth(0).getAttribute('data-event')).toBe('access.granted');
      await page.locator('.chain [data-event="charge.computed"] [data-receipted]').waitFor();
      expect(await seriousFindings(page)).toEqual([]);

      await page.locator('[data-cmd=correct-stay]').click();
      await page.locator('dialog input[name=checkOut]').fill(`2026-11-${lang === 'ja' ? 24 : 25}T09:40`);
      await page.locator('dialog input[name=reason]').fill('the member left earlier');
      await page.locator('dialog button.main').click();
      await page.locator('dialog .result').getByText(texts.corrected).waitFor();
      await page.locator('dialog .buttons button').first().click();
      await page.locator('.charge .amount').getByText(texts.correctedLine).waitFor();
      expect(venue.ledger().findLast(({ name }) => name === 'stay.corrected')?.data).toMatchObject({
        by: 'hanako',
      });

      await page.evaluate(`location.hash = '#/events'`);
      await page.locator('select[name=name]').selectOption('charge');
      await page.locator('input[name=text]').fill(sub);
      await page.locator('form.filters button').click();
      const charge = page.locator('#main [data-event="charge.computed"]');
      await charge.getByText(sub).getByText(texts.charged).waitFor();
      expect(await charge.locator('time').textContent()).toContain(lang === 'ja' ? '11/24' : '25/11');
      // The charge and its correction together.
      await page.locator('.total').getByText(texts.corrected).waitFor();
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it.each(LANGUAGES)(
    'acknowledges a forced-open alarm, with who saw it, in %s',
    async (lang) => {
      const texts = TEXTS[lang];
      const page = await signIn(lang);
      // Within the time of a grant an opening would be that member's.
      await until('every grant is concluded', isConcluded);
      await until('the lock is secured', () => !venue.equipment.door.released);
      venue.equipment.door.force();
      const alarm = page.locator('.alarm[data-alarm=forced-open]');
      await alarm.locator('[data-act=acknowledge]').click();
      await page.locator('dialog input[name=note]').fill('a cleaner’s trolley');
      await page.locator('dialog button.main').click();
      await page.locator('dialog .result').getByText(texts.acknowledged).waitFor();
      await page.locator('dialog .buttons button').first().click();
      await alarm.getByText(texts.seen).waitFor();
      venue.equipment.door.push();
      await alarm.waitFor({ state: 'detached' });
      const acts = venue.ledger().filter(({ name }) => name === 'command.executed');
      expect(acts.map(({ data }) => data)).toContainEqual(
        expect.objectContaining({ cmd: 'acknowledge-alarm', by: 'hanako', reason: 'a cleaner’s trolley' }),
      );
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it(
    'greys the alarms while the gateway is silent behind a proxy, and hears it again once the proxy has it back',
    async () => {
      const gateway = new URL(venue.gateway.web.address());
      const streams = new Set<ServerResponse>();
      let isDead = false;
      let refused = 0;
      const proxy = createServer((request, response) => {
        if (isDead) {
          if (request.url?.startsWith('/api/events') === true) refused += 1;
          response.writeHead(502).end();
          return;
        }
        const { url: path, method, headers } = request;
        const ahead = httpRequest(
          { host: gateway.hostname, port: gateway.port, path, method, headers },
          (answer) => {
            response.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(response);
          },
        );
        request.pipe(ahead);
        streams.add(response);
        response.on('close', () => {
          streams.delete(response);
          ahead.destroy();
        });
        ahead.on('error', () => response.destroy());
      });
      proxy.listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      const { port } = proxy.address() as AddressInfo;
      const page = await signIn('en', 'hanako', {}, `http://127.0.0.1:${port}`);
      venue.equipment.door.force();
      const alarm = page.locator('.alarm[data-alarm=forced-open]');
      await alarm.waitFor();
      isDead = true;
      for (const stream of streams) stream.destroy();
      await page.locator('[data-stale=true] .alarm[data-alarm=forced-open]').waitFor();
      await page.locator('nav .count').waitFor();
      await until('the stream is asked for and refused', () => refused > 0, BROWSER_MS_MAX);
      venue.equipment.door.push();
      isDead = false;
      await page.locator('[data-stale=false] .alarm[data-alarm=forced-open][data-state=ended]').waitFor();
      await page.locator('#main [data-event="door.closed"]').first().waitFor();
      await page.context().close();
      browser.complaints();
      proxy.close();
      proxy.closeAllConnections();
    },
    BROWSER_MS_MAX,
  );

  it.each(LANGUAGES)(
    'unlocks from afar, locks down and resumes, and says what the sensors saw, in %s',
    async (lang) => {
      const { released, secured, denied } = TEXTS[lang];
      const page = await signIn(lang);
      await order(page, 'unlock', released);
      await order(page, 'lockdown', secured);
      await page.locator('.door[data-mode=lockdown][data-lock=secured]').waitFor();
      const member = await venue.member(`m-locked-${lang}`, [seatOf(venue, 2)]);
      venue.scanAt('entry', await member.wallet.code());
      await page.locator('[data-event="access.denied"]').getByText(denied).first().waitFor();
      await order(page, 'resume', secured);
      await order(page, 'hold-open', released);
      await page.locator('.door[data-mode=hold-open][data-lock=released]').waitFor();
      await order(page, 'secure', secured);
      await order(page, 'resume', secured);
      await page.context().close();
    },
    BROWSER_MS_MAX * 2,
  );

  it.each([
    ['ja', 'light', { width: 1280, height: 800 }],
    ['en', 'dark', { width: 360, height: 740 }],
  ] as const)(
    'has nothing serious for axe and needs no sideways scrolling on any page (%s, %s)',
    async (lang, colorScheme, viewport) => {
      const page = await signIn(lang, 'taro', { viewport, colorScheme });
      for (const [name, ready] of [
        ['overview', '.door'],
        ['alarms', 'h1'],
        ['events', '.rows li'],
        ['charts', '.chart'],
      ]) {
        await page.evaluate(`location.hash = '#/${name}'`);
        await page.locator(`#main[data-page=${name}] ${ready}`).first().waitFor();
        expect(await seriousFindings(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
          viewport.width,
        );
      }
      expect(await page.locator('[data-cmd]').count()).toBe(0);
      await page.locator('[data-item=billing][data-tone=plain]').waitFor();
      const late = await page.evaluate(`(async () => {
        const { showStatus } = await import('/pages/console/status.js');
        const state = await (await fetch('/api/doors')).json();
        const place = document.createElement('ul');
        const alarms = [{ kind: 'billing-silent', state: 'active' }];
        const oldestWaitingMs = state.at - 61 * 60_000;
        showStatus(place, { ...state, alarms, ledger: { ...state.ledger, oldestWaitingMs } });
        return place.querySelector('[data-item=billing]').outerHTML;
      })()`);
      expect(late).toContain('data-tone="bad"');
      expect(late).toContain(lang === 'ja' ? '61 分の遅れ' : '61 min behind');
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );
});
