import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { ClockTrust } from '../../shared/contract/events.ts';

/** Time as the gateway knows it. Durations are monotonic, records are wall time; the two are never mixed. */
export interface Clock {
  /** Epoch milliseconds. May jump. */
  wallMs(): number;
  /** Milliseconds since some start. Never jumps. */
  monotonicMs(): number;
  trust(): ClockTrust;
  /** Runs the task once after a while of monotonic time; the result cancels it. */
  after(delayMs: number, task: () => void): () => void;
  /** How far the wall clock may be off, in milliseconds. Widens the window of a scanner's proof. */
  errorBoundMs(): number;
  /** Calls back after the wall clock was set, where the clock knows of it. Returns what stops it. */
  onJump?(listener: () => void): () => void;
}

/** Where systemd-timesyncd says that the clock was set (systemd-timesyncd.service(8)). */
const TIMESYNC_MARK = '/run/systemd/timesync/synchronized';

/**
 * The host's clock.
 *
 * @param source `timesyncd`: trusted once the host was synchronised. `host`: the operator vouches for it.
 */
export function systemClock(source: 'timesyncd' | 'host'): Clock {
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    trust: () => (source === 'host' || existsSync(TIMESYNC_MARK) ? 'trusted' : 'untrusted'),
    after: (delayMs, task) => {
      const timer = setTimeout(task, delayMs);
      return () => {
        clearTimeout(timer);
      };
    },
    errorBoundMs: () => 0,
  };
}
