import type { Arrival } from './judge.ts';

/** What has come to the consumer from one venue so far. */
export interface Held {
  /** Different ids. */
  readonly ids: number;
  /** When the newest of them came, epoch milliseconds; 0 before. */
  readonly lastMs: number;
}

/** What the recording receiver answers to `held`. */
export interface HeldNow extends Held {
  /** How often the broker has said that it will send the events: once for each connection. */
  readonly subscriptions: number;
}

/** What the recording receiver can be asked. `arrivals` is answered with a list of `Arrival`. */
export interface RecordQuestion {
  readonly ask: 'held' | 'arrivals';
  readonly venue: string;
}

/** Everything that comes to a consumer, as it comes. */
export class Arrivals {
  readonly #byVenue = new Map<string, { arrivals: Arrival[]; ids: Set<number>; lastMs: number }>();

  add(venue: string, arrival: Arrival): void {
    const known = this.#byVenue.get(venue);
    const log = known ?? { arrivals: [], ids: new Set(), lastMs: 0 };
    if (known === undefined) this.#byVenue.set(venue, log);
    log.arrivals.push(arrival);
    if (log.ids.has(arrival.id)) return;
    log.ids.add(arrival.id);
    log.lastMs = Date.now();
  }

  held(venue: string): Held {
    const { ids, lastMs = 0 } = this.#byVenue.get(venue) ?? {};
    return { ids: ids?.size ?? 0, lastMs };
  }

  of(venue: string): readonly Arrival[] {
    return this.#byVenue.get(venue)?.arrivals ?? [];
  }
}
