import { once } from 'node:events';
import { createServer } from 'node:net';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { parseInstant } from '../../shared/time.ts';
import { launchBrowser, type TestBrowser } from './browser.ts';
import { memberSite } from './member-site.ts';
import { openVenue, type Venue, type VenueOptions } from './venue.ts';
import { createDemoAccounts, type DemoAccounts } from './wallet-demo.ts';

/** A phone held upright: the size of the page, and that it is touched. */
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
  locale: 'ja-JP',
};

/** A venue with its issuer on one origin, and a browser to visit it with. */
export interface PhoneRig {
  readonly venue: Venue;
  readonly site: DemoAccounts;
  readonly browser: TestBrowser;
  /** The venue's public origin, `http://localhost:<port>`. */
  readonly origin: string;
  /** When the lock relay of the board went high last, on `performance.now()`; `null`: not yet. */
  lastPulseMs(): number | null;
  close(): Promise<void>;
}

/** A port that is free now. The venue's public origin names it, so it must be known before the venue opens. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export async function openPhoneRig(options: Partial<VenueOptions> = {}): Promise<PhoneRig> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  let site: DemoAccounts | null = null;
  const venue = await openVenue({
    startMs: parseInstant('2026-11-24T09:02:00+09:00'),
    pulseMs: 400,
    port,
    members: { issuer: `${origin}/wallet`, support: '03-0000-0000' },
    extend: (app) =>
      memberSite(app, { accounts: () => site?.accounts ?? null, book: (account) => site?.book(account) }),
    ...options,
  });
  const demo = createDemoAccounts({
    venue: { ...venue.config.venue, origin },
    issuer: venue.issuer,
    clock: venue.clock,
    onBooked: (_sub, reservation) => venue.book(reservation),
    onReplaced: (devices) => void venue.revokeDevices(devices),
  });
  site = demo;
  let lastPulseMs: number | null = null;
  venue.equipment.board.onPin('lockRelay', (level) => {
    if (level) lastPulseMs = performance.now();
  });
  const browser = await launchBrowser();
  return {
    venue,
    site: demo,
    browser,
    origin,
    lastPulseMs: () => lastPulseMs,
    close: async () => {
      await browser.close();
      await venue.close();
    },
  };
}

/** Signs in at the issuer and agrees to the enrolment that the door page asked for. */
export async function agreeToEnrol(page: Page, member: string): Promise<void> {
  const enrol = page.getByRole('button', { name: /この端末を登録する|Enrol this phone/ });
  const person = page.getByRole('button', { name: member });
  await enrol.or(person).first().waitFor();
  if (await person.isVisible()) await person.click();
  await enrol.click();
}

/** From the door page of a phone that is not enrolled, through the issuer, back to the door. */
export async function enrol(page: Page, member: string): Promise<void> {
  await page.getByRole('button', { name: /サインインして登録する|Sign in and enrol/ }).click();
  await agreeToEnrol(page, member);
  await page.locator('body[data-tone=plain] #title', { hasText: member }).waitFor();
}
