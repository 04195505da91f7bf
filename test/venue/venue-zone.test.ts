import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../../gateway/operators/password.ts';
import { parseInstant } from '../../shared/time.ts';
import { needs } from '../needs.ts';
import { BROWSER_MS_MAX } from './browser.ts';
import { enrol, openPhoneRig, PHONE, type PhoneRig } from './phone-rig.ts';
import { until } from './until.ts';

const PASSWORD = 'correct horse battery';

/** The venue is in New York; its issuer writes instants as Japan does, and every browser stands in London. */
const ABROAD = { timezoneId: 'Europe/London' };

describe('a venue in another zone than its visitors’ browsers', needs('chromium'), () => {
  let rig: PhoneRig;

  beforeAll(async () => {
    rig = await openPhoneRig({
      startMs: parseInstant('2026-11-24T09:02:00-05:00'),
      venue: { timeZone: 'America/New_York' },
      signIn: true,
    });
    rig.venue.gateway.operators.accounts.put({
      ...{ name: 'hanako', role: 'operator', createdAt: '2026-11-24T09:00:00-05:00' },
      password: await hashPassword(PASSWORD),
    });
  }, BROWSER_MS_MAX);

  afterEach(() => {
    expect(rig.browser.complaints()).toEqual([]);
  });

  afterAll(async () => {
    await rig.close();
  });

  it(
    'tells a member on the door page and in the wallet when the reservation is by the venue’s clocks',
    async () => {
      const page = await rig.browser.open(`${rig.origin}/d/front/entry`, { ...PHONE, ...ABROAD });
      await enrol(page, '佐藤 花');
      await page.getByText('9:00–12:00').waitFor();
      await page.getByRole('button', { name: 'ドアを開ける', exact: true }).click();
      await page.getByRole('status').getByText('チェックインしました').waitFor();
      await page.locator('#facts').getByText('9:02', { exact: true }).waitFor();
      await page.getByText('9:30 より前に出ると').waitFor();

      await page.goto(`${rig.origin}/wallet/`);
      await page.getByText('11月24日 9:00–12:00 座席 14').first().waitFor();
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it(
    'shows an operator the venue’s times, and takes the times that are given as the venue’s',
    async () => {
      const page = await rig.browser.open(`${rig.venue.gateway.web.address()}/console?lang=en`, ABROAD);
      await page.locator('input[name=name]').fill('hanako');
      await page.locator('input[name=password]').fill(PASSWORD);
      await page.locator('form.sign-in button').click();
      await page
        .locator('[data-item=clock]')
        .getByText(/^09:\d\d:\d\d/)
        .waitFor();
      await page.locator('.stays').getByText('since 09:02 until 12:00').waitFor();
      const row = page.locator('#main [data-event="stay.checked-in"]');
      await row.getByText('9:00–12:00').waitFor();
      expect(await row.locator('time').textContent()).toMatch(/^09:02:/);

      rig.venue.clock.moveTo(parseInstant('2026-11-24T11:00:00-05:00'));
      await page.locator('.stays a').click();
      await page.locator('[data-cmd=check-out]').click();
      const at = page.locator('dialog input[name=at]');
      expect(await at.getAttribute('min')).toBe('2026-11-24T09:02');
      await at.fill('2026-11-24T10:10');
      await page.locator('dialog input[name=reason]').fill('left by the open door');
      await page.locator('dialog button.main').click();
      await page.locator('dialog .result[data-tone=good]').waitFor();
      await until('the check-out', () => rig.venue.ledger().some(({ name }) => name === 'stay.checked-out'));
      expect(rig.venue.ledger().find(({ name }) => name === 'stay.checked-out')?.data).toMatchObject({
        checkOut: '2026-11-24T10:10:00-05:00',
      });
      await page.locator('dialog .buttons button').first().click();

      await page.locator('#nav a[href="#/events"]').click();
      await page.locator('input[name=from]').fill('2026-11-24T10:59');
      await page.locator('form.filters button').click();
      await page.locator('.rows li[data-event="stay.checked-out"]').waitFor();
      await page.locator('.rows li[data-event="stay.checked-in"]').waitFor({ state: 'detached' });
      await page.locator('#nav a[href="#/charts"]').click();
      await page
        .locator('.charts td, .charts th')
        .getByText('Tue 24/11')
        .or(page.getByText('Tue, 24/11'))
        .first()
        .waitFor({ state: 'attached' });
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it.each([
    [
      'the hour that clocks put forward leave out is an hour later',
      '2026-03-08T02:30',
      '2026-03-08T07:30:00.000Z',
    ],
    [
      'of the hour that clocks put back show twice the first is taken',
      '2026-11-01T01:30',
      '2026-11-01T05:30:00.000Z',
    ],
    [
      'the minute before clocks are put forward is winter time',
      '2026-03-08T01:59',
      '2026-03-08T06:59:00.000Z',
    ],
    ['the minute after is summer time', '2026-03-08T03:00', '2026-03-08T07:00:00.000Z'],
    [
      'the first minute after the second showing is winter time',
      '2026-11-01T02:00',
      '2026-11-01T07:00:00.000Z',
    ],
    ['an evening whose UTC date is the next day', '2026-06-30T23:15', '2026-07-01T03:15:00.000Z'],
  ])(
    'reads a time that an operator gives: %s',
    async (_what, shown, instant) => {
      const page = await rig.browser.open(`${rig.venue.gateway.web.address()}/console`, ABROAD);

      expect(await page.evaluate(`import('/pages/venue-time.js').then((m) => m.instantAt('${shown}'))`)).toBe(
        instant,
      );
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );
});
