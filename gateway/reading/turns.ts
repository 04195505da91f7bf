/** So many at a time; the others wait in the order in which they came. */
export class Turns {
  readonly #atOnce: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(atOnce: number, waitingMax: number) {
    this.#atOnce = atOnce;
    this.#waitingMax = waitingMax;
  }

  /**
   * Resolves with what gives the turn back, to be called once.
   *
   * @param full what is thrown where too many wait
   */
  async take(full: () => Error): Promise<() => void> {
    if (this.#taken < this.#atOnce) this.#taken += 1;
    else if (this.#waiting.length >= this.#waitingMax) throw full();
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return () => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken -= 1;
      else next();
    };
  }
}
