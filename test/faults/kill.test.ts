import { expect, it } from 'vitest';
import { ptyAvailable } from '../../device/emulator/pty.ts';
import { killTrials } from './kill.ts';

const TRIALS = Number(process.env['GENKAN_TRIALS'] ?? (process.env['GENKAN_FULL'] === '1' ? 200 : 20));

/** A generator of the same numbers in every run (mulberry32), so that a trial that failed can be run again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

it.skipIf(!ptyAvailable())(
  `a gateway killed at ${TRIALS} random instants between scan and receipt loses, doubles and invents nothing`,
  async () => {
    const { trials, pulses, longestPulseMs, duplicatesReceived, ...violations } = await killTrials(
      TRIALS,
      seeded(20261123),
    );

    expect(violations).toEqual({
      pulsesWithoutGrant: 0,
      overruns: 0,
      lost: 0,
      invented: 0,
      gaps: 0,
      mismatches: 0,
      billedWithoutPulse: [],
      billedTwice: [],
      visitsLost: [],
    });
    expect(pulses).toBeGreaterThan(TRIALS / 2);
    process.stdout.write(
      `${trials} kills, ${pulses} pulses, the longest ${longestPulseMs.toFixed(1)} ms, ${duplicatesReceived} duplicates dropped by id\n`,
    );
  },
  TRIALS * 30_000,
);
