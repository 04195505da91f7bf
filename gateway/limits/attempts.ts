import { SECOND_MS } from '../../shared/time.ts';
import type { Clock } from '../clock/clock.ts';
import { sourceOf } from './source.ts';
import { TokenBuckets } from './token-buckets.ts';

/** Wrong passwords in a row for one name from one place, and for all names from it, before one has to wait. */
const BURST_OF_NAME = 8;
const BURST_OF_PLACE = 40;

/** How often one more try is given back, in milliseconds. */
const REFILL_MS = 30_000;

/** Places, and names at them, that are remembered. An attacker with more of them keeps no operator out. */
const MEMORY = { sourcesMax: 10_000, whenFull: 'forget-oldest' } as const;

/**
 * Slows guessing down by where it comes from, never by the name alone: an attacker elsewhere cannot keep the operator
 * out, and right passwords cost nothing.
 */
export class Attempts {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #names = new TokenBuckets({ burst: BURST_OF_NAME, everyMs: REFILL_MS }, MEMORY);
  readonly #places = new TokenBuckets({ burst: BURST_OF_PLACE, everyMs: REFILL_MS }, MEMORY);

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /**
   * Whole seconds to wait before the next try; 0: now.
   *
   * @param address of the network that the try comes from
   * @param name of the account, as it was given
   */
  waitS(address: string, name: string): number {
    const waits = this.#each(address, name, (buckets, source, nowMs) => buckets.waitMs(source, nowMs));
    return Math.ceil(Math.max(...waits) / SECOND_MS);
  }

  /** A try is under way: it is paid for before the answer is known, so that many at once cannot slip through. */
  begin(address: string, name: string): void {
    this.#each(address, name, (buckets, source, nowMs) => buckets.take(source, nowMs));
  }

  /** It was right: what it cost is given back. */
  succeeded(address: string, name: string): void {
    this.#each(address, name, (buckets, source, nowMs) => buckets.giveBack(source, nowMs));
  }

  #each<T>(
    address: string,
    name: string,
    act: (buckets: TokenBuckets, source: string, nowMs: number) => T,
  ): T[] {
    const place = sourceOf(address);
    const nowMs = this.#clock.monotonicMs();
    return [act(this.#names, `${place} ${name}`, nowMs), act(this.#places, place, nowMs)];
  }
}
