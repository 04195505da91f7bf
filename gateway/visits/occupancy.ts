import type { VenueConfig } from '../../shared/contract/config.ts';
import type { Occupancy } from '../../shared/contract/state.ts';
import { occupancyOf } from '../../shared/occupancy.ts';
import { every, type Clock } from '../clock/clock.ts';
import type { Journal } from '../journal/journal.ts';
import { heldSeats } from '../journal/venue-state.ts';

/** How long changes are gathered, in milliseconds: counting must not come between a commit and its pulse. */
const GATHER_MS = 200;

/** How often it is counted without an event, in milliseconds: reservations begin and end by themselves. */
const COUNT_EVERY_MS = 60_000;

export interface OccupancyBoardOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly publish: (occupancy: Occupancy) => void;
}

/** Tells how full the venue is whenever that changes. */
export class OccupancyBoard {
  readonly #options: OccupancyBoardOptions;
  #shown: Occupancy | null = null;
  /** What was counted after so many writes of visits, and between which instants of the wall clock it holds by itself. */
  #counted = { writes: -1, fromMs: 0, untilMs: 0, inside: 0, held: 0 };
  #cancel: (() => void) | null = null;
  #cancelGathering: (() => void) | null = null;
  #stopListening: (() => void) | null = null;

  constructor(options: OccupancyBoardOptions) {
    this.#options = options;
  }

  /** As it is at the instant of the call. */
  now(): Occupancy {
    const { venue, journal, clock } = this.#options;
    const nowMs = clock.wallMs();
    const { writes, fromMs, untilMs } = this.#counted;
    if (writes !== journal.visitWrites || nowMs < fromMs || nowMs >= untilMs) this.#count(nowMs);
    const { inside, held } = this.#counted;
    return occupancyOf({ capacity: venue.capacity, inside, held }, venue.occupancy.fewFree);
  }

  start(): void {
    this.#stopListening = this.#options.journal.onAppend(() => this.#gather());
    this.#cancel = every(this.#options.clock, COUNT_EVERY_MS, () => this.#show());
    this.#show();
  }

  close(): void {
    this.#stopListening?.();
    this.#cancel?.();
    this.#cancelGathering?.();
  }

  #count(nowMs: number): void {
    const { venue, journal } = this.#options;
    const { visitWrites: writes } = journal;
    const held = heldSeats(journal, venue, nowMs);
    this.#counted = {
      writes,
      fromMs: nowMs,
      untilMs: Math.min(journal.synced.nextStartMs(nowMs) ?? Infinity, ...held),
      inside: journal.stays.countSeated(),
      held: held.length,
    };
  }

  #gather(): void {
    this.#cancelGathering ??= this.#options.clock.after(GATHER_MS, () => {
      this.#cancelGathering = null;
      this.#show();
    });
  }

  #show(): void {
    const occupancy = this.now();
    const { inside, free, sign } = occupancy;
    if (this.#shown?.inside === inside && this.#shown.free === free && this.#shown.sign === sign) return;
    this.#shown = occupancy;
    this.#options.publish(occupancy);
  }
}
