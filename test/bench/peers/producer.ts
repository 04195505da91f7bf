import { until } from '../../venue/until.ts';
import type { VenueSide } from './venue-side.ts';

/** Events that wait for their word at once. */
const WINDOW = 100;

/** Who has said nothing for so long takes no more for now. */
const STALLED_MS = 3_000;

/**
 * Makes events 1 to `events` and hands them to a venue's side in order, a window at once. It believes what it is told: what
 * was taken is forgotten here, and everything else is offered again after a restart.
 */
export class Producer {
  readonly taken = new Set<number>();
  readonly #side: VenueSide;
  readonly #events: number;
  #next = 1;
  #waiting = 0;
  #heardMs = performance.now();

  constructor(side: VenueSide, events: number) {
    this.#side = side;
    this.#events = events;
    side.onTaken = (event) => {
      this.#heardMs = performance.now();
      this.#waiting -= 1;
      this.taken.add(event);
      this.#offer();
    };
  }

  /** Begins, or goes on after a restart of the venue's side, which knows to have taken everything up to `known`. */
  resume(known: number): void {
    for (let event = 1; event <= known; event += 1) this.taken.add(event);
    this.#waiting = 0;
    this.#next = 1;
    this.#heardMs = performance.now();
    this.#offer();
  }

  /** Resolves when so many are taken, or when the venue's side takes no more for now. */
  async takenOrStalled(events = this.#events): Promise<void> {
    const isStalled = () => performance.now() - this.#heardMs > STALLED_MS;
    await until('events are taken', () => this.taken.size >= events || isStalled(), 600_000);
  }

  #offer(): void {
    for (; this.#next <= this.#events && this.#waiting < WINDOW; this.#next += 1) {
      if (this.taken.has(this.#next)) continue;
      this.#waiting += 1;
      this.#side.offer(this.#next);
    }
  }
}
