import { describe, expect, it } from 'vitest';
import { usesShown } from '../../../gateway/access/ticket.ts';
import { at, decide, seat, stayOf, ticket, venueOf, verdict, type Told } from './told.ts';

/** The check-in that is granted. */
function checkIn(told: Told) {
  const decision = decide(told);
  if (decision.outcome === 'denied' || decision.grant.kind !== 'check-in')
    throw new Error(JSON.stringify(decision));
  return decision.grant;
}

const regus = { ticket: { venueClass: 'regus-lounge' } };
const reentry = { state: { stays: [stayOf(ticket())] } };

describe('a basic ticket of 10 October', () => {
  it.each([
    ['2025-10-09T23:59:59.999+09:00', 'ticket-ended'],
    ['2025-10-10T07:00:00+09:00', 'check-in'],
    ['2025-11-09T21:59:59.999+09:00', 'check-in'],
    ['2025-11-10T07:00:00+09:00', 'check-in'],
  ])('at %s: %s', (now, expected) => {
    expect(verdict({ now, has: [ticket({ usedAt: at('2025-10-10T00:00:00+09:00') / 1000 })] })).toBe(
      expected,
    );
  });

  it('allows the 31st use and refuses the 32nd', () => {
    expect(checkIn({ now: '10:00', has: [ticket({ used: 30 })] }).usedBefore).toBe(30);
    expect(verdict({ now: '10:00', has: [ticket({ used: 31 })] })).toBe('limit-31');
  });

  it.each([
    ['2025-11-09T23:59:59.999+09:00', 'limit-31'],
    ['2025-11-10T00:00:00+09:00', 'check-in'],
  ])(
    'that is used up is usable again at the midnight of the renewal day, seen at %s: %s',
    (now, expected) => {
      expect(verdict({ now, has: [ticket({ used: 31 })], venue: { hours: null } })).toBe(expected);
    },
  );

  it('counts on top what the issuer cannot have known when it looked, in this period and of this ticket alone', () => {
    const ticketUses = [
      { ticket: 't-1', atMs: at('05:00'), knownMs: at('05:59:59.999') },
      { ticket: 't-1', atMs: at('05:00'), knownMs: at('06:00') },
      { ticket: 't-1', atMs: at('05:00'), knownMs: null },
      { ticket: 't-1', atMs: at('2025-10-09T23:59:59.999+09:00'), knownMs: null },
      { ticket: 't-2', atMs: at('08:00'), knownMs: null },
    ];
    expect(checkIn({ now: '10:00', has: [ticket()], state: { ticketUses } }).usedBefore).toBe(14);
    const renewed = checkIn({ now: '2025-11-10T09:00:00+09:00', has: [ticket()], state: { ticketUses } });
    expect(renewed.usedBefore).toBe(0);
  });

  it('is assumed renewed when the issuer last saw it in the month before, and says so', () => {
    expect(checkIn({ now: '2025-11-10T09:00:00+09:00', has: [ticket()] }).flags).toEqual([
      'offline-renewal-assumed',
    ]);
    expect(checkIn({ now: '2025-11-09T09:00:00+09:00', has: [ticket()] }).flags).toEqual([]);
  });

  it('that was cancelled is usable to the last second of its last day', () => {
    const has = [ticket({ endsOn: '2025-11-09' })];
    expect(verdict({ now: '2025-11-09T23:59:59.999+09:00', has, venue: { hours: null } })).toBe('check-in');
    expect(verdict({ now: '2025-11-10T00:00:00+09:00', has, venue: { hours: null } })).toBe('ticket-ended');
  });

  it('behind another that has ended is judged in its place', () => {
    expect(
      checkIn({ now: '10:00', has: [ticket({ id: 't-0', endsOn: '2025-10-19' }), ticket()] }).entitlement.id,
    ).toBe('t-1');
  });

  it.each([
    ['before', [ticket({ id: 't-b', used: 31 }), ticket({ id: 't-c', plan: 'corporate' })]],
    ['behind', [ticket({ id: 't-c', plan: 'corporate' }), ticket({ id: 't-b', used: 31 })]],
  ] as const)(
    'of which 31 uses are made keeps nobody out who has a corporate one: it stands %s that',
    (_, has) => {
      expect(checkIn({ now: '10:00', has }).entitlement.id).toBe('t-c');
    },
  );

  it('that is kept out by a lounge leaves it to the premium one, and the visit that is open is come back to', () => {
    const has = [ticket({ id: 't-b' }), ticket({ id: 't-p', plan: 'premium' })];
    expect(checkIn({ now: '10:00', has, venue: regus }).entitlement.id).toBe('t-p');
    const stays = [stayOf(ticket({ id: 't-p', plan: 'premium' }))];
    expect(verdict({ now: '10:00', has, state: { stays } })).toBe('re-entry');
  });

  it('that came furthest says why: 31 uses made, and not that another has ended', () => {
    const ended = ticket({ id: 't-0', endsOn: '2025-10-19' });
    const usedUp = ticket({ used: 31 });
    expect(verdict({ now: '10:00', has: [usedUp, ended] })).toBe('limit-31');
    expect(verdict({ now: '10:00', has: [ended, usedUp] })).toBe('limit-31');
  });

  it('is asked only where no reservation holds', () => {
    expect(checkIn({ now: '10:00', has: [ticket(), seat()] }).entitlement.id).toBe('r-1');
    expect(checkIn({ now: '12:00', has: [ticket(), seat()] }).entitlement.id).toBe('t-1');
  });
});

describe('a ticket of 31 October', () => {
  const has = [
    ticket({ purchaseDate: '2025-10-31', used: 31, usedAt: at('2025-12-29T09:00:00+09:00') / 1000 }),
  ];

  it.each([
    ['purchase-day', '2025-12-30T09:00:00+09:00', 'limit-31'],
    ['purchase-day', '2025-12-31T09:00:00+09:00', 'check-in'],
    ['chain', '2025-12-30T09:00:00+09:00', 'check-in'],
  ])('where renewals follow the %s, used up on 29 December, at %s: %s', (renewalAnchor, now, expected) => {
    expect(verdict({ now, has, venue: { ticket: { renewalAnchor } } })).toBe(expected);
  });
});

describe('a plan', () => {
  it.each([
    ['basic', 'plan-excludes-venue'],
    ['premium', 'check-in'],
    ['corporate', 'check-in'],
  ] as const)('%s at a Regus lounge: %s', (plan, expected) => {
    expect(verdict({ now: '10:00', has: [ticket({ plan })], venue: regus })).toBe(expected);
  });

  it.each(['premium', 'corporate'] as const)('%s has no limit: the 61st use is allowed', (plan) => {
    const grant = checkIn({ now: '10:00', has: [ticket({ plan, used: 60 })] });
    expect(grant.usedBefore).toBe(60);
  });

  it.each([
    ['2025-11-09T23:59:59.999+09:00', 'plan-excludes-venue'],
    ['2025-11-10T00:00:00+09:00', 'check-in'],
  ])('that changes to premium acts from the renewal day, seen at %s: %s', (now, expected) => {
    const has = [ticket({ nextPlan: 'premium' })];
    expect(verdict({ now, has, venue: { ...regus, hours: null } })).toBe(expected);
  });

  it('is written into the visit as it is in force', () => {
    const has = [ticket({ nextPlan: 'premium' })];
    expect(checkIn({ now: '2025-11-10T09:00:00+09:00', has }).entitlement).toMatchObject({ plan: 'premium' });
  });
});

describe('coming back to an open visit', () => {
  it('is a re-entry and no new use, also inside the 31st', () => {
    for (const used of [12, 31]) {
      expect(verdict({ now: '13:00', has: [ticket({ used })], ...reentry })).toBe('re-entry');
    }
  });

  it('needs neither a free seat nor an open venue: it is the same visit', () => {
    expect(verdict({ now: '13:00', has: [ticket()], state: { ...reentry.state, inside: 10 } })).toBe(
      're-entry',
    );
    expect(verdict({ now: '22:30', has: [ticket()], ...reentry })).toBe('re-entry');
  });

  it('of yesterday is a new use, which closes it', () => {
    const yesterday = stayOf(ticket(), { checkInMs: at('2025-10-19T23:59:59.999+09:00') });
    expect(checkIn({ now: '09:00', has: [ticket()], state: { stays: [yesterday] } }).closes).toEqual(
      yesterday,
    );
  });

  it('of yesterday is the same visit still where the business day ends at 02:00', () => {
    const venue = { hours: { open: '20:00', close: '02:00' } };
    const stays = [stayOf(ticket(), { checkInMs: at('23:30') })];
    const back = (now: string) => verdict({ now, has: [ticket()], venue, state: { stays } });
    expect(back('2025-10-21T00:30:00+09:00')).toBe('re-entry');
    expect(back('2025-10-21T20:00:00+09:00')).toBe('check-in');
  });

  it('of another ticket is a new use', () => {
    expect(checkIn({ now: '13:00', has: [ticket({ id: 't-2' })], ...reentry }).closes?.id).toBe('e-t-1');
  });

  it('where the venue lets nobody in again is a new use, and takes no second seat', () => {
    const venue = { ticket: { reentry: false } };
    expect(
      checkIn({ now: '13:00', has: [ticket()], venue, state: { ...reentry.state, inside: 10 } }).closes?.id,
    ).toBe('e-t-1');
  });

  it('that was checked out is a new use', () => {
    const stays = [stayOf(ticket(), { state: 'checked-out', checkOutMs: at('11:00') })];
    expect(verdict({ now: '13:00', has: [ticket()], state: { stays } })).toBe('check-in');
  });
});

describe('the limits of a venue', () => {
  const visit = (from: string, to: string | null, state: 'open' | 'checked-out' | 'voided' = 'checked-out') =>
    stayOf(ticket(), {
      id: `e-${from}`,
      state,
      checkInMs: at(from),
      checkOutMs: to === null ? null : at(to),
    });

  it.each([
    [1, 'venue-daily-count'],
    [2, 'check-in'],
  ])('of %i uses a day, after one: %s', (usesPerDay, expected) => {
    const stays = [visit('08:00', '09:00')];
    expect(
      verdict({ now: '10:00', has: [ticket()], venue: { ticket: { usesPerDay } }, state: { stays } }),
    ).toBe(expected);
  });

  it('of one use a day begins anew at midnight, and a voided visit is none', () => {
    const venue = { ticket: { usesPerDay: 1 } };
    const before = visit('2025-10-19T23:59:59.999+09:00', '2025-10-20T00:30:00+09:00');
    expect(verdict({ now: '10:00', has: [ticket()], venue, state: { stays: [before] } })).toBe('check-in');
    expect(
      verdict({ now: '10:00', has: [ticket()], venue, state: { stays: [visit('08:00', null, 'voided')] } }),
    ).toBe('check-in');
  });

  it.each([
    ['10:59:59.999', 're-entry'],
    ['11:00:00', 'venue-daily-time'],
  ])(
    'of 180 minutes a day, an hour of the morning and an open visit since 9:00, at %s: %s',
    (now, expected) => {
      const stays = [visit('07:00', '08:00'), stayOf(ticket())];
      expect(
        verdict({ now, has: [ticket()], venue: { ticket: { minutesPerDay: 180 } }, state: { stays } }),
      ).toBe(expected);
    },
  );

  it.each([
    [false, '13:59:59.999', 'check-in'],
    [false, '14:00:00', 'check-in'],
    [true, '11:59:59.999', 'check-in'],
    [true, '12:00:00', 'venue-daily-time'],
  ])(
    'of 180 minutes a day, an hour until 10:00 and a break since; breaks count: %s; at %s: %s',
    (breakCounts, now, expected) => {
      const venue = { ticket: { minutesPerDay: 180, breakCounts } };
      const stays = [visit('09:00', '10:00')];
      expect(verdict({ now, has: [ticket()], venue, state: { stays } })).toBe(expected);
    },
  );

  it('of a day that closes at 02:00 begin anew after it, and not at midnight', () => {
    const venue = { hours: { open: '20:00', close: '02:00' }, ticket: { usesPerDay: 1, reentry: false } };
    const stays = [visit('23:30', '23:45')];
    const after = (now: string) => verdict({ now, has: [ticket()], venue, state: { stays } });
    expect(after('2025-10-21T01:59:59.999+09:00')).toBe('venue-daily-count');
    expect(after('2025-10-21T20:00:00+09:00')).toBe('check-in');
  });

  it.each([
    [8, 1, 'check-in'],
    [9, 0, 'check-in'],
    [9, 1, 'full'],
    [10, 0, 'full'],
  ])('of ten seats, %i taken and %i held: %s', (inside, heldSeats, expected) => {
    expect(verdict({ now: '10:00', has: [ticket()], state: { inside, heldSeats } })).toBe(expected);
  });

  it('of seats do not stop a reservation: it was promised its place', () => {
    expect(verdict({ now: '10:00', has: [seat()], state: { inside: 10 } })).toBe('check-in');
  });
});

describe('the uses left', () => {
  it.each([
    ['basic', 25, 6, false],
    ['basic', 26, 5, true],
    ['basic', 31, 0, true],
    ['premium', 60, null, false],
  ] as const)('of a %s ticket after %i uses are %s; shown: %s', (plan, used, remaining, shown) => {
    expect(usesShown(ticket({ plan }), used, at('10:00'), venueOf())).toEqual({ used, remaining, shown });
  });
});
