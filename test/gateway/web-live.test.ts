import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseInstant } from '../../shared/time.ts';
import { BROWSER_MS_MAX, hasBrowser, launchBrowser, type TestBrowser } from '../venue/browser.ts';
import { openVenue, type Venue } from '../venue/venue.ts';

describe.skipIf(!hasBrowser)('the venue’s page in Chromium', () => {
  let browser: TestBrowser;
  let venue: Venue;
  let isOpen = false;

  beforeAll(async () => {
    venue = await openVenue({ startMs: parseInstant('2026-11-24T09:00:00+09:00') });
    isOpen = true;
    browser = await launchBrowser();
  }, BROWSER_MS_MAX);

  afterEach(() => {
    // The last test takes the gateway away; the browser says so.
    if (isOpen) expect(browser.complaints()).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    if (isOpen) await venue.close();
  });

  it(
    'shows the doors as the gateway knows them and the ledger as it grows',
    async () => {
      const page = await browser.open(`${venue.gateway.web.address()}/?lang=en`);
      await page.locator('.door[data-door=front][data-lock=secured][data-leaf=closed]').waitFor();
      await page.locator('#venue').getByText('渋谷ワークラウンジ').waitFor();

      venue.scanAt('exit', 'nonsense');

      await page
        .locator('#ledger [data-event="access.denied"]')
        .getByText('exit · unreadable code')
        .waitFor();
      expect(await page.locator('[data-chip=line]').textContent()).toBe('Line up');
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it(
    'is in Japanese for a browser that asks for nothing it speaks',
    async () => {
      const page = await browser.open(`${venue.gateway.web.address()}/`, { locale: 'fr-FR' });
      await page.getByRole('heading', { name: 'ドア' }).waitFor();

      expect(await page.locator('html').getAttribute('lang')).toBe('ja');
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );

  it(
    'calls everything unknown once the gateway is gone',
    async () => {
      const page = await browser.open(`${venue.gateway.web.address()}/?lang=en`);
      await page.locator('.door[data-lock=secured]').waitFor();

      isOpen = false;
      await venue.close();

      await page.locator('.door[data-lock=unknown][data-leaf=unknown][data-controller=unknown]').waitFor();
      await page.getByText('The gateway does not answer.').waitFor();
      await page.context().close();
    },
    BROWSER_MS_MAX,
  );
});
