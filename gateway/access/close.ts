import {
  computeCharge,
  releasedInterval,
  type ChargeInput,
  type ComputedCharge,
} from '../../shared/billing/charge.ts';
import { withoutDoubleCharge } from '../../shared/billing/charges.ts';
import { overlaps } from '../../shared/billing/reservation.ts';
import { UNIT_MS } from '../../shared/billing/units.ts';
import { chargeToWire } from '../../shared/billing/wire.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import { CHARGE_FLAGS, type ChargeFlag, type ChargeRecord } from '../../shared/contract/charge.ts';
import type { VenueConfig } from '../../shared/contract/config.ts';
import type { ClockTrust, DomainEvent, EventData } from '../../shared/contract/events.ts';
import type { Reservation } from '../../shared/contract/pass.ts';
import { closingOfDay } from '../../shared/hours.ts';
import { formatInstant, parseInstant } from '../../shared/time.ts';
import { nextStayState, withFlags, type Stay } from './stay.ts';

/** What the end of a stay is recorded with. */
export interface BillingContext {
  readonly venue: VenueConfig;
  readonly nowMs: number;
  /** Whether the line to the cloud was up. */
  readonly online: boolean;
  readonly clock: ClockTrust;
  /** The same user's reservations that are known: a seat and a room held at once are seen by them. Default: none. */
  readonly reservations?: readonly Reservation[];
  /** Whether a door was released for a stay and none was seen to open. Default: nobody knows. */
  readonly isUnopened?: (stay: string) => boolean;
}

/** A stay as it is now, what is told of it, and what its charge is; `null` where it costs nothing. */
export interface BilledStay {
  readonly stay: Stay;
  readonly events: readonly DomainEvent[];
  readonly yen: number | null;
}

/** How a stay came to its end. */
export interface CheckOut {
  readonly by: EventData<'stay.checked-out'>['by'];
  /** `null` where no door was passed. */
  readonly door: string | null;
  readonly grant: number | null;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** Of a check-out at a door: the member's other stays, which are open still. */
  readonly stillOpen?: string[];
}

/** Why a charge took the place of another, where no operator said so. Told in `charge.superseded`. */
export const SUPERSEDED_BY = {
  lateCheckOut: 'checkout-after-settlement',
  notLeft: 'checkout-not-left',
  overstay: 'overstay',
  changed: 'reservation-changed',
  clock: 'clock-corrected',
  cloud: 'known-to-the-cloud',
} as const;

/** Ends a stay: its check-out, its charge, and at an H1T venue the rest of the reservation, which is free to sell again. */
export function closeStay(stay: Stay, context: BillingContext, how: CheckOut): BilledStay {
  const { venue, clock } = context;
  const { atMs, ...told } = how;
  const closed: Stay = {
    ...stay,
    state: nextStayState(stay.state, 'check-out'),
    checkOutMs: atMs,
    flags: withClock(seenInside(stay.flags, how.by), clock),
  };
  const checkedOut: DomainEvent = {
    name: 'stay.checked-out',
    subject: stay.id,
    data: {
      stay: stay.id,
      iss: stay.iss,
      sub: stay.sub,
      checkOut: formatInstant(atMs, venue.timeZone),
      ...told,
    },
  };
  const billed = billStay(closed, context, SUPERSEDED_BY.lateCheckOut);
  return { ...billed, events: [checkedOut, ...billed.events] };
}

/** Whoever scans out from the inside was inside, whatever their door was seen to do. */
function seenInside(flags: readonly ChargeFlag[], by: CheckOut['by']): readonly ChargeFlag[] {
  return by === 'member' ? flags.filter((flag) => flag !== 'door-not-opened') : flags;
}

/**
 * Charges a stay by what is known of it now. The first charge is computed, a further one supersedes it where anything
 * of it differs, so that whoever sums the charges never bills twice. Tickets and guests cost nothing: a guest's visit
 * is on the host's reservation.
 *
 * @param reason why a charge that was there already is superseded
 * @param cancelledAtMs when the reservation was cancelled, if it was
 */
export function billStay(
  stay: Stay,
  context: BillingContext,
  reason: string,
  cancelledAtMs: number | null = null,
): BilledStay {
  const { entitlement } = stay;
  if (entitlement.kind === 'ticket' || entitlement.role === 'guest') return { stay, events: [], yen: null };
  const { venue, nowMs } = context;
  const input = chargeInputOf(stay, entitlement, context, cancelledAtMs);
  const alone = computeCharge(input);
  const covered = unitsCoveredTwice(alone, entitlement, context);
  const computed =
    covered === 0
      ? alone
      : withoutDoubleCharge(computeCharge({ ...input, flags: [...stay.flags, 'double-cover'] }), covered);
  const charge = recordOf(computed, context);
  const events: DomainEvent[] = [];
  // Only this call knows of the cancellation; what charges the stay once more goes by its flags.
  const rejected = charge.flags.filter((flag) => flag === 'cancel-rejected');
  const billed: Stay = { ...stay, flags: withFlags(stay.flags, ...rejected) };
  const told = chargeEvent(stay, entitlement, charge, reason);
  if (told === null) return { stay: billed, events, yen: charge.yen };
  events.push(told);
  const endMs = parseInstant(entitlement.end);
  const released = releasedInterval(computed, endMs);
  if (released !== null && nowMs < endMs) {
    events.push({
      name: 'reservation.shortened',
      subject: stay.id,
      data: {
        stay: stay.id,
        reservation: entitlement.id,
        space: entitlement.space,
        freeFrom: formatInstant(released.fromMs, venue.timeZone),
        freeUntil: entitlement.end,
      },
    });
  }
  return { stay: { ...billed, endsAtMs: released?.fromMs ?? endMs, charge }, events, yen: charge.yen };
}

/** Adds a flag to a stay that has ended; a charge that carries flags is superseded by the same amount with the flag. */
export function flagStay(stay: Stay, flag: ChargeFlag, reason: string): BilledStay {
  const flagged: Stay = { ...stay, flags: withFlags(stay.flags, flag) };
  const { entitlement, charge } = stay;
  if (charge === undefined || entitlement.kind === 'ticket' || charge.flags.includes(flag))
    return { stay: flagged, events: [], yen: null };
  const flags = CHARGE_FLAGS.filter((known) => known === flag || charge.flags.includes(known));
  const after: ChargeRecord = { ...charge, flags };
  const told = chargeEvent(stay, entitlement, after, reason);
  return { stay: { ...flagged, charge: after }, events: told === null ? [] : [told], yen: after.yen };
}

/** A stay that was stamped by a clock nobody vouches for, at either end, says so. */
export function withClock(flags: readonly ChargeFlag[], clock: ClockTrust): readonly ChargeFlag[] {
  return clock === 'untrusted' ? withFlags(flags, 'clock-untrusted') : flags;
}

/** What the shared rules are asked of a stay of a reservation. */
export function chargeInputOf(
  stay: Stay,
  reservation: Reservation,
  { venue, reservations = [] }: Pick<BillingContext, 'venue' | 'reservations'>,
  cancelledAtMs: number | null = null,
): ChargeInput {
  // What a charge was computed from stays with it: no later change of the configuration turns it into another amount.
  const kept = stay.charge?.tariff;
  return {
    venue: kept?.venue ?? venue.kind,
    space: reservation.space.kind,
    yenPer30Min: reservation.yenPer30Min,
    cap: reservation.cap ?? null,
    startMs: parseInstant(reservation.start),
    endMs: parseInstant(reservation.end),
    cancelledAtMs,
    checkInMs: stay.checkInMs,
    checkOutMs: stay.checkOutMs,
    closingMs: closingOf(stay, reservation, venue),
    policy: kept?.policy ?? venue.policy,
    simultaneousUse: reservations.some((other) => areHeldAtOnce(reservation, other)),
    flags: stay.flags,
  };
}

/**
 * The closing that counts for a reservation from its check-in on: of the business day in which it begins, by the hours at
 * its booking and by those of now, whichever ends the day sooner. Epoch milliseconds; `null`: nothing closes on that day.
 *
 * @param atBookingMs as it was when the cloud told of the booking; absent where it never did
 */
export function closingAtCheckIn(
  atBookingMs: number | null | undefined,
  { start }: Pick<Reservation, 'start'>,
  { hours, timeZone }: Pick<VenueConfig, 'hours' | 'timeZone'>,
): number | null {
  const nowMs = closingOfDay(hours, timeZone, parseInstant(start));
  if (atBookingMs === undefined || nowMs === null) return nowMs;
  return atBookingMs === null ? null : Math.min(atBookingMs, nowMs);
}

/** The closing that a stay of a reservation is charged by: as it was at the check-in. */
export function closingOf(
  { closingMs }: Pick<Stay, 'closingMs'>,
  reservation: Pick<Reservation, 'start'>,
  venue: Pick<VenueConfig, 'hours' | 'timeZone'>,
): number | null {
  return closingMs === undefined ? closingAtCheckIn(undefined, reservation, venue) : closingMs;
}

/**
 * How many units of the charge lie in the user's next reservations of the same kind: those hours are charged in both.
 * They are when a stay that is late or forgotten ends after the next has begun, whether its user came for that one or not.
 */
function unitsCoveredTwice(
  { chargedFromMs, unitsBeforeCap }: ComputedCharge,
  { id, space, start }: Reservation,
  { reservations = [] }: BillingContext,
): number {
  const startMs = parseInstant(start);
  if (chargedFromMs === null) return 0;
  const unitAt = (ms: number) => (ms - chargedFromMs) / UNIT_MS;
  const held = reservations
    .filter((other) => other.id !== id && other.space.kind === space.kind)
    .filter((other) => parseInstant(other.start) > startMs)
    .map(({ start: from, end: to }) => ({
      from: Math.floor(unitAt(parseInstant(from))),
      to: Math.min(unitsBeforeCap, Math.ceil(unitAt(parseInstant(to)))),
    }))
    .sort((a, b) => a.from - b.from);
  // By the ends of what is held and not unit by unit: a pass may tell of thousands of years, and a door waits.
  let covered = 0;
  let countedTo = 0;
  for (const { from, to } of held) {
    covered += Math.max(0, to - Math.max(from, countedTo));
    countedTo = Math.max(countedTo, to);
  }
  return covered;
}

/** 席と会議室は同時予約が可能です。 */
function areHeldAtOnce(a: Reservation, b: Reservation): boolean {
  const timeOf = ({ start, end }: Reservation) => ({
    startMs: parseInstant(start),
    endMs: parseInstant(end),
  });
  return b.role === 'user' && a.space.kind !== b.space.kind && overlaps(timeOf(a), timeOf(b));
}

function recordOf(charge: ComputedCharge, { venue, online, clock }: BillingContext): ChargeRecord {
  return { ...chargeToWire(charge, venue.timeZone), computedBy: 'gateway', online, clock };
}

/** `null` where the charge in force says the same; who could see it and by which clock is no difference. */
function chargeEvent(
  stay: Stay,
  reservation: Reservation,
  charge: ChargeRecord,
  reason: string,
): DomainEvent | null {
  const about = { stay: stay.id, iss: stay.iss, sub: stay.sub, reservation: reservation.id };
  const before = stay.charge;
  if (before === undefined) return { name: 'charge.computed', subject: stay.id, data: { ...about, charge } };
  const { online, clock } = before;
  if (canonicalJson({ ...charge, online, clock }) === canonicalJson(before)) return null;
  return { name: 'charge.superseded', subject: stay.id, data: { ...about, before, after: charge, reason } };
}
