import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { computeCharge } from '../../shared/billing/charge.ts';
import { formatInstant } from '../../shared/time.ts';
import { needs } from '../needs.ts';
import { reservation } from '../shared/billing/arbitrary.ts';

const CHARGES = fileURLToPath(new URL('charges.py', import.meta.url));

const SAMPLES = 2_000;

it(
  `${SAMPLES} reservations cost in Python, by the published rules, what they cost here`,
  needs('python3-cryptography'),
  () => {
    const inputs = fc
      .sample(reservation, { numRuns: SAMPLES, seed: 20261201 })
      .map((input) => ({ ...input, simultaneousUse: false }));
    const instant = (ms: number | null) => (ms === null ? null : formatInstant(ms));
    const requests = inputs.map(({ venue, space, yenPer30Min, cap, policy, ...at }) => ({
      ...{ venue, space, yenPer30Min, cap, policy },
      reservation: {
        start: instant(at.startMs),
        end: instant(at.endMs),
        cancelledAt: instant(at.cancelledAtMs),
      },
      checkIn: instant(at.checkInMs),
      checkOut: instant(at.checkOutMs),
      closing: instant(at.closingMs),
    }));
    const told = execFileSync('/usr/bin/python3', [CHARGES], {
      input: requests.map((request) => JSON.stringify(request)).join('\n'),
      encoding: 'utf8',
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
    const theirs = told
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    const ours = inputs.map((input) => {
      const { rule, unitsBeforeCap, units, yen } = computeCharge(input);
      return [rule, unitsBeforeCap, units, yen];
    });
    const differ = ours.flatMap((one, at) =>
      JSON.stringify(one) === JSON.stringify(theirs[at])
        ? []
        : [{ request: requests[at], ours: one, theirs: theirs[at] }],
    );
    expect(differ.slice(0, 5)).toEqual([]);
    expect(theirs).toHaveLength(SAMPLES);
  },
);
