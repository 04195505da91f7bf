import { refuseReservation, type Booked, type ReservationRefusal } from '../../shared/billing/reservation.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import type { VenueConfig } from '../../shared/contract/config.ts';
import type { DomainEvent, EventData } from '../../shared/contract/events.ts';
import type { Member } from '../../shared/contract/member.ts';
import type { Entitlement, Reservation } from '../../shared/contract/pass.ts';
import { closingOfDay } from '../../shared/hours.ts';
import { formatInstant, MINUTE_MS, parseInstant } from '../../shared/time.ts';
import type { Credential } from './credential.ts';
import type { Stay } from './stay.ts';

/** A reservation as the cloud told it last. */
export interface SyncedReservation extends Member {
  /** Number of the change that told it. Of two words the higher holds. */
  readonly version: number;
  /** When it was told, epoch milliseconds. */
  readonly issuedMs: number;
  readonly reservation: Reservation;
  /** Epoch milliseconds; `null` while it is not cancelled. */
  readonly cancelledAtMs: number | null;
  /** When its user checked in, epoch milliseconds: no cancellation takes that back. Absent where nobody has. */
  readonly checkInMs?: number;
  /** From when on it is free again, epoch milliseconds: a check-out ended it. Absent where none did. */
  readonly freeFromMs?: number;
  /** The closing of its day as the hours were when it was told, epoch milliseconds; `null`: nothing closes then. */
  readonly closingMs?: number | null;
  /** The closing before its end that was told last (`null`: the day is shut); absent where it ends in time. */
  readonly pastClosing?: number | null;
}

/**
 * A reservation's closing where it ends after it, by the hours as they are now: it is honoured, and somebody has to be
 * there or to lock up later. `null`: its day is shut; `undefined`: it ends in time.
 */
export function closingBefore(
  { start, end }: Pick<Reservation, 'start' | 'end'>,
  { hours, timeZone }: Pick<VenueConfig, 'hours' | 'timeZone'>,
): number | null | undefined {
  if (hours === null) return undefined;
  const closingMs = closingOfDay(hours, timeZone, parseInstant(start));
  return closingMs === null || closingMs < parseInstant(end) ? closingMs : undefined;
}

/** Tells of a reservation that ends after the closing of its day. */
export function pastClosingEvent(
  { iss, sub }: Member,
  { id, space, start, end }: Reservation,
  closingMs: number | null,
  timeZone: string,
): DomainEvent {
  const closing = closingMs === null ? null : formatInstant(closingMs, timeZone);
  const data = { reservation: id, iss, sub, space, start, end, closing };
  return { name: 'reservation.past-closing', subject: id, data };
}

/** Tells of a reservation that has ended, and is not charged as a no-show although no visit is known here. */
export function unsettledEvent(
  { iss, sub, reservation: { id, space, start, end } }: SyncedReservation,
  reason: EventData<'reservation.unsettled'>['reason'],
): DomainEvent {
  return {
    name: 'reservation.unsettled',
    subject: id,
    data: { reservation: id, iss, sub, space, start, end, reason },
  };
}

/**
 * Whether a cancellation came before its deadline, and nobody checked in: then there is no reservation. Any other changes
 * nothing, so that whoever is billed may also come back in.
 */
export function isCancelledInTime(
  known: SyncedReservation,
  { policy }: Pick<VenueConfig, 'policy'>,
): boolean {
  const deadlineMs = parseInstant(known.reservation.start) - policy.cancelDeadlineMinutes * MINUTE_MS;
  const { cancelledAtMs, checkInMs } = known;
  return cancelledAtMs !== null && cancelledAtMs < deadlineMs && checkInMs === undefined;
}

/**
 * Why reservations of one member that the cloud told are not taken: off the venue's grid, at the same time as another
 * of the same kind, a guest where none is allowed. Of two that overlap the one told first is kept; what a check-out has
 * released overlaps nothing. What is refused is as if it had never been told; the pass alone decides then.
 */
export function refusalsOf(
  known: readonly SyncedReservation[],
  venue: VenueConfig,
): ReadonlyMap<SyncedReservation, ReservationRefusal> {
  const refusals = new Map<SyncedReservation, ReservationRefusal>();
  const held: Booked[] = [];
  for (const one of [...known].sort((a, b) => a.version - b.version)) {
    if (isCancelledInTime(one, venue)) continue;
    const { space, start, end, role } = one.reservation;
    const booked = { space: space.kind, startMs: parseInstant(start), endMs: parseInstant(end) };
    const { freeFromMs } = one;
    if (freeFromMs !== undefined) {
      // It was honoured; what is left of it is what is paid for.
      if (freeFromMs > booked.startMs) held.push({ ...booked, endMs: Math.min(booked.endMs, freeFromMs) });
      continue;
    }
    const isGuest = role === 'guest';
    const refusal = refuseReservation(booked, isGuest ? [] : held, venue.policy, {
      guests: isGuest ? 1 : 0,
      venueAllowsGuests: venue.guests,
    });
    if (refusal !== null) refusals.set(one, refusal);
    else if (!isGuest) held.push(booked);
  }
  return refusals;
}

/**
 * What a member is entitled to by the pass and by what the cloud told. A reservation cancelled in time is none, whoever
 * says otherwise; of two words on the same one the newer holds; one that only the cloud told counts like one in the
 * pass, so that a booking of five minutes ago opens the door; and where nothing was told the pass is enough.
 */
export function entitlementsWith(
  credential: Pick<Credential, 'entitlements' | 'issuedMs'>,
  known: readonly SyncedReservation[],
  venue: VenueConfig,
): readonly Entitlement[] {
  if (known.length === 0) return credential.entitlements;
  const refusals = refusalsOf(known, venue);
  const taken = new Map(known.filter((one) => !refusals.has(one)).map((one) => [one.reservation.id, one]));
  const isPassNewer = ({ issuedMs }: SyncedReservation) => (credential.issuedMs ?? 0) > issuedMs;
  const own = credential.entitlements.flatMap((ent): readonly Entitlement[] => {
    const told = ent.kind === 'reservation' && ent.venue === venue.id ? taken.get(ent.id) : undefined;
    if (told === undefined) return [ent];
    taken.delete(ent.id);
    if (isCancelledInTime(told, venue)) return [];
    return [isPassNewer(told) ? ent : told.reservation];
  });
  const added = [...taken.values()].filter((one) => !isCancelledInTime(one, venue));
  return [...own, ...added.map(({ reservation }) => reservation)];
}

/** An open stay with its reservation as it is now, where a pass that was issued since the check-in says otherwise. */
export function withNewerTerms(stay: Stay, credential: Credential): Stay {
  const { entitlement, checkInMs, state } = stay;
  if (state !== 'open' || entitlement.kind !== 'reservation' || checkInMs === null) return stay;
  if ((credential.issuedMs ?? 0) <= checkInMs) return stay;
  const newer = credential.entitlements.find(
    (ent) => ent.kind === 'reservation' && ent.id === entitlement.id,
  );
  if (newer?.kind !== 'reservation' || newer.role !== entitlement.role) return stay;
  return canonicalJson(newer) === canonicalJson(entitlement) ? stay : withTerms(stay, newer);
}

/** A stay with other terms of its reservation. What a check-out has shortened stays shortened. */
export function withTerms(stay: Stay, reservation: Reservation): Stay {
  const endsAtMs = stay.checkOutMs === null ? parseInstant(reservation.end) : stay.endsAtMs;
  const changed: { -readonly [K in keyof Stay]: Stay[K] } = { ...stay, entitlement: reservation, endsAtMs };
  if (stay.entitlement.kind === 'reservation' && stay.entitlement.start === reservation.start) return changed;
  // Another start may be on another day, whose closing is another.
  delete changed.closingMs;
  return changed;
}
