import { policySchema, type Policy } from '../../../shared/contract/policy.ts';
import type { Reservation } from '../../../shared/contract/pass.ts';
import { formatInstant } from '../../../shared/time.ts';
import type { Seeded } from '../../seeded.ts';

const MINUTE_MS = 60_000;
const UNIT_MS = 30 * MINUTE_MS;
const HOUR_MS = 3600_000;

/** A Monday in Japan, midnight. Every day is this one: what differs is the venue. */
const DATE = '2025-10-20';
const MIDNIGHT_MS = Date.parse(`${DATE}T00:00:00+09:00`);

/** Venues by their calendar, with the closing of the day in hours after its midnight; `null`: nothing closes. */
const CALENDARS = [
  { hours: { open: '07:00', close: '22:00' }, opens: 7, closes: 22 },
  { hours: { open: '07:00', close: '18:00' }, opens: 7, closes: 18 },
  {
    hours: {
      open: '07:00',
      close: '22:00',
      exceptions: [{ date: DATE, open: '07:00', close: '17:00' }, { date: '2025-10-21' }],
    },
    opens: 7,
    closes: 17,
  },
  { hours: { open: '10:00', close: '02:00' }, opens: 10, closes: 26 },
  {
    hours: { open: '09:00', close: '21:00', exceptions: [{ date: DATE }] },
    opens: 9,
    closes: null,
  },
  { hours: null, opens: 0, closes: null },
] as const;

/** A venue on that day. */
export interface RandomVenue {
  /** For `venueOf`. */
  readonly over: Readonly<Record<string, unknown>>;
  readonly kind: 'h1t' | 'standard';
  readonly policy: Policy;
  readonly earlyMs: number;
  /** The closing of the day, epoch milliseconds; `null`: nothing closes. */
  readonly closingMs: number | null;
  readonly opensMs: number;
}

/** One reservation, and what its user does about it. Instants in epoch milliseconds. */
export interface RandomVisit {
  readonly sub: string;
  readonly reservation: Reservation;
  /** When it was cancelled; `null`: it was not. */
  readonly cancelledAtMs: number | null;
  /** When its user shows a code at the entrance, and at the exit; `null`: never. The exit alone: came in behind somebody. */
  readonly comesMs: number | null;
  readonly leavesMs: number | null;
}

export function randomVenue(random: Seeded): RandomVenue {
  const kind = random.pick(['h1t', 'standard'] as const);
  const { hours, opens, closes } = random.pick(CALENDARS);
  const policy = policySchema.parse({
    stamp: random.pick(['minute', 'minute', 'second']),
    h1tRoomShorten: random.chance(0.8),
    capRooms: random.chance(0.2),
    cancelDeadlineMinutes: random.pick([0, 0, 60]),
    forgottenCutoff: hours === null ? random.pick(['reservation', '24-hours']) : 'reservation',
  });
  const earlyEntryMinutes = random.pick([0, 0, 15]);
  return {
    over: { kind, hours, policy, earlyEntryMinutes },
    kind,
    policy,
    earlyMs: earlyEntryMinutes * MINUTE_MS,
    closingMs: closes === null ? null : MIDNIGHT_MS + closes * HOUR_MS,
    opensMs: MIDNIGHT_MS + opens * HOUR_MS,
  };
}

/** A member with a reservation, who may have come in behind somebody; two of a kind in a row; or a seat and a room at once. */
export function randomVisits(
  sub: string,
  { opensMs, closingMs }: RandomVenue,
  random: Seeded,
): readonly RandomVisit[] {
  const kind = random.chance(0.7) ? 'seat' : 'room';
  const startMs = opensMs + random.between(0, 20) * UNIT_MS;
  const first = randomVisit(`${sub}-1`, sub, { kind, startMs, units: random.between(1, 10) }, random);
  const endMs = Date.parse(first.reservation.end);
  const { yenPer30Min } = first.reservation;
  const nextMs = endMs + random.between(0, 2) * UNIT_MS;
  // What begins on the next day ends by another closing.
  const dayEndsMs = Math.max(closingMs ?? 0, MIDNIGHT_MS + 24 * HOUR_MS);
  if (random.chance(0.1) && nextMs < dayEndsMs) {
    const next = { kind, startMs: nextMs, units: random.between(1, 4), yenPer30Min } as const;
    return [first, randomVisit(`${sub}-2`, sub, next, random)].map(uncancelled);
  }
  if (random.chance(0.05))
    return [{ ...first, cancelledAtMs: null, comesMs: null, leavesMs: random.between(startMs, endMs - 1) }];
  if (!random.chance(0.1)) return [first];
  const other = kind === 'seat' ? 'room' : 'seat';
  const beside = { kind: other, startMs: startMs + UNIT_MS, units: random.between(1, 4) } as const;
  return [first, randomVisit(`${sub}-2`, sub, beside, random)].map(uncancelled);
}

const uncancelled = (visit: RandomVisit): RandomVisit => ({ ...visit, cancelledAtMs: null });

interface Booked {
  readonly kind: 'seat' | 'room';
  readonly startMs: number;
  readonly units: number;
  readonly yenPer30Min?: number;
}

function randomVisit(
  id: string,
  sub: string,
  { kind, startMs, units, ...booked }: Booked,
  random: Seeded,
): RandomVisit {
  const yenPer30Min = booked.yenPer30Min ?? random.pick([0, 300, 500, 1_500, 3_000]);
  const endMs = startMs + units * UNIT_MS;
  const cap = random.pick([{ minutes: 60 }, { minutes: 150 }, { minutes: 240 }]);
  const comesMs = random.chance(0.1) ? null : edge(startMs, random.between(-1, units - 1), random);
  const leavesMs =
    comesMs === null || random.chance(0.25) ? null : edge(startMs, random.between(0, units + 8), random);
  // Too late only by whoever never comes, and before it is over: what a cancellation says after that is nobody's business.
  const cancelsMs = edge(startMs, comesMs === null ? random.between(-4, 1) : random.between(-6, -3), random);
  const cancelledAtMs = random.chance(0.1) ? Math.min(cancelsMs, endMs - 1) : null;
  return {
    sub,
    reservation: {
      kind: 'reservation',
      id,
      venue: 'shibuya-1',
      space: { id: `${kind}-${id}`, kind },
      start: formatInstant(startMs),
      end: formatInstant(endMs),
      yenPer30Min,
      ...(random.chance(0.3) && { cap }),
      role: 'user',
    },
    cancelledAtMs,
    comesMs,
    leavesMs: leavesMs === null ? null : Math.max(leavesMs, (comesMs ?? 0) + 1_000),
  };
}

/** An instant on a unit, beside one, where roundings go wrong, or anywhere in it. */
function edge(startMs: number, unit: number, random: Seeded): number {
  const beside = random.pick([0, 0, 999, 59_999, MINUTE_MS, -1, -MINUTE_MS]);
  return startMs + unit * UNIT_MS + (random.chance(0.5) ? beside : random.between(0, UNIT_MS - 1));
}
