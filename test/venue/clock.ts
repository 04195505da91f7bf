import type { Clock, ClockChange } from '../../gateway/clock/clock.ts';
import { hostClock } from '../../gateway/clock/host.ts';
import type { ClockTrust } from '../../shared/contract/events.ts';

/**
 * The host's clock with a wall time of its own: it goes at the host's pace and can be moved, so that a visit of an
 * hour and a half is over in seconds. Timers and monotonic time stay the host's, as on a real gateway whose wall
 * clock was set. Trusted unless a test says otherwise.
 */
export class MovableClock implements Clock {
  /** Whether the gateway may believe the wall time. */
  trusted: ClockTrust = 'trusted';
  readonly #host = hostClock({ source: 'host', syncMark: '' });
  readonly #listeners = new Set<(change: ClockChange) => void>();
  #offsetMs: number;

  /** @param startMs epoch milliseconds that it begins at; default the host's own time */
  constructor(startMs?: number) {
    this.#offsetMs = startMs === undefined ? 0 : startMs - this.#host.wallMs();
  }

  /** Sets the wall time. It goes on from there. */
  moveTo(wallMs: number): void {
    const stepMs = Math.round(wallMs - this.wallMs());
    this.#offsetMs = wallMs - this.#host.wallMs();
    const change = { before: this.trusted, after: this.trusted, stepMs, hostStepMs: stepMs, atMs: wallMs };
    for (const listener of this.#listeners) listener(change);
  }

  /** Moves the wall time on, or back where `ms` is negative. */
  moveBy(ms: number): void {
    this.moveTo(this.wallMs() + ms);
  }

  wallMs(): number {
    return this.#host.wallMs() + this.#offsetMs;
  }

  monotonicMs(): number {
    return this.#host.monotonicMs();
  }

  trust(): ClockTrust {
    return this.trusted;
  }

  after(delayMs: number, task: () => void): () => void {
    return this.#host.after(delayMs, task);
  }

  errorBoundMs(): number {
    return 0;
  }

  witness(): void {
    // Believes what the test says.
  }

  watch(): () => void {
    return () => undefined;
  }

  onChange(listener: (change: ClockChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
