import type { ChargeFlag } from '../../shared/contract/charge.ts';
import type { VenueConfig } from '../../shared/contract/config.ts';
import { closingOfDay, startOfDay } from '../../shared/hours.ts';
import { DAY_MS, formatInstant, MINUTE_MS, parseInstant, SECOND_MS } from '../../shared/time.ts';
import {
  billStay,
  closeStay,
  closingAtCheckIn,
  closingOf,
  SUPERSEDED_BY,
  withClock,
  type BilledStay,
  type BillingContext,
} from './close.ts';
import { nextStayState, withFlags, type Stay } from './stay.ts';
import { isCancelledInTime, withTerms, type SyncedReservation } from './synced.ts';

/** How long after its due instant a settlement is late: the gateway was off, or learned of the reservation late. */
const LATE_AFTER_MS = 5 * MINUTE_MS;

/** When a stay that nobody checks out of ends by itself. Epoch milliseconds. */
export interface StayEnd {
  /** The closing of the business day that it began on, or its reservation's end where that is later. */
  readonly endMs: number;
  /** Whether it is a closing of the venue. */
  readonly isClosing: boolean;
  /** From when on it is settled: a check-out in the minute of closing is still in time. */
  readonly dueMs: number;
}

/**
 * When an open stay ends by itself: at the closing of the business day in which its reservation begins (of a ticket's
 * visit: of its check-in), but not before the reservation's end, for what was sold is honoured where a day was shortened.
 * Where nothing closes on that day, a reservation ends at its end (or by the venue's policy a day after its start), and a
 * ticket's visit with the civil day.
 */
export function endOf(stay: Stay, venue: VenueConfig): StayEnd {
  const { hours, timeZone, policy } = venue;
  const { entitlement } = stay;
  const graceMs = graceOf(policy);
  const ends = (endMs: number, isClosing: boolean) => ({ endMs, isClosing, dueMs: endMs + graceMs });
  if (entitlement.kind === 'ticket') {
    const checkInMs = stay.checkInMs ?? 0;
    const closingMs = closingOfDay(hours, timeZone, checkInMs);
    if (closingMs !== null && closingMs > checkInMs) return ends(closingMs, true);
    return ends(startOfDay(startOfDay(checkInMs, timeZone) + DAY_MS * 1.5, timeZone), false);
  }
  const endMs = parseInstant(entitlement.end);
  const closingMs = closingOf(stay, entitlement, venue);
  if (closingMs !== null) return ends(Math.max(closingMs, endMs), closingMs >= endMs);
  const isDayLong = policy.forgottenCutoff === '24-hours';
  return ends(isDayLong ? Math.max(endMs, parseInstant(entitlement.start) + DAY_MS) : endMs, false);
}

/**
 * Settles an open stay that nobody checked out of: a user's is forgotten and charged, a ticket's and a guest's visit is
 * closed at that time and costs nothing. Source: チェックアウトを忘れてしまった場合、営業終了時間までの課金になされます.
 *
 * @returns `null` while it is not due
 */
export function settleStay(stay: Stay, context: BillingContext): BilledStay | null {
  const { venue, nowMs, clock } = context;
  const end = endOf(stay, venue);
  if (nowMs < end.dueMs) return null;
  const doorFlags: readonly ChargeFlag[] = context.isUnopened?.(stay.id) === true ? ['door-not-opened'] : [];
  const flags = withFlags(stay.flags, ...lateFlags(end.dueMs, nowMs), ...doorFlags);
  const settled: Stay = { ...stay, flags };
  const { entitlement } = stay;
  if (entitlement.kind === 'ticket' || entitlement.role === 'guest') {
    return closeStay(settled, context, { by: 'closing', door: null, grant: null, atMs: end.endMs });
  }
  const forgotten: Stay = {
    ...settled,
    state: nextStayState(stay.state, 'forget'),
    flags: withClock(settled.flags, clock),
  };
  const billed = billStay(forgotten, context, SUPERSEDED_BY.changed);
  const closing = end.isClosing ? formatInstant(end.endMs, venue.timeZone) : null;
  return {
    ...billed,
    events: [
      {
        name: 'stay.forgotten',
        subject: stay.id,
        data: { stay: stay.id, iss: stay.iss, sub: stay.sub, closing },
      },
      ...billed.events,
    ],
  };
}

/** What settling a reservation that nobody came for is done with. */
export interface NoShowContext extends BillingContext {
  /** Id of the stay that a no-show becomes. */
  readonly id: string;
  /** The member came and was turned away by a fault of our equipment: an operator has to look. */
  readonly wasTurnedAway: boolean;
  /** Where and when the member was refused at the exit, having no open stay: they were inside. Default: nowhere. */
  readonly refusedExit?: RefusedExit | null;
}

/** A code that was shown at an exit by somebody who had never checked in. */
export interface RefusedExit {
  readonly door: string;
  readonly atMs: number;
}

/** From when on somebody who came in again after the check-out, and is not known to have left, was there too long. */
export function overstaysFrom({ endsAtMs }: Stay, { policy }: Pick<VenueConfig, 'policy'>): number {
  return (endsAtMs ?? Infinity) + graceOf(policy);
}

/** Whether nobody is known to have checked in: none came, or was seen by a refused code at an exit alone. */
export function isUnattended(stay: Stay | null): boolean {
  if (stay === null || stay.state === 'no-show' || stay.state === 'voided') return true;
  return (
    stay.state === 'checked-out' && stay.checkInMs === null && stay.flags.includes('tailgating-suspected')
  );
}

/**
 * Settles a reservation that has ended: nobody came, so it is charged as reserved. Source:
 * キャンセルを忘れてしまった場合、予約時間分の課金がかかります. Whoever was seen at the exit was there without a check-in: they came in
 * behind somebody, and are charged by that scan.
 *
 * @param before what it was settled as already, before it was changed or somebody was seen
 * @returns `null` where there is nothing to settle: cancelled in time, a guest's, not over yet, or seen no later than before
 */
export function settleNoShow(
  known: SyncedReservation,
  before: Stay | null,
  context: NoShowContext,
): BilledStay | null {
  const { reservation, iss, sub, cancelledAtMs } = known;
  const endMs = parseInstant(reservation.end);
  if (reservation.role === 'guest' || context.nowMs < endMs || isCancelledInTime(known, context.venue))
    return null;
  const exit = context.refusedExit ?? null;
  const isSeen = before !== null && before.state !== 'no-show';
  if (isSeen && (exit?.atMs ?? 0) <= (before.checkOutMs ?? 0)) return null;
  const wasSettled = before?.entitlement.kind === 'reservation' && before.entitlement.end === reservation.end;
  const flags = wasSettled ? [] : lateFlags(Math.max(endMs, exit?.atMs ?? 0), context.nowMs);
  if (context.wasTurnedAway) flags.push('review');
  const stay: Stay = before ?? {
    id: context.id,
    iss,
    sub,
    state: 'no-show',
    grant: null,
    entitlement: reservation,
    checkInMs: null,
    checkOutMs: null,
    endsAtMs: endMs,
    closingMs: closingAtCheckIn(known.closingMs, reservation, context.venue),
    flags: [],
  };
  const current = withTerms(
    { ...stay, flags: withFlags(withClock(stay.flags, context.clock), ...flags) },
    reservation,
  );
  if (exit !== null) return settleUnseen(current, exit, context, cancelledAtMs);
  const billed = billStay(current, context, SUPERSEDED_BY.changed, cancelledAtMs);
  if (before !== null) return billed;
  const data = { stay: stay.id, iss, sub, reservation: reservation.id };
  return { ...billed, events: [{ name: 'stay.no-show', subject: stay.id, data }, ...billed.events] };
}

/** Charges a visit by its check-out alone; the charge says `checkin-missing`. */
function settleUnseen(
  stay: Stay,
  { door, atMs }: RefusedExit,
  context: NoShowContext,
  cancelledAtMs: number | null,
): BilledStay {
  const left: Stay = {
    ...stay,
    state: stay.state === 'checked-out' ? stay.state : nextStayState(stay.state, 'check-out'),
    checkOutMs: atMs,
    flags: withFlags(stay.flags, 'tailgating-suspected'),
  };
  const checkOut = formatInstant(atMs, context.venue.timeZone);
  const { iss, sub } = stay;
  const data = { stay: stay.id, iss, sub, door, grant: null, checkOut, by: 'member' } as const;
  const billed = billStay(left, context, SUPERSEDED_BY.lateCheckOut, cancelledAtMs);
  return { ...billed, events: [{ name: 'stay.checked-out', subject: stay.id, data }, ...billed.events] };
}

/**
 * Brings a stay up to a change of its reservation. An open one goes on under the new terms, a forgotten one is charged
 * by them. One that was cancelled in time after all costs nothing where nobody checked in: a no-show, and a visit that
 * nothing but a refused code at the exit speaks for. What a check-out has ended stands otherwise: correcting that is for
 * an operator.
 */
export function changeStay(stay: Stay, known: SyncedReservation, context: BillingContext): BilledStay {
  const unchanged: BilledStay = { stay, events: [], yen: null };
  // Whether a cancellation came too late is told anew, with the change.
  const flags = stay.flags.filter((flag) => flag !== 'cancel-rejected');
  const changed = withTerms({ ...stay, flags }, known.reservation);
  switch (stay.state) {
    case 'open': {
      const isRejected = known.cancelledAtMs !== null;
      return {
        ...unchanged,
        stay: isRejected ? { ...changed, flags: withFlags(flags, 'cancel-rejected') } : changed,
      };
    }
    case 'forgotten':
      return billStay(changed, context, SUPERSEDED_BY.changed, known.cancelledAtMs);
    case 'no-show':
    case 'checked-out':
      if (stay.checkInMs !== null || !isCancelledInTime(known, context.venue)) return unchanged;
      return billStay(changed, context, SUPERSEDED_BY.changed, known.cancelledAtMs);
    case 'voided':
      return unchanged;
  }
}

/** A scan in the minute, or the second, that stamps are cut to is in time still. */
function graceOf({ stamp }: VenueConfig['policy']): number {
  return stamp === 'minute' ? MINUTE_MS : SECOND_MS;
}

function lateFlags(dueMs: number, nowMs: number): ChargeFlag[] {
  return nowMs - dueMs > LATE_AFTER_MS ? ['settled-late'] : [];
}
