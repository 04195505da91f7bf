import type { StandingOrder } from '../access/mode.ts';
import type { Journal } from '../journal/journal.ts';

/** What operators have ordered of the doors until they say otherwise, as the journal keeps it. */
export class StandingOrders {
  readonly #orders: Map<string, StandingOrder>;

  constructor(journal: Pick<Journal, 'doorOrders'>) {
    this.#orders = new Map(journal.doorOrders.all().map((order) => [order.door, order]));
  }

  /** The order of a door, be its time over or not; `null`: none was given. */
  of(door: string): StandingOrder | null {
    return this.#orders.get(door) ?? null;
  }

  /** Takes up an order that was committed, or with `null` that none stands. */
  set(door: string, order: StandingOrder | null): void {
    if (order === null) this.#orders.delete(door);
    else this.#orders.set(door, order);
  }

  /** Whether nobody may enter by a credential. Read at every presentation, so it must not wait for a tick. */
  isLockedDown(door: string): boolean {
    return this.of(door)?.order === 'lockdown';
  }
}
