import type { Logger } from 'pino';
import type { VenueConfig } from '../../shared/contract/config.ts';
import { flagStay, SUPERSEDED_BY } from '../access/close.ts';
import type { Clock } from '../clock/clock.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';

/** How long after a check-out its exit must have opened. */
const LEAVES_WITHIN_MS = 60_000;

export interface DeparturesOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Whether the leaf is open; `null` while nobody sees it. */
  readonly isLeafOpen: (door: string) => boolean | null;
  readonly log: Logger;
}

/**
 * Watches whether whoever checked out has left: tapping out from the seat and staying on is the cheapest fraud. A stay
 * whose exit did not open within a minute is flagged `checkout-not-left`, and so is its charge; the amount is the same.
 *
 * Only what was seen counts. While the leaf is not seen, and over a restart, nobody is accused; an opening speaks for
 * everybody who is watched at that door.
 */
export class Departures {
  readonly #options: DeparturesOptions;
  readonly #watched = new Map<string, { readonly door: string; readonly cancel: () => void }>();

  constructor(options: DeparturesOptions) {
    this.#options = options;
  }

  /** A check-out was granted at a door. */
  checkedOut(stay: string, door: string): void {
    const { clock, isLeafOpen } = this.#options;
    if (isLeafOpen(door) !== false) return;
    this.#watched.set(stay, { door, cancel: clock.after(LEAVES_WITHIN_MS, () => this.#flag(stay, door)) });
  }

  /** The leaf of a door opened, or can no longer be seen. */
  clear(door: string): void {
    for (const [stay, watched] of this.#watched) {
      if (watched.door !== door) continue;
      watched.cancel();
      this.#watched.delete(stay);
    }
  }

  close(): void {
    for (const { cancel } of this.#watched.values()) cancel();
    this.#watched.clear();
  }

  #flag(id: string, door: string): void {
    const { journal, clock, log, isLeafOpen } = this.#options;
    this.#watched.delete(id);
    if (isLeafOpen(door) !== false) return;
    tryWrite(
      () => {
        journal.write((writer) => {
          const stay = journal.stays.get(id);
          if (stay?.state !== 'checked-out') return;
          const flagged = flagStay(stay, 'checkout-not-left', SUPERSEDED_BY.notLeft);
          writer.stays.put(flagged.stay);
          for (const event of flagged.events) writer.append(event, clock.wallMs(), clock.trust());
        });
        log.info({ door, stay: id }, 'checked out and not left');
      },
      faultTold(log, 'a flag is lost', { door, stay: id }),
    );
  }
}
