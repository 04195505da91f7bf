import type { Clock } from '../clock/clock.ts';
import { sourceOf } from './source.ts';

/** Wrong passwords in a row for one name from one place, and for all names from it, before one has to wait. */
const BURST_OF_NAME = 8;
const BURST_OF_PLACE = 40;

/** How often one more try is given back, in milliseconds. */
const REFILL_MS = 30_000;

/** Places and names that are remembered; one more forgets the one that is nearest to being forgiven. */
const REMEMBERED_MAX = 10_000;

interface Bucket {
  left: number;
  atMs: number;
}

/**
 * Slows guessing down by where it comes from, never by the name alone: an attacker elsewhere cannot keep the operator
 * out, and right passwords cost nothing.
 */
export class Attempts {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** Seconds to wait before the next try; 0: now. */
  waitS(address: string, name: string): number {
    const waits = this.#keys(address, name).map(([key, burst]) => {
      const left = this.#left(key, burst);
      return left >= 1 ? 0 : ((1 - left) * REFILL_MS) / 1_000;
    });
    return Math.ceil(Math.max(...waits));
  }

  /** A try is under way: it is paid for before the answer is known, so that many at once cannot slip through. */
  begin(address: string, name: string): void {
    for (const [key, burst] of this.#keys(address, name)) this.#set(key, this.#left(key, burst) - 1);
  }

  /** It was right: what it cost is given back. */
  succeeded(address: string, name: string): void {
    for (const [key, burst] of this.#keys(address, name))
      this.#set(key, Math.min(burst, this.#left(key, burst) + 1));
  }

  #keys(address: string, name: string): readonly (readonly [string, number])[] {
    const place = sourceOf(address);
    return [
      [`${place} ${name}`, BURST_OF_NAME],
      [place, BURST_OF_PLACE],
    ];
  }

  #left(key: string, burst: number): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return burst;
    return Math.min(burst, bucket.left + (this.#clock.monotonicMs() - bucket.atMs) / REFILL_MS);
  }

  #set(key: string, left: number): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, { left, atMs: this.#clock.monotonicMs() });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > REMEMBERED_MAX && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
