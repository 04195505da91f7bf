/** So often an event must have ended the connection alone: once may be a line that broke then. */
const DEATHS_MIN = 2;

/** Whether an event goes now, waits until nothing else is on its way, or is set aside. */
export type Verdict = 'go' | 'wait' | 'set-aside';

/**
 * Finds the event that a broker will not take for its size and says so with no code: in MQTT 3.1.1 it hangs up, again and
 * again. After a connection that ended so, what is larger than anything that was taken goes alone; what then ends two
 * connections alone is too large, and so is everything of its size. Where nothing was taken yet, the smallest that waits
 * goes first: a broker that refuses that too minds something else. Lasts over the connections of this process.
 */
export class Oversized {
  #largestTaken = 0;
  #limit = Infinity;
  #isWary = false;
  readonly #onTheWay = new Map<number, number>();
  #alone: number | null = null;
  readonly #deaths = new Map<number, number>();

  /** Whether the smallest event that waits is to go before its turn. */
  get isProbing(): boolean {
    return this.#isWary && this.#largestTaken === 0 && this.#limit === Infinity;
  }

  /** To be asked before an event is sent. @param bytes its size */
  verdict(bytes: number): Verdict {
    if (bytes >= this.#limit) return 'set-aside';
    if (this.#alone !== null) return 'wait';
    if (!this.#isWary || bytes <= this.#largestTaken) return 'go';
    return this.#onTheWay.size > 0 ? 'wait' : 'go';
  }

  sent(place: number, bytes: number): void {
    if (this.#isWary && bytes > this.#largestTaken) this.#alone = place;
    this.#onTheWay.set(place, bytes);
  }

  /** The broker has answered for it. */
  answered(place: number, isTaken: boolean): void {
    if (isTaken) this.#largestTaken = Math.max(this.#largestTaken, this.#onTheWay.get(place) ?? 0);
    this.#onTheWay.delete(place);
    this.#deaths.delete(place);
    if (this.#alone === place) this.#alone = null;
  }

  /** The broker, or the line, has ended the connection. */
  ended(): void {
    if (this.#alone !== null) {
      // Nothing smaller was taken: its size is not known to be the cause.
      if (this.#largestTaken === 0) return;
      const deaths = (this.#deaths.get(this.#alone) ?? 0) + 1;
      this.#deaths.set(this.#alone, deaths);
      if (deaths >= DEATHS_MIN)
        this.#limit = Math.min(this.#limit, this.#onTheWay.get(this.#alone) ?? Infinity);
    } else if (this.#hasLarger()) {
      this.#isWary = true;
    } else {
      // It went for a reason of its own, and may take more when it is back.
      this.#limit = Infinity;
    }
  }

  /** Whether anything is on its way that is larger than something else, which the broker has taken or may take. */
  #hasLarger(): boolean {
    const sizes = [...this.#onTheWay.values()];
    return Math.max(...sizes) > (this.#largestTaken || Math.min(...sizes));
  }

  /** The connection is over, whoever ended it. */
  over(): void {
    this.#onTheWay.clear();
    this.#alone = null;
  }
}
