import type { ClockTrust } from '../../shared/contract/events.ts';

/** Time as the gateway knows it. Durations are monotonic, records are wall time; the two are never mixed. */
export interface Clock {
  /** Epoch milliseconds, whole. May be set, which `onChange` tells. */
  wallMs(): number;
  /** Milliseconds since some start. Never jumps. */
  monotonicMs(): number;
  trust(): ClockTrust;
  /** Runs the task once after a while of monotonic time; the result cancels it. */
  after(delayMs: number, task: () => void): () => void;
  /**
   * How far the wall clock may be off, in milliseconds, 0 to 120,000: by so much the windows of a proof, of a relayed
   * request and of a command are widened. 0 while trusted, where it is off by much less than any window.
   */
  errorBoundMs(): number;
  /** Takes the date of a verified signature of an issuer or the cloud, in epoch milliseconds: it is not earlier. */
  witness(signedMs: number): void;
  /** Calls back after the wall clock was set, or is believed more or less than before. Returns what stops it. */
  onChange(listener: (change: ClockChange) => void): () => void;
  /** Begins to compare the host's clock with what is remembered. Returns what stops it. */
  watch(memory: ClockMemory): () => void;
}

/**
 * Runs a task again and again, a while of monotonic time apart, first after that while; the result ends it. The next one
 * is set before the task is done, so that one that throws is not the last.
 */
export function every(clock: Pick<Clock, 'after'>, periodMs: number, task: () => void): () => void {
  let cancel: () => void;
  const arm = (): void => {
    cancel = clock.after(periodMs, () => {
      arm();
      task();
    });
  };
  arm();
  return () => cancel();
}

/** What became of the wall clock. */
export interface ClockChange {
  readonly before: ClockTrust;
  readonly after: ClockTrust;
  /** By how much the gateway's wall time was set, in milliseconds, against its monotonic time. */
  readonly stepMs: number;
  /** By how much the host's wall clock has jumped, in milliseconds. The gateway need not have followed it. */
  readonly hostStepMs: number;
  /** The gateway's wall time after the change, epoch milliseconds. */
  readonly atMs: number;
}

/** Keeps the high-water mark over restarts. */
export interface ClockMemory {
  /** Epoch milliseconds; `null` where there is none yet. */
  load(): number | null;
  /** May be lost with a power cut: the mark is then a little lower, which is still true. */
  save(markMs: number): void;
}

/** What a host knows of the time. */
export interface HostClock {
  wallMs(): number;
  monotonicMs(): number;
  after(delayMs: number, task: () => void): () => void;
  /** Whether the host says that its wall clock is set right. */
  isSynchronised(): boolean;
}
