import type { DenialReason } from '../../shared/contract/denial.ts';
import type { Reservation } from '../../shared/contract/pass.ts';
import { MINUTE_MS, parseInstant } from '../../shared/time.ts';
import type { Facts } from './facts.ts';
import type { Stay } from './stay.ts';

/** A reservation that admits now, and the stay that it opened before, if any. */
export interface CurrentReservation {
  readonly reservation: Reservation;
  readonly stay: Stay | null;
  /** The no-show that it was settled as before it was extended. */
  readonly settled: Stay | null;
}

/** A reservation's start and its end as it stands: `E'`, which an early check-out at an H1T venue moves forward. */
interface Window extends CurrentReservation {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The reservation by which the member may enter at this instant: `S − earlyEntry ≤ now < E'`.
 *
 * Of several, one that has begun and waits for its check-in goes first, so that a room can be checked in to
 * from an open seat; then the one that is open; then one that begins soon; last a paid rest after a check-out.
 */
export function currentReservation(
  facts: Facts,
  leadsTo: (space: Reservation['space']) => boolean = () => true,
): CurrentReservation | null {
  const current = windowsNow(facts, leadsTo).filter((window) => hasItsHost(window, facts));
  const rank = ({ stay, startMs }: Window): number => {
    if (stay === null) return startMs <= facts.nowMs ? 0 : 2;
    return stay.state === 'open' ? 1 : 3;
  };
  current.sort((a, b) => rank(a) - rank(b) || a.startMs - b.startMs);
  const [first] = current;
  return first ?? null;
}

/** Whether the only thing that keeps a guest out is that no host of the reservations that hold now is checked in. */
export function waitsForHost(
  facts: Facts,
  leadsTo: (space: Reservation['space']) => boolean = () => true,
): boolean {
  const current = windowsNow(facts, leadsTo);
  return current.length > 0 && !current.some((window) => hasItsHost(window, facts));
}

/** A guest needs the host checked in. */
function hasItsHost({ reservation }: Window, { state }: Facts): boolean {
  return (
    reservation.role === 'user' || (reservation.host !== undefined && state.hostsInside.has(reservation.host))
  );
}

function windowsNow(facts: Facts, leadsTo: (space: Reservation['space']) => boolean): Window[] {
  // A guest comes within the reservation, and not before it.
  const earlyMs = ({ role }: Reservation) =>
    role === 'guest' ? 0 : facts.venue.earlyEntryMinutes * MINUTE_MS;
  return windowsOf(facts).filter(
    ({ reservation, startMs, endMs }) =>
      leadsTo(reservation.space) && startMs - earlyMs(reservation) <= facts.nowMs && facts.nowMs < endMs,
  );
}

/** Why none of the reservations admits now. A reservation still to come is told before one that is over. */
export function reservationReason(
  facts: Facts,
): Extract<DenialReason, 'no-reservation' | 'too-early' | 'reservation-ended'> {
  const windows = windowsOf(facts);
  if (windows.length === 0) return 'no-reservation';
  return windows.some(({ startMs }) => startMs > facts.nowMs) ? 'too-early' : 'reservation-ended';
}

function windowsOf({ request, venue, state }: Facts): Window[] {
  return request.credential.entitlements
    .filter((ent) => ent.kind === 'reservation')
    .filter((ent) => ent.venue === venue.id && (ent.role === 'user' || takesGuests(ent, venue)))
    .map((reservation) => {
      const opened =
        state.stays.find(
          ({ state: life, entitlement }) =>
            life !== 'voided' && entitlement.kind === 'reservation' && entitlement.id === reservation.id,
        ) ?? null;
      const isSettled = opened?.state === 'no-show';
      const stay = isSettled ? null : opened;
      const endMs = stay?.endsAtMs ?? parseInstant(reservation.end);
      const hostsEndMs = reservation.role === 'guest' ? state.guestEnds?.get(reservation.id) : undefined;
      return {
        reservation,
        stay,
        settled: isSettled ? opened : null,
        startMs: parseInstant(reservation.start),
        endMs: Math.min(endMs, hostsEndMs ?? Infinity),
      };
    });
}

/** 座席…ゲスト利用不可。 スペースによっては、会議室にゲストを呼ぶことが可能です。 */
function takesGuests({ space }: Reservation, venue: Facts['venue']): boolean {
  return space.kind === 'room' && venue.guests;
}
