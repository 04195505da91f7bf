import { systemClock, type Clock } from '../../gateway/clock/clock.ts';

/**
 * The host's clock with a wall time of its own: it goes at the host's pace and can be moved, so that a visit of an
 * hour and a half is over in seconds. Timers and monotonic time stay the host's, as on a real gateway whose wall
 * clock was set. Trusted always.
 */
export class MovableClock implements Clock {
  readonly #host = systemClock('host');
  readonly #listeners = new Set<() => void>();
  #offsetMs: number;

  /** @param startMs epoch milliseconds that it begins at; default the host's own time */
  constructor(startMs?: number) {
    this.#offsetMs = startMs === undefined ? 0 : startMs - this.#host.wallMs();
  }

  /** Sets the wall time. It goes on from there. */
  moveTo(wallMs: number): void {
    this.#offsetMs = wallMs - this.#host.wallMs();
    for (const listener of this.#listeners) listener();
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

  trust(): 'trusted' {
    return 'trusted';
  }

  after(delayMs: number, task: () => void): () => void {
    return this.#host.after(delayMs, task);
  }

  errorBoundMs(): number {
    return 0;
  }

  onJump(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
