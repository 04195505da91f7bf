import type { Clock, ClockChange } from '../../gateway/clock/clock.ts';
import type { ClockTrust } from '../../shared/contract/events.ts';
import { parseInstant } from '../../shared/time.ts';

interface Timer {
  readonly dueMs: number;
  readonly task: () => void;
}

/** Virtual time: it moves when a test moves it, and runs what falls due on the way. */
export class ManualClock implements Clock {
  /** Whether the gateway may believe the wall time. */
  trusted: ClockTrust = 'trusted';
  errorMs = 0;
  #wallMs: number;
  #monotonicMs = 1_000_000;
  readonly #timers = new Set<Timer>();
  readonly #listeners = new Set<(change: ClockChange) => void>();

  /** @param start wall time at first, RFC 3339 */
  constructor(start: string) {
    this.#wallMs = parseInstant(start);
  }

  wallMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  trust(): ClockTrust {
    return this.trusted;
  }

  errorBoundMs(): number {
    return this.errorMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { dueMs: this.#monotonicMs + delayMs, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves both times on and runs due tasks in their order; between them everything that waits may run on. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#monotonicMs + ms;
    await settled();
    for (let next = this.#nextDue(untilMs); next !== null; next = this.#nextDue(untilMs)) {
      this.#moveTo(next.dueMs);
      this.#timers.delete(next);
      next.task();
      await settled();
    }
    this.#moveTo(untilMs);
  }

  /** Sets the wall time as somebody who turns the clock: durations do not notice, and nobody is told. */
  jumpTo(instant: string): void {
    this.#wallMs = parseInstant(instant);
  }

  /** Sets the wall time and how far it is believed, and tells of it. */
  set(instant: string, after: ClockTrust): void {
    const beforeMs = this.#wallMs;
    const before = this.trusted;
    this.jumpTo(instant);
    this.trusted = after;
    const stepMs = this.#wallMs - beforeMs;
    for (const listener of this.#listeners)
      listener({ before, after, stepMs, hostStepMs: stepMs, atMs: this.#wallMs });
  }

  witness(): void {
    // Believes what the test says.
  }

  onChange(listener: (change: ClockChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  watch(): () => void {
    return () => undefined;
  }

  #nextDue(untilMs: number): Timer | null {
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs);
    return due[0] ?? null;
  }

  #moveTo(monotonicMs: number): void {
    this.#wallMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }
}

/** Lets every promise that is already settled be followed up. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
