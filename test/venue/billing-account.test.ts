import { describe, expect, it } from 'vitest';
import { computeCharge, type ChargeInput } from '../../shared/billing/charge.ts';
import { chargeToWire } from '../../shared/billing/wire.ts';
import type { ChargeRecord } from '../../shared/contract/charge.ts';
import { formatEvent, parseEvent, type DomainEvent } from '../../shared/contract/events.ts';
import { DEFAULT_POLICY } from '../../shared/contract/policy.ts';
import { parseInstant } from '../../shared/time.ts';
import { VenueAccount } from './billing-account.ts';
import type { Booking, VenueTerms } from './billing-audit.ts';

const FIRST = '01JDEXAMP00000000000000001';
const SECOND = '01JDEXAMP00000000000000002';
const TERMS: VenueTerms = {
  kind: 'standard',
  timeZone: 'Asia/Tokyo',
  hours: { open: '07:00', close: '18:00', exceptions: [] },
  policy: DEFAULT_POLICY,
};
const at = (time: string) => `2026-11-24T${time}:00+09:00`;
const SEAT: Booking = { space: { kind: 'seat' }, start: at('09:00'), end: at('12:00'), yenPer30Min: 500 };
const STAY = { stay: 's-1', iss: 'https://issuer.example', sub: 'm-1', reservation: 'r-1' } as const;

/** What the gateway charges for a seat from 9 to 12 that somebody came to at 9; members left out are so. */
function chargeOf(over: Partial<ChargeInput> = {}): ChargeRecord {
  const charge = computeCharge({
    venue: 'standard',
    space: 'seat',
    yenPer30Min: 500,
    cap: null,
    startMs: parseInstant(SEAT.start),
    endMs: parseInstant(SEAT.end),
    cancelledAtMs: null,
    checkInMs: parseInstant(at('09:00')),
    checkOutMs: null,
    closingMs: parseInstant(at('18:00')),
    ...over,
  });
  return { ...chargeToWire(charge), computedBy: 'gateway', online: true, clock: 'trusted' };
}

const FORGOTTEN = chargeOf();
const CORRECTED = chargeOf({ checkOutMs: parseInstant(at('12:00')) });

const checkedIn: DomainEvent = {
  name: 'stay.checked-in',
  subject: 's-1',
  data: {
    stay: 's-1',
    iss: 'https://issuer.example',
    sub: 'm-1',
    door: 'front',
    grant: 1,
    checkIn: at('09:00'),
    flags: [],
    visit: {
      kind: 'reservation',
      reservation: 'r-1',
      space: { id: 'seat-1', kind: 'seat' },
      role: 'user',
      start: SEAT.start,
      end: SEAT.end,
    },
  },
};
const left: DomainEvent = {
  name: 'stay.checked-out',
  subject: 's-1',
  data: {
    stay: 's-1',
    iss: 'https://issuer.example',
    sub: 'm-1',
    door: 'front',
    grant: 2,
    checkOut: at('12:00'),
    by: 'member',
  },
};
const computed = (charge: ChargeRecord): DomainEvent => ({
  name: 'charge.computed',
  subject: 's-1',
  data: { ...STAY, charge },
});
const superseded = (before: ChargeRecord, after: ChargeRecord): DomainEvent => ({
  name: 'charge.superseded',
  subject: 's-1',
  data: { ...STAY, before, after, reason: 'the member called' },
});

/** An account that has read these events, each of an epoch. */
function accountOf(
  events: readonly (readonly [epoch: string, event: DomainEvent, time?: string])[],
  booking: Booking = SEAT,
): VenueAccount {
  const account = new VenueAccount(TERMS, () => booking);
  const seqs = new Map<string, number>();
  for (const [epoch, event, time = '18:01'] of events) {
    const seq = (seqs.get(epoch) ?? 0) + 1;
    seqs.set(epoch, seq);
    const place = { venue: 'shibuya-1', gateway: 'gw-1', epoch, seq };
    account.take(parseEvent(JSON.parse(formatEvent(event, place, at(time), 'trusted'))));
  }
  return account;
}
const yenOf = ({ stays }: VenueAccount) => stays.map(({ charge }) => charge?.yen);

describe('a stay whose journal was replaced', () => {
  it('that is charged 9,000 in one epoch and corrected to 3,000 in the next costs 3,000, not 12,000', () => {
    const account = accountOf([
      [FIRST, checkedIn],
      [FIRST, computed(FORGOTTEN)],
      [SECOND, left],
      [SECOND, superseded(FORGOTTEN, CORRECTED)],
    ]);
    expect(yenOf(account)).toEqual([3_000]);
    expect(account.stays[0]?.superseded.map(({ yen }) => yen)).toEqual([9_000]);
    expect(account.mismatches).toEqual([]);
  });

  it('and that is charged 3,000, then 9,000 by an epoch that knew nothing of it, costs 9,000 once and is a mismatch', () => {
    const account = accountOf([
      [FIRST, checkedIn],
      [FIRST, left],
      [FIRST, computed(CORRECTED)],
      [SECOND, computed(FORGOTTEN)],
    ]);
    expect(yenOf(account)).toEqual([9_000]);
    expect(account.mismatches).toContainEqual({
      id: `shibuya-1:${SECOND}:1`,
      stay: 's-1',
      what: 'the stay is charged already',
    });
  });

  it('keeps the later epoch’s 3,000 where the 9,000 of the one before comes after it', () => {
    const account = accountOf([
      [SECOND, checkedIn],
      [SECOND, left],
      [SECOND, computed(CORRECTED)],
      [FIRST, computed(FORGOTTEN)],
    ]);
    expect(yenOf(account)).toEqual([3_000]);
    expect(account.stays[0]?.checkOut).toBe(at('12:00'));
    expect(account.mismatches).toMatchObject([{ what: 'the stay is charged already' }]);
  });
});

describe('two epochs of one venue', () => {
  const started: DomainEvent = {
    name: 'gateway.started',
    subject: 'gw-1',
    data: { version: '0.1.0', ruleset: 'WORKUS-2023-05', previousEpoch: FIRST },
  };
  const secured: DomainEvent = { name: 'door.secured', subject: 'front', data: { door: 'front' } };

  it('that go on side by side, the earlier with an event of a minute after the later’s start, are reported', () => {
    const account = accountOf([
      [FIRST, secured, '17:00'],
      [SECOND, started, '18:00'],
      [SECOND, secured, '18:01'],
      [FIRST, secured, '18:01'],
      [FIRST, secured, '18:02'],
    ]);
    expect(account.sideBySide).toEqual([{ earlier: FIRST, later: SECOND, id: `shibuya-1:${FIRST}:2` }]);
  });

  it('of which one gave way to the other are not, also where what it left comes after that', () => {
    const account = accountOf([
      [SECOND, started, '18:00'],
      [FIRST, secured, '17:59'],
      [SECOND, secured, '18:01'],
    ]);
    expect(account.sideBySide).toEqual([]);
  });
});

describe('the audit finds nothing', () => {
  it('at a capped seat of 2,500 beside a room, whose cap a stricter reading takes away: 9,000', () => {
    const cap = { minutes: 150 };
    const charge = chargeOf({ cap, simultaneousUse: true });
    expect(charge).toMatchObject({
      yen: 2_500,
      alternatives: [{ reading: 'no-cap-on-simultaneous-use', yen: 9_000 }],
    });
    const account = accountOf(
      [
        [FIRST, checkedIn],
        [FIRST, computed(charge)],
      ],
      { ...SEAT, cap },
    );
    expect(account.mismatches).toEqual([]);
  });

  it.each([
    ['that the books have', { ...SEAT, cancelledAt: at('08:00') }],
    ['that the books say nothing of', SEAT],
  ])('at a no-show of 3,000 that turns out to be cancelled: 0, by a word %s', (_, booking) => {
    const missed = chargeOf({ checkInMs: null });
    const cancelled = chargeOf({ checkInMs: null, cancelledAtMs: parseInstant(at('08:00')) });
    expect([missed.yen, cancelled.yen]).toEqual([3_000, 0]);
    const account = accountOf([[FIRST, superseded(missed, cancelled)]], booking);
    expect(account.mismatches).toEqual([
      expect.objectContaining({ what: 'before: is not the charge in force' }),
    ]);
    expect(yenOf(account)).toEqual([0]);
  });

  it('at a no-show of 3,000 whose cancellation came too late', () => {
    const rejected = chargeOf({ checkInMs: null, cancelledAtMs: parseInstant(at('09:00')) });
    expect(rejected).toMatchObject({ yen: 3_000, flags: ['cancel-rejected'] });
    expect(accountOf([[FIRST, computed(rejected)]]).mismatches).toEqual([]);
  });
});

describe('the audit names', () => {
  it('a capped seat that is charged 3,000 of 2,500, room or no room', () => {
    const charge: ChargeRecord = { ...chargeOf({ cap: { minutes: 150 } }), yen: 3_000 };
    const account = accountOf(
      [
        [FIRST, checkedIn],
        [FIRST, computed(charge)],
      ],
      { ...SEAT, cap: { minutes: 150 } },
    );
    expect(account.mismatches).toMatchObject([{ what: 'yen: 3000 should be 2500' }]);
  });

  it('a charge of 0 as cancelled where the books know of no cancellation', () => {
    const cancelled = chargeOf({ checkInMs: null, cancelledAtMs: parseInstant(at('08:00')) });
    const { mismatches } = accountOf([[FIRST, computed(cancelled)]], { ...SEAT, cancelledAt: null });
    expect(mismatches[0]?.what).toContain('yen: 0 should be 3000');
  });
});
