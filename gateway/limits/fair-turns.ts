/** How much waits of one source, and of how many. */
export interface FairTurnsLimits {
  readonly ofSourceMax: number;
  readonly sourcesMax: number;
}

/**
 * One at a time, each source in its turn: whoever asks a hundred times waits behind themselves, and somebody else waits
 * for one of theirs and no more.
 */
export class FairTurns {
  readonly #limits: FairTurnsLimits;
  /** What waits, by source; the source whose turn is next stands first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #isTaken = false;

  constructor(limits: FairTurnsLimits) {
    this.#limits = limits;
  }

  /**
   * Resolves when it is the source's turn, with what ends it, to be called once.
   *
   * @param full what is thrown where too much of the source waits, or of too many sources
   */
  async take(source: string, full: () => Error): Promise<() => void> {
    if (this.#isTaken) await this.#wait(source, full);
    this.#isTaken = true;
    return () => this.#next();
  }

  #wait(source: string, full: () => Error): Promise<void> {
    const own = this.#waiting.get(source) ?? [];
    const isNew = own.length === 0;
    if (own.length >= this.#limits.ofSourceMax || (isNew && this.#waiting.size >= this.#limits.sourcesMax))
      throw full();
    this.#waiting.set(source, own);
    return new Promise<void>((resolve) => own.push(resolve));
  }

  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#isTaken = false;
      return;
    }
    const [source, own] = first;
    const resolve = own.shift();
    this.#waiting.delete(source);
    if (own.length > 0) this.#waiting.set(source, own);
    resolve?.();
  }
}
