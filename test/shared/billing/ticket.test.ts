import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isRenewedSince,
  periodAt,
  planAt,
  remainingShown,
  remainingUses,
  ticketPeriod,
  usesAt,
  type TicketFacts,
} from '../../../shared/billing/ticket.ts';
import { civilDateAt, parseCivilDate, parseInstant } from '../../../shared/time.ts';

/** Bought, which renewal, anchor, first day, last day, days. */
const PERIODS = [
  ['10/10 is valid to 11/9, as printed', '2025-10-10', 0, 'purchase-day', '2025-10-10', '2025-11-09', 31],
  ['10/31 is valid to 11/29, as printed', '2025-10-31', 0, 'purchase-day', '2025-10-31', '2025-11-29', 30],
  ['10/31 renews on 11/30 to 12/30', '2025-10-31', 1, 'purchase-day', '2025-11-30', '2025-12-30', 31],
  ['a chain from 10/31 renews on 11/30 to 12/29', '2025-10-31', 1, 'chain', '2025-11-30', '2025-12-29', 30],
  ['10/31 renews on 12/31 to 1/30', '2025-10-31', 2, 'purchase-day', '2025-12-31', '2026-01-30', 31],
  ['10/31 renews on 1/31 to 2/27', '2025-10-31', 3, 'purchase-day', '2026-01-31', '2026-02-27', 28],
  [
    '10/31 renews on 2/28 to 3/30, back to the 31st',
    '2025-10-31',
    4,
    'purchase-day',
    '2026-02-28',
    '2026-03-30',
    31,
  ],
  [
    'a chain from 10/31 stays at the 28th after February',
    '2025-10-31',
    4,
    'chain',
    '2026-02-28',
    '2026-03-27',
    28,
  ],
  ['1/28 is valid to 2/27', '2025-01-28', 0, 'purchase-day', '2025-01-28', '2025-02-27', 31],
  ['1/29 ends with the 28th of February', '2025-01-29', 0, 'purchase-day', '2025-01-29', '2025-02-27', 30],
  ['1/30 ends with the 28th of February', '2025-01-30', 0, 'purchase-day', '2025-01-30', '2025-02-27', 29],
  ['1/31 ends with the 28th of February', '2025-01-31', 0, 'purchase-day', '2025-01-31', '2025-02-27', 28],
  ['1/29 of a leap year is valid to 2/28', '2024-01-29', 0, 'purchase-day', '2024-01-29', '2024-02-28', 31],
  [
    '1/31 of a leap year ends with the 29th of February',
    '2024-01-31',
    0,
    'purchase-day',
    '2024-01-31',
    '2024-02-28',
    29,
  ],
  ['2/29 is valid to 3/28', '2024-02-29', 0, 'purchase-day', '2024-02-29', '2024-03-28', 29],
  ['2/29 renews on 2/28 of a common year', '2024-02-29', 12, 'purchase-day', '2025-02-28', '2025-03-28', 29],
  [
    'the first of a month is valid to its end',
    '2025-06-01',
    0,
    'purchase-day',
    '2025-06-01',
    '2025-06-30',
    30,
  ],
] as const;

describe('the period of a ticket', () => {
  test.each(PERIODS)('%s', (_name, purchaseDate, renewalIndex, renewalAnchor, firstDay, lastDay, days) => {
    const period = ticketPeriod({ purchaseDate, renewalIndex, renewalAnchor });
    expect(period).toMatchObject({ renewalIndex, firstDay, lastDay, days });
    expect(civilDateAt(period.validUntilExclusiveMs - 1)).toBe(lastDay);
    expect(parseInstant(period.validUntilExclusive)).toBe(period.validUntilExclusiveMs);
  });

  test('it ends at midnight of the venue', () => {
    const bought = { purchaseDate: '2025-10-10', renewalIndex: 0 };
    expect(ticketPeriod(bought).validUntilExclusive).toBe('2025-11-10T00:00:00+09:00');
    expect(ticketPeriod(bought, 'America/New_York').validUntilExclusive).toBe('2025-11-10T00:00:00-05:00');
  });

  test.each([
    ['a day that is not', { purchaseDate: '2025-02-30', renewalIndex: 0 }, 'no such day'],
    ['a renewal before the purchase', { purchaseDate: '2025-02-01', renewalIndex: -1 }, 'renewalIndex'],
    ['half a renewal', { purchaseDate: '2025-02-01', renewalIndex: 0.5 }, 'renewalIndex'],
  ])('%s is refused', (_name, bought, problem) => {
    expect(() => ticketPeriod(bought)).toThrow(problem);
  });

  test('periods follow each other without a gap, and each is found by its days', () => {
    const day = fc.date({ min: new Date('2000-01-01'), max: new Date('2080-12-31'), noInvalidDate: true });
    const anchor = fc.constantFrom('purchase-day' as const, 'chain' as const);
    fc.assert(
      fc.property(day, fc.nat(40), anchor, (bought, renewalIndex, renewalAnchor) => {
        const purchaseDate = bought.toISOString().slice(0, 10);
        const period = ticketPeriod({ purchaseDate, renewalIndex, renewalAnchor });
        const next = ticketPeriod({ purchaseDate, renewalIndex: renewalIndex + 1, renewalAnchor });
        expect(parseCivilDate(period.lastDay).add({ days: 1 }).toString()).toBe(next.firstDay);
        expect(period.days).toBeGreaterThanOrEqual(28);
        const lastMs = period.validUntilExclusiveMs - 1;
        expect(periodAt({ purchaseDate }, lastMs, { timeZone: 'Asia/Tokyo', renewalAnchor })).toEqual(period);
        expect(periodAt({ purchaseDate }, lastMs + 1, { timeZone: 'Asia/Tokyo', renewalAnchor })).toEqual(
          next,
        );
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the period of an instant', () => {
  const ticket = { purchaseDate: '2025-10-10' };
  const index = (text: string, endsOn?: string) =>
    periodAt(endsOn === undefined ? ticket : { ...ticket, endsOn }, parseInstant(text))?.renewalIndex ?? null;

  test.each([
    ['the whole purchase day belongs to it', '2025-10-10T00:00:00+09:00', undefined, 0],
    ['the second before the purchase day does not', '2025-10-09T23:59:59+09:00', undefined, null],
    ['the last second of the last day does', '2025-11-09T23:59:59+09:00', undefined, 0],
    ['a ticket renews by itself at midnight', '2025-11-10T00:00:00+09:00', undefined, 1],
    ['a cancelled ticket is usable to the end of its last day', '2025-11-09T23:59:59+09:00', '2025-11-09', 0],
    ['a cancelled ticket is over after it', '2025-11-10T00:00:00+09:00', '2025-11-09', null],
  ])('%s', (_name, text, endsOn, renewalIndex) => {
    expect(index(text, endsOn)).toBe(renewalIndex);
  });

  test('midnight is the venue’s, and not Greenwich’s', () => {
    expect(index('2025-11-09T15:00:00Z')).toBe(1);
    expect(
      periodAt(ticket, parseInstant('2025-11-09T15:00:00Z'), {
        timeZone: 'UTC',
        renewalAnchor: 'purchase-day',
      })?.renewalIndex,
    ).toBe(0);
  });
});

/** Bought on 10/10, seen by its issuer on 10/20. */
const SEEN: TicketFacts = {
  plan: 'basic',
  purchaseDate: '2025-10-10',
  used: 31,
  usedAt: parseInstant('2025-10-20T09:00:00+09:00') / 1000,
};

describe('uses and plan', () => {
  const before = parseInstant('2025-11-09T23:59:59+09:00');
  const after = parseInstant('2025-11-10T00:00:00+09:00');

  test('31 uses stand to the last second of the period and are 0 at the renewal', () => {
    expect(usesAt(SEEN, before)).toBe(31);
    expect(usesAt(SEEN, after)).toBe(0);
  });

  test('a renewal that the issuer has not seen is told, to be flagged while offline', () => {
    expect(isRenewedSince(SEEN, before)).toBe(false);
    expect(isRenewedSince(SEEN, after)).toBe(true);
    expect(isRenewedSince({ ...SEEN, usedAt: after / 1000 }, after)).toBe(false);
  });

  test('a cancelled ticket is not renewed', () => {
    expect(isRenewedSince({ ...SEEN, endsOn: '2025-11-09' }, after)).toBe(false);
  });

  test('a clock that fell back into an earlier period does not give uses back', () => {
    expect(usesAt({ ...SEEN, usedAt: after / 1000 }, before)).toBe(31);
  });

  test('a change of plan acts from the renewal and not before', () => {
    const changing: TicketFacts = { ...SEEN, nextPlan: 'premium' };
    expect(planAt(changing, before)).toBe('basic');
    expect(planAt(changing, after)).toBe('premium');
    expect(planAt(SEEN, after)).toBe('basic');
  });

  test('a basic period holds 31 uses: the 31st leaves none, and there are never fewer than none', () => {
    expect([0, 30, 31, 32].map((used) => remainingUses('basic', used))).toEqual([31, 1, 0, 0]);
  });

  test('premium and corporate have no limit', () => {
    expect([remainingUses('premium', 60), remainingUses('corporate', 3)]).toEqual([null, null]);
  });

  test('the rest is shown from 26 uses on, and only where there is a limit', () => {
    expect([25, 26, 31].map((used) => remainingShown('basic', used))).toEqual([null, 5, 0]);
    expect(remainingShown('premium', 26)).toBeNull();
  });
});
