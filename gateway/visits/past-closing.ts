import { canonicalJson } from '../../shared/canonical.ts';
import type { VenueConfig } from '../../shared/contract/config.ts';
import type { Member } from '../../shared/contract/member.ts';
import {
  closingBefore,
  isCancelledInTime,
  pastClosingEvent,
  type SyncedReservation,
} from '../access/synced.ts';
import type { Clock } from '../clock/clock.ts';
import { tryWrite } from '../journal/fault.ts';
import type { Journal, JournalWriter } from '../journal/journal.ts';

/** Reservations in one go. Between two goes the doors are served. */
const BATCH = 50;

/** The name under which the journal keeps the hours that all reservations were last compared with. */
const HOURS = 'hoursCompared';

interface PastClosingOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly clock: Clock;
}

/**
 * Tells once of a reservation that ends after the closing of its day: it is honoured, and the operator has to know. To be
 * called in the transaction that keeps the reservation.
 */
export function tellPastClosing(
  writer: JournalWriter,
  known: SyncedReservation,
  { venue, clock }: PastClosingOptions,
): void {
  const { reservation, pastClosing } = known;
  const closingMs = isCancelledInTime(known, venue) ? undefined : closingBefore(reservation, venue);
  if (closingMs === pastClosing) return;
  writer.synced.setPastClosing(known, closingMs);
  if (closingMs === undefined) return;
  const event = pastClosingEvent(known, reservation, closingMs, venue.timeZone);
  writer.append(event, clock.wallMs(), clock.trust());
}

/** Compares what is booked already with the venue's hours where these were changed since it was compared last. */
export class PastClosing {
  readonly #options: PastClosingOptions;
  #cancel: () => void = () => undefined;

  constructor(options: PastClosingOptions) {
    this.#options = options;
  }

  start(): void {
    const { venue, journal } = this.#options;
    const hours = canonicalJson({ hours: venue.hours, timeZone: venue.timeZone });
    if (journal.facts.get(HOURS) !== hours) this.#compare({ id: '', iss: '', sub: '' }, hours);
  }

  close(): void {
    this.#cancel();
  }

  #compare(after: Member & { readonly id: string }, hours: string): void {
    const { journal, clock } = this.#options;
    tryWrite(
      () => {
        const known = journal.synced.upcoming(after, BATCH);
        journal.write((writer) => {
          for (const one of known) tellPastClosing(writer, one, this.#options);
          if (known.length < BATCH) writer.facts.put(HOURS, hours);
        });
        const last = known.at(-1);
        if (known.length < BATCH || last === undefined) return;
        const next = { id: last.reservation.id, iss: last.iss, sub: last.sub };
        this.#cancel = clock.after(0, () => this.#compare(next, hours));
      },
      // The hours are not noted, so that the next start compares again.
      () => undefined,
    );
  }
}
