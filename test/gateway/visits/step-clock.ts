import type { Clock } from '../../../gateway/clock/clock.ts';
import type { ClockTrust } from '../../../shared/contract/events.ts';

/** Time that goes from one happening to the next in one step: what fell due on the way is done late, once. */
export class StepClock implements Clock {
  trusted: ClockTrust = 'trusted';
  #nowMs: number;
  #timers: { readonly dueMs: number; readonly task: () => void }[] = [];

  /** @param startMs epoch milliseconds */
  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  moveTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
    const due = this.#timers.filter(({ dueMs }) => dueMs <= this.#nowMs);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { task } of due) task();
  }

  wallMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  trust(): ClockTrust {
    return this.trusted;
  }

  errorBoundMs(): number {
    return 0;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  witness(): void {
    // Believes what the test says.
  }

  onChange(): () => void {
    return () => undefined;
  }

  watch(): () => void {
    return () => undefined;
  }
}
