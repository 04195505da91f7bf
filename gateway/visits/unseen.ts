import type { VenueConfig } from '../../shared/contract/config.ts';
import { endOfBusinessDay } from '../../shared/hours.ts';
import { MINUTE_MS, parseInstant } from '../../shared/time.ts';
import type { RefusedExit } from '../access/settle.ts';
import type { SyncedReservation } from '../access/synced.ts';
import type { Journal } from '../journal/journal.ts';
import { reservationsOf } from '../journal/venue-state.ts';

/** From when on a reservation's user may come, epoch milliseconds. */
export function earliestOf({ reservation }: SyncedReservation, venue: VenueConfig): number {
  return parseInstant(reservation.start) - venue.earlyEntryMinutes * MINUTE_MS;
}

/**
 * The last code that a reservation's user showed at an exit without having a stay to check out of: all that is known of a
 * visit without a check-in. After the end it speaks for the reservation until its business day is over, or until the
 * user's next visit begins or may begin. `null`: there was none.
 */
export function exitWithoutStay(
  journal: Journal,
  venue: VenueConfig,
  known: SyncedReservation,
): RefusedExit | null {
  const endMs = parseInstant(known.reservation.end);
  const dayEndMs = endOfBusinessDay(venue.hours, venue.timeZone, endMs - 1);
  const untilMs = Math.max(endMs, Math.min(dayEndMs, nextVisitMs(journal, venue, known)) - 1);
  return journal.decisions.refusedExit(known, earliestOf(known, venue), untilMs);
}

function nextVisitMs(journal: Journal, venue: VenueConfig, known: SyncedReservation): number {
  const { id, start, end } = known.reservation;
  const startMs = parseInstant(start);
  const reserved = reservationsOf(journal, venue, known, parseInstant(end))
    .filter((other) => other.id !== id && parseInstant(other.start) > startMs)
    .map((other) => parseInstant(other.start) - venue.earlyEntryMinutes * MINUTE_MS);
  const begun = journal.stays
    .ofMember(known, startMs)
    .filter(({ state, entitlement }) => state !== 'voided' && entitlement.id !== id)
    .flatMap(({ checkInMs }) => (checkInMs !== null && checkInMs > startMs ? [checkInMs] : []));
  return Math.min(...reserved, ...begun);
}
