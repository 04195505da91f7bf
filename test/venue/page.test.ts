import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseInstant } from '../../shared/time.ts';
import { BROWSER_MS_MAX, hasBrowser, launchBrowser, type TestBrowser } from './browser.ts';
import { createDemoMembers } from './demo-members.ts';
import { demoRoutes, type Demo } from './demo.ts';
import { openVenue, type Venue } from './venue.ts';

/** The narrowest phone that the page is made for. */
const NARROW = { width: 320, height: 640 };

describe.skipIf(!hasBrowser)('the demo’s page in Chromium', () => {
  let browser: TestBrowser;
  let venue: Venue;
  let open: Demo | null = null;

  beforeAll(async () => {
    venue = await openVenue({
      startMs: parseInstant('2026-11-24T09:00:00+09:00'),
      extend: (app) => demoRoutes(app, () => open),
    });
    open = { venue, members: await createDemoMembers(venue) };
    browser = await launchBrowser();
  }, BROWSER_MS_MAX);

  afterEach(() => {
    expect(browser.complaints()).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    await venue.close();
  });

  async function visitPage(path: string, options?: BrowserContextOptions): Promise<Page> {
    const page = await browser.open(venue.gateway.web.address() + path, options);
    await page.locator('body[data-ready=true]').waitFor();
    return page;
  }

  it(
    'plays a visit: the door is seen released, the events appear, and 10:30 is billed 2,000 yen',
    async () => {
      const page = await visitPage('/?lang=en');
      const result = page.getByRole('status');
      const door = page.locator('.door[data-door=front]');

      await page.getByRole('button', { name: 'Hold to the entry reader' }).click();
      await result.getByText('You are checked in.').waitFor();
      await page.locator('.door[data-lock=released]').waitFor();
      await page.locator('#ledger [data-event="stay.checked-in"]').getByText('seat-12').waitFor();

      await page.getByRole('button', { name: 'Pull the door' }).click();
      await page.locator('.door[data-leaf=open]').waitFor();
      await page.getByRole('button', { name: 'Close the door' }).click();
      await page.locator('.door[data-leaf=closed]').waitFor();
      for (let halfHours = 0; halfHours < 3; halfHours += 1) {
        await page.getByRole('button', { name: 'Clock +30 minutes' }).click();
      }
      await page.getByRole('button', { name: 'Hold to the exit reader' }).click();
      await result.getByText('You are checked out.').waitFor();

      await page.locator('#total').getByText('¥2,000').waitFor();
      await page
        .locator('#ledger [data-event="charge.computed"]')
        .getByText('¥2,000 · 09:00–11:00')
        .waitFor();
      expect(await door.locator('[data-fact=controller]').textContent()).toBe('online');
      expect(venue.billing.totalYen()).toBe(2000);
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it(
    'tells in Japanese why a forged pass is refused, and the lock stays secured',
    async () => {
      const page = await visitPage('/?lang=ja');
      await page.locator('.door[data-lock=secured]').waitFor();

      await page.getByLabel('偽造されたパス').check();
      await page.getByRole('button', { name: '入口でかざす' }).click();
      await page.getByRole('status').getByText('コードを読み取れませんでした').waitFor();

      expect(await page.locator('.door').getAttribute('data-lock')).toBe('secured');
      expect(await page.locator('html').getAttribute('lang')).toBe('ja');
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it(
    'shows a door whose controller has lost its power as unknown, not as it was last',
    async () => {
      const page = await visitPage('/?lang=en');
      await page.getByRole('button', { name: 'Unplug the controller' }).click();
      await page.locator('.door[data-controller=offline]').waitFor();

      expect(await page.locator('[data-fact=lock]').textContent()).toBe('unknown');
      expect(await page.locator('[data-fact=leaf]').textContent()).toBe('unknown');
      await page.getByRole('button', { name: 'Plug the controller in' }).click();
      await page.locator('.door[data-lock=secured]').waitFor();
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it(
    'says that nothing reaches the cloud while the line is cut, and the bill comes when it is mended',
    async () => {
      const page = await visitPage('/?lang=en');
      await page.getByRole('button', { name: 'Cut the line' }).click();
      await page.locator('[data-chip=line][data-tone=bad]').waitFor();
      await page.getByLabel('Basic ticket').check();
      await page.getByRole('button', { name: 'Hold to the entry reader' }).click();
      await page.getByRole('status').getByText('You are checked in.').waitFor();
      expect(await page.locator('#bill').textContent()).not.toContain('m-ticket');

      await page.getByRole('button', { name: 'Mend the line' }).click();
      await page.locator('#bill').getByText('use 27, 4 left').waitFor();
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it.each(['light', 'dark'] as const)(
    'needs no sideways scrolling at 320 pixels, in %s and both languages',
    async (colorScheme) => {
      for (const lang of ['ja', 'en']) {
        const page = await visitPage(`/?lang=${lang}`, { viewport: NARROW, colorScheme });
        await page.locator('.door').waitFor();
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(NARROW.width);
        await page.context().close();
      }
    },
    BROWSER_MS_MAX,
  );

  it(
    'can be worked with the keyboard alone',
    async () => {
      const page = await visitPage('/?lang=en');
      await page.getByLabel('Seat reservation').focus();
      for (let steps = 0; steps < 2; steps += 1) await page.keyboard.press('ArrowDown');
      expect(await page.getByLabel('Expired pass').isChecked()).toBe(true);
      await page.keyboard.press('Enter');
      await page.getByRole('status').getByText('The pass has expired.').waitFor();
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );
});
