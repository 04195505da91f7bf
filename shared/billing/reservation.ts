import type { SpaceKind } from '../contract/charge.ts';
import type { Policy } from '../contract/policy.ts';
import { MINUTE_MS } from '../time.ts';

/** A reservation's place in time: `[startMs, endMs)`, half-open, so that touching is not overlapping. */
export interface Booked {
  readonly space: SpaceKind;
  readonly startMs: number;
  readonly endMs: number;
}

/** Why a reservation is refused when it is synced. Order is precedence. */
export type ReservationRefusal =
  'guest-not-allowed-on-seat' | 'guest-not-allowed-at-venue' | 'off-grid' | 'seat-overlap' | 'room-overlap';

/** Who is brought along. */
export interface Company {
  readonly guests: number;
  /** Whether the venue's meeting rooms take guests. スペースによっては、会議室にゲストを呼ぶことが可能です。 */
  readonly venueAllowsGuests: boolean;
}

const ALONE: Company = { guests: 0, venueAllowsGuests: true };

/** Whether two half-open intervals share an instant. */
export function overlaps(
  a: { readonly startMs: number; readonly endMs: number },
  b: { readonly startMs: number; readonly endMs: number },
): boolean {
  return a.startMs < b.endMs && b.startMs < a.endMs;
}

/**
 * Whether a user may hold one more reservation: on the venue's clock grid, and never two seats or two rooms at once.
 * 席と会議室は同時予約が可能です。(席の同時予約および会議室の同時予約はできません。) Guests in rooms only: 座席…ゲスト利用不可。
 *
 * @param held the same user's other reservations, at any venue
 * @returns why not, or `null`
 */
export function refuseReservation(
  candidate: Booked,
  held: readonly Booked[],
  policy: Pick<Policy, 'gridMinutes'>,
  company = ALONE,
): ReservationRefusal | null {
  if (company.guests > 0 && candidate.space === 'seat') return 'guest-not-allowed-on-seat';
  if (company.guests > 0 && !company.venueAllowsGuests) return 'guest-not-allowed-at-venue';
  const gridMs = policy.gridMinutes * MINUTE_MS;
  if (candidate.startMs % gridMs !== 0 || candidate.endMs % gridMs !== 0) return 'off-grid';
  if (!held.some((other) => other.space === candidate.space && overlaps(other, candidate))) return null;
  return candidate.space === 'seat' ? 'seat-overlap' : 'room-overlap';
}
