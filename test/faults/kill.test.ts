import { expect, it } from 'vitest';
import { needs } from '../needs.ts';
import { trials as trialsOf } from '../trials.ts';
import { killTrials } from './kill.ts';
import { Seeded } from '../seeded.ts';

const TRIALS = Number(process.env['GENKAN_TRIALS'] ?? trialsOf(200, 5));

/** The gateway is built and started for the first time. */
const STARTED_WITHIN_MS = 120_000;

it(
  `a gateway killed at ${TRIALS} random instants between scan and receipt loses, doubles and invents nothing`,
  { ...needs('socat'), timeout: STARTED_WITHIN_MS + TRIALS * 30_000 },
  async () => {
    const { trials, pulses, longestPulseMs, duplicatesReceived, ...violations } = await killTrials(
      TRIALS,
      new Seeded(20261123),
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
);
