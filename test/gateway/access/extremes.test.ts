import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recordDecision } from '../../../gateway/access/record.ts';
import { EVENT_DATA } from '../../../shared/contract/events.ts';
import { entitlementSchema, type Entitlement } from '../../../shared/contract/pass.ts';
import { formatInstant } from '../../../shared/time.ts';
import { decide, requestOf, stayOf, venueOf, type Told } from './told.ts';

/** Instants and dates of eight thousand years, and often near the tests' day. */
const instantMs = fc.oneof(
  fc.integer({ min: 0, max: Date.parse('9990-12-31T14:59:59Z') }),
  fc.integer({ min: Date.parse('2025-10-19T00:00:00Z'), max: Date.parse('2025-10-21T00:00:00Z') }),
);
const instant = instantMs.map((ms) => formatInstant(ms));
const date = instant.map((text) => text.slice(0, 10));
const plan = fc.constantFrom('basic', 'premium', 'corporate');

const reservation = fc.record(
  {
    kind: fc.constant('reservation'),
    id: fc.constantFrom('r-1', 'r-2'),
    venue: fc.constant('shibuya-1'),
    space: fc.constantFrom({ id: 'seat-1', kind: 'seat' }, { id: 'room-1', kind: 'room' }),
    start: instant,
    end: instant,
    yenPer30Min: fc.integer({ min: 0, max: 10_000_000 }),
    role: fc.constantFrom('user', 'guest'),
    cap: fc.constantFrom(null, { minutes: 30 }, { yen: 1 }, { minutes: 150, yen: Number.MAX_SAFE_INTEGER }),
    host: fc.constantFrom('u-1', 'u-9'),
  },
  { requiredKeys: ['kind', 'id', 'venue', 'space', 'start', 'end', 'yenPer30Min', 'role'] },
);

const ticket = fc.record(
  {
    kind: fc.constant('ticket'),
    id: fc.constantFrom('t-1', 't-2'),
    plan,
    purchaseDate: date,
    used: fc.oneof(fc.integer({ min: 0, max: 32 }), fc.maxSafeNat()),
    usedAt: instantMs.map((ms) => Math.floor(ms / 1000)),
    endsOn: date,
    nextPlan: plan,
  },
  { requiredKeys: ['kind', 'id', 'plan', 'purchaseDate', 'used', 'usedAt'] },
);

/** Entitlements as an issuer might write them and the gate would let them through. */
const entitlement = fc
  .oneof(reservation, ticket)
  .map((told) => entitlementSchema.safeParse(told))
  .filter((parsed) => parsed.success)
  .map(({ data }): Entitlement => data);

const told: fc.Arbitrary<Told> = fc
  .record({
    has: fc.array(entitlement, { maxLength: 3 }),
    open: fc.array(entitlement, { maxLength: 2 }),
    now: fc.integer({ min: Date.parse('2025-10-19T00:00:00Z'), max: Date.parse('2025-10-21T00:00:00Z') }),
    side: fc.constantFrom('entry' as const, 'exit' as const),
    kind: fc.constantFrom('h1t', 'standard'),
    hostInside: fc.boolean(),
  })
  .map(({ has, open, now, side, kind, hostInside }) => ({
    now: formatInstant(now),
    has,
    side,
    venue: { kind },
    state: {
      stays: open.flatMap((ent, index) => (ent.kind === 'staff' ? [] : [stayOf(ent, { id: `e-${index}` })])),
      hostsInside: new Set(hostInside ? ['u-9'] : []),
    },
  }));

it('whatever a pass may say, a decision is made and recorded in the words of the contract', () => {
  fc.assert(
    fc.property(told, (presented) => {
      const decision = decide(presented);
      const { events, answer } = recordDecision(decision, {
        venue: venueOf(presented.venue),
        request: requestOf(presented),
        nowMs: Date.parse(presented.now),
        grant: 1,
        epoch: 'E',
        leaseMs: 3_000,
        online: true,
        clock: 'trusted',
      });
      expect(answer.granted).toBe(decision.outcome === 'granted');
      for (const event of events) EVENT_DATA[event.name].parse(event.data);
    }),
    { numRuns: 2_000 },
  );
});
