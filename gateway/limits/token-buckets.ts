/** So many at once (`burst`, at least 1), then one more each `everyMs` milliseconds, which may be a fraction. */
export interface Rate {
  readonly burst: number;
  readonly everyMs: number;
}

/** One bucket of tokens, full at first. Monotonic time in milliseconds. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #atMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#atMs = nowMs;
  }

  /** When it is full again, if no more is taken. */
  get fullAtMs(): number {
    return this.#atMs + (this.#rate.burst - this.#tokens) * this.#rate.everyMs;
  }

  /** Takes one token; `false` where there is none. */
  take(nowMs: number): boolean {
    const tokens = this.#filled(nowMs);
    if (tokens < 1) return false;
    this.#set(tokens - 1, nowMs);
    return true;
  }

  /** Puts one token back. One that is full stays as it is. */
  giveBack(nowMs: number): void {
    this.#set(this.#filled(nowMs) + 1, nowMs);
  }

  /** Milliseconds until there is a token; 0: now. */
  waitMs(nowMs: number): number {
    return Math.max(0, 1 - this.#filled(nowMs)) * this.#rate.everyMs;
  }

  #filled(nowMs: number): number {
    return Math.min(this.#rate.burst, this.#tokens + (nowMs - this.#atMs) / this.#rate.everyMs);
  }

  #set(tokens: number, nowMs: number): void {
    this.#tokens = tokens;
    this.#atMs = nowMs;
  }
}

/** Sources that one set of buckets remembers, where nothing else is said. */
export const SOURCES_MAX = 1_024;

/** How many sources are remembered, and what becomes of one more while all that are remembered are short of tokens. */
export interface Memory {
  /** Default: `SOURCES_MAX`. */
  readonly sourcesMax?: number;
  /**
   * `refuse-new`: it gets nothing, because to forget one that is short is what an attacker with many addresses wants.
   * `forget-oldest`: the one that has taken nothing for longest is forgotten, so that nobody is kept out by others.
   * Default: `refuse-new`.
   */
  readonly whenFull?: 'refuse-new' | 'forget-oldest';
}

/**
 * Token buckets by source. Bounded: before a new source is refused, those whose bucket is full again are forgotten, for
 * a new one would be as full.
 *
 * Monotonic time in milliseconds.
 */
export class TokenBuckets {
  readonly #rate: Rate;
  readonly #memory: Required<Memory>;
  /** The one that has taken nothing for longest comes first. */
  readonly #buckets = new Map<string, TokenBucket>();
  /** Before this no remembered bucket is full again, so that nobody needs to look. */
  #noneFullBeforeMs = 0;

  constructor(rate: Rate, { sourcesMax = SOURCES_MAX, whenFull = 'refuse-new' }: Memory = {}) {
    this.#rate = rate;
    this.#memory = { sourcesMax, whenFull };
  }

  /** Takes one token; `false` where there is none. */
  take(source: string, nowMs: number): boolean {
    const known = this.#buckets.get(source);
    if (known === undefined && !this.#hasRoom(nowMs)) return false;
    const bucket = known ?? new TokenBucket(this.#rate, nowMs);
    if (!bucket.take(nowMs)) return false;
    this.#buckets.delete(source);
    this.#buckets.set(source, bucket);
    this.#noneFullBeforeMs = Math.min(this.#noneFullBeforeMs, bucket.fullAtMs);
    return true;
  }

  /** Puts one token back. For a source that is not remembered there is nothing to put back. */
  giveBack(source: string, nowMs: number): void {
    const bucket = this.#buckets.get(source);
    if (bucket === undefined) return;
    bucket.giveBack(nowMs);
    this.#noneFullBeforeMs = Math.min(this.#noneFullBeforeMs, bucket.fullAtMs);
  }

  /** Milliseconds until the source has a token; 0: now, or it is not remembered. */
  waitMs(source: string, nowMs: number): number {
    return this.#buckets.get(source)?.waitMs(nowMs) ?? 0;
  }

  /** Whether there is room for one more, if need be after forgetting. */
  #hasRoom(nowMs: number): boolean {
    const { sourcesMax, whenFull } = this.#memory;
    if (this.#buckets.size < sourcesMax) return true;
    if (whenFull === 'refuse-new') {
      this.#forgetFull(nowMs);
      return this.#buckets.size < sourcesMax;
    }
    const [oldest] = this.#buckets.keys();
    return oldest !== undefined && this.#buckets.delete(oldest);
  }

  #forgetFull(nowMs: number): void {
    if (nowMs < this.#noneFullBeforeMs) return;
    this.#noneFullBeforeMs = Infinity;
    for (const [source, { fullAtMs }] of this.#buckets) {
      if (fullAtMs <= nowMs) this.#buckets.delete(source);
      else this.#noneFullBeforeMs = Math.min(this.#noneFullBeforeMs, fullAtMs);
    }
  }
}
