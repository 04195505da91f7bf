/**
 * The door under fire: the real firmware in the emulator, in virtual time, with host, line and chip failing at random
 * instants, and an oracle that knows only what went in and what came out.
 */
import type { BoardOptions } from '../../device/emulator/machine.ts';
import { judge } from './door-oracle.ts';
import type { Violation } from './door-oracle.ts';
import { runTrial } from './door-trial.ts';

export interface DoorReport {
  readonly trials: number;
  /** The first trial's seed; the next one's is one more. */
  readonly seed: number;
  /** How late a lease ended, at worst; null if none ran out. */
  readonly worstOverrunMs: number | null;
  /** How long the lock stayed released after interrupts had hung, at worst; null if it never was. */
  readonly worstHungOverrunMs: number | null;
  /** From pressing the exit button, or the alarm, to the release, at worst. */
  readonly worstEgressMs: number;
  /** Presses and alarms that found the lock secured. */
  readonly egresses: number;
  readonly violations: number;
}

export interface FailedTrial {
  readonly seed: number;
  readonly violations: readonly Violation[];
}

/**
 * Runs trials with the seeds `seed`, `seed + 1`, … one after the other.
 *
 * @param failed told of every trial that broke a promise
 */
export function doorTrials(
  { trials, seed, board = {} }: { trials: number; seed: number; board?: BoardOptions },
  failed: (trial: FailedTrial) => void = () => undefined,
): DoorReport {
  let report = nothingYet(seed);
  for (let each = seed; each < seed + trials; each += 1) {
    const { violations, worstOverrunMs, worstHungOverrunMs, worstEgressMs, egresses } = judge(
      runTrial(each, board),
    );
    if (violations.length > 0) failed({ seed: each, violations });
    report = merge(report, {
      trials: 1,
      seed,
      worstOverrunMs: Number.isFinite(worstOverrunMs) ? worstOverrunMs : null,
      worstHungOverrunMs: Number.isFinite(worstHungOverrunMs) ? worstHungOverrunMs : null,
      worstEgressMs,
      egresses,
      violations: violations.length,
    });
  }
  return report;
}

/** The report of no trials. */
export function nothingYet(seed: number): DoorReport {
  return {
    trials: 0,
    seed,
    worstOverrunMs: null,
    worstHungOverrunMs: null,
    worstEgressMs: 0,
    egresses: 0,
    violations: 0,
  };
}

const worse = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);

/** The report of both. */
export function merge(a: DoorReport, b: DoorReport): DoorReport {
  return {
    trials: a.trials + b.trials,
    seed: a.seed,
    worstOverrunMs: worse(a.worstOverrunMs, b.worstOverrunMs),
    worstHungOverrunMs: worse(a.worstHungOverrunMs, b.worstHungOverrunMs),
    worstEgressMs: Math.max(a.worstEgressMs, b.worstEgressMs),
    egresses: a.egresses + b.egresses,
    violations: a.violations + b.violations,
  };
}
