interface Bucket {
  tokens: number;
  atMs: number;
}

/** So many at once, then one more each `everyMs`. */
export interface Rate {
  readonly burst: number;
  readonly everyMs: number;
}

/** Sources that one set of buckets remembers. */
export const SOURCES_MAX = 1_024;

/**
 * Token buckets by source. Bounded: when too many sources are remembered, those whose bucket is full again are
 * forgotten, for a new one would be as full. Where none is, a new source gets nothing: to forget one that is short is
 * what an attacker with many addresses wants.
 *
 * Monotonic time.
 */
export class TokenBuckets {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, Bucket>();
  /** Before this no remembered bucket is full again, so that nobody needs to look. */
  #noneFullBeforeMs = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Takes one token; `false` where there is none. */
  take(source: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(source);
    if (bucket === undefined && this.#buckets.size >= SOURCES_MAX && !this.#forgetFull(nowMs)) return false;
    const tokens = bucket === undefined ? this.#rate.burst : this.#filled(bucket, nowMs);
    if (tokens < 1) return false;
    this.#buckets.set(source, { tokens: tokens - 1, atMs: nowMs });
    if (bucket === undefined) this.#noneFullBeforeMs = 0;
    return true;
  }

  #filled({ tokens, atMs }: Bucket, nowMs: number): number {
    return Math.min(this.#rate.burst, tokens + (nowMs - atMs) / this.#rate.everyMs);
  }

  #forgetFull(nowMs: number): boolean {
    if (nowMs < this.#noneFullBeforeMs) return false;
    const { burst, everyMs } = this.#rate;
    this.#noneFullBeforeMs = Infinity;
    for (const [source, { tokens, atMs }] of this.#buckets) {
      const fullMs = atMs + (burst - tokens) * everyMs;
      if (fullMs <= nowMs) this.#buckets.delete(source);
      else this.#noneFullBeforeMs = Math.min(this.#noneFullBeforeMs, fullMs);
    }
    return this.#buckets.size < SOURCES_MAX;
  }
}
