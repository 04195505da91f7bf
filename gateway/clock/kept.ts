import type { ClockTrust } from '../../shared/contract/events.ts';
import { beginBelief, errorBoundOf, stepBelief, witnessBelief, type Belief, type Look } from './belief.ts';
import type { Clock, ClockChange, ClockMemory, HostClock } from './clock.ts';

/** How often the host's clock is looked at, in milliseconds: a jump is told within a second. */
const LOOK_EVERY_MS = 400;

/** How often the mark is kept, in milliseconds: each time is a write to the card. */
const SAVE_EVERY_MS = 10 * 60_000;

export interface KeptClockOptions {
  /** The host has a clock with a battery, which is believed at a start until the network is there. */
  readonly rtc?: boolean;
  /** An operator has looked at the host's clock: it is believed at this start, whatever is remembered. */
  readonly accept?: boolean;
}

/**
 * The gateway's clock. It follows the host's while that is believed (`belief.ts`), and goes on by monotonic time while it
 * is not: whoever sets the host's clock does not set the doors'.
 */
export class KeptClock implements Clock {
  readonly #host: HostClock;
  readonly #options: KeptClockOptions;
  readonly #listeners = new Set<(change: ClockChange) => void>();
  #belief: Belief;
  #memory: ClockMemory | null = null;
  #savedMs = -Infinity;
  #cancel: () => void = () => undefined;

  constructor(host: HostClock, options: KeptClockOptions = {}) {
    this.#host = host;
    this.#options = options;
    this.#belief = beginBelief(this.#lookAt(), { markMs: null, rtc: false });
  }

  wallMs(): number {
    const { wallMs, monotonicMs } = this.#belief;
    return Math.floor(wallMs + this.#host.monotonicMs() - monotonicMs);
  }

  monotonicMs(): number {
    return this.#host.monotonicMs();
  }

  trust(): ClockTrust {
    return this.#belief.trust;
  }

  errorBoundMs(): number {
    return errorBoundOf(this.#belief, this.#host.monotonicMs());
  }

  after(delayMs: number, task: () => void): () => void {
    return this.#host.after(delayMs, task);
  }

  witness(signedMs: number): void {
    if (this.#belief.trust === 'trusted') return;
    this.#take(witnessBelief(this.#belief, signedMs, this.#lookAt()));
  }

  onChange(listener: (change: ClockChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  watch(memory: ClockMemory): () => void {
    const { rtc = false, accept = false } = this.#options;
    const look = this.#lookAt();
    this.#memory = memory;
    this.#belief = accept
      ? beginBelief({ ...look, synchronised: true }, { markMs: null, rtc })
      : beginBelief(look, { markMs: memory.load(), rtc });
    this.#lookLater();
    return () => {
      this.#cancel();
      this.#save();
      this.#memory = null;
    };
  }

  #lookAt(): Look {
    const synchronised = this.#host.isSynchronised();
    return { hostMs: this.#host.wallMs(), monotonicMs: this.#host.monotonicMs(), synchronised };
  }

  #lookLater(): void {
    this.#cancel = this.#host.after(LOOK_EVERY_MS, () => {
      this.#take(stepBelief(this.#belief, this.#lookAt()));
      if (this.#host.monotonicMs() - this.#savedMs >= SAVE_EVERY_MS) this.#save();
      this.#lookLater();
    });
  }

  #take({ belief, change }: ReturnType<typeof stepBelief>): void {
    this.#belief = belief;
    if (change === null) return;
    this.#save();
    for (const listener of this.#listeners) listener(change);
  }

  #save(): void {
    const { markMs } = this.#belief;
    if (markMs === null || this.#memory === null) return;
    this.#savedMs = this.#host.monotonicMs();
    this.#memory.save(Math.floor(markMs));
  }
}
