import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type BrowserContextOptions, type Page } from 'playwright-core';
import { placeOf } from '../needs.ts';

const require = createRequire(import.meta.url);

/** The accessibility checker, as it runs in a page. */
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Debian's: the one without a window, which saves a quarter of a test's time, and otherwise the whole browser. */
const CHROMIUM = placeOf('chromium');

/** How the browser is started. */
export const CHROMIUM_OPTIONS = {
  executablePath: CHROMIUM ?? '',
  args: [
    ...['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    // In the place of Playwright's own list, which would switch off that a frame's storage is parted by site.
    '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable',
  ],
};

/** A browser on a busy machine takes its time. */
export const BROWSER_MS_MAX = 60_000;

/** A real browser that listens for complaints. */
export interface TestBrowser {
  /** Opens an address in a fresh profile. */
  open(url: string, options?: BrowserContextOptions): Promise<Page>;
  /** What the pages complained of since the last call: policy violations, errors, requests that failed. */
  complaints(): readonly string[];
  close(): Promise<void>;
}

export async function launchBrowser(): Promise<TestBrowser> {
  const browser = await chromium.launch(CHROMIUM_OPTIONS);
  const complaints: string[] = [];
  return {
    open: async (url, options = {}) => {
      const page = await (await browser.newContext(options)).newPage();
      page.setDefaultTimeout(BROWSER_MS_MAX / 2);
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('requestfailed', (request) => {
        // A stream ends when its page is left; everything else must be answered.
        if (!request.url().endsWith('/events')) complaints.push(request.url());
      });
      await page.goto(url);
      return page;
    },
    complaints: () => complaints.splice(0),
    close: () => browser.close(),
  };
}

/** What axe finds serious or worse on a page, each rule with the first element. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  // To hand it over takes a second, ten times as long as to run it.
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(AXE);
  const found = await page.evaluate('axe.run({ resultTypes: ["violations"] })');
  const { violations } = found as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  };
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
}
