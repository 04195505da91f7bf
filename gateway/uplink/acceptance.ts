import type { Answer } from './answers.ts';
import { tellGap, type GapOptions } from './gaps.ts';
import { refusalOf } from './refusal.ts';

/**
 * So many connections in a row that ended while the broker owed a PUBACK, and on which it took no event: it takes none.
 * One may be a line that broke then; brokers that cut whoever publishes what they do not allow give no other sign.
 */
const FRUITLESS_MIN = 2;

/** Whether the broker takes events. What keeps it from that is an alarm until it takes one again. */
export class Acceptance {
  readonly #options: GapOptions;
  #refusal: string | null = null;
  /** Whether an event was taken on this connection. */
  #isTaking = false;
  #fruitless = 0;

  constructor(options: GapOptions) {
    this.#options = options;
  }

  /**
   * Why the broker takes no events at the moment: the name of its reason code, or `not-acknowledged` where it only hangs
   * up; `null` where it takes them, as far as is known.
   */
  get refusal(): string | null {
    return this.#refusal ?? (this.#fruitless >= FRUITLESS_MIN ? 'not-acknowledged' : null);
  }

  /** The broker has acknowledged an event. */
  taken(): void {
    this.#isTaking = true;
    this.#fruitless = 0;
  }

  /** The broker has refused an event. One that is set aside is told to the cloud as a gap. */
  refused({ seq, reasonCode }: { readonly seq: number; readonly reasonCode: number }): void {
    const { log } = this.#options;
    const { name, then, hint } = refusalOf(reasonCode);
    this.#refusal = name;
    log.error({ seq, reason: name, then, hint }, 'the broker refused an event');
    if (then === 'set-aside') tellGap(this.#options, seq);
  }

  /** The broker has taken an event after it had refused some. */
  resumed(): void {
    this.#refusal = null;
    this.#options.log.info('the broker takes events again');
  }

  /** What was refused is offered anew. */
  forget(): void {
    this.#refusal = null;
  }

  /** The broker, or the line, has ended the connection. @param owed what the broker had owed longest */
  ended(owed: Answer | null): void {
    if (owed !== 'PUBACK' || this.#isTaking) return;
    this.#fruitless += 1;
    if (this.#fruitless < FRUITLESS_MIN) return;
    this.#options.log.error(
      { connections: this.#fruitless, hint: "look into the broker's log; may this account publish here?" },
      'connections end without the acknowledgement of a publish',
    );
  }

  /** The connection has held for long enough to trust it. */
  held(): void {
    this.#fruitless = 0;
  }

  /** The connection is over, whoever ended it. */
  over(): void {
    this.#refusal = null;
    this.#isTaking = false;
  }
}
