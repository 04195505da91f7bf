import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { trials } from '../trials.ts';
import { planted, PLANTS } from './planted.ts';
import { liveSeeds } from './share.ts';

const SIM = fileURLToPath(new URL('./sim.ts', import.meta.url));
const SEEDS = trials(2_000);
/** Each bug that is planted; at a desk the first. */
const PLANTED = PLANTS.slice(0, trials(10 * PLANTS.length));
const MINUTES_MS = 60_000 * 15;

function sim(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', SIM, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, lines: stdout.trim().split('\n'), stderr };
}

describe('the simulation', () => {
  it(`lives ${SEEDS} days of troubles, one a seed, and no promise is broken`, { timeout: MINUTES_MS }, () => {
    const { status, lines } = sim('--seeds', String(SEEDS), '--json');
    const summary = JSON.parse(lines.at(-1) ?? '') as Record<string, number>;
    expect(lines.slice(0, -1)).toEqual([]);
    expect(summary).toMatchObject({ seeds: SEEDS, violations: 0 });
    expect(summary['simulatedDays']).toBeGreaterThanOrEqual(SEEDS);
    expect(status).toBe(0);
  });

  it('lives the same seed in the same way, and another in another', { timeout: MINUTES_MS }, () => {
    const [once, again, other] = ['7', '7', '8'].map((seed) => sim('--seed', seed).lines.slice(0, -1));
    expect(once?.length).toBeGreaterThan(100);
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });

  it(
    'signs and verifies for real every fortieth seed, and lives that in the same way too',
    { timeout: MINUTES_MS },
    () => {
      const [once, again] = ['40', '40'].map((seed) => sim('--seed', seed).lines.slice(0, -1));
      expect(again).toEqual(once);
    },
  );

  it('ends with 2 and names the option for a number that is none', () => {
    const { status, stderr } = sim('--seeds', 'many');
    expect(status).toBe(2);
    expect(stderr).toContain('--seeds');
  });
});

describe('a bug that is planted in the gateway', () => {
  it.each(PLANTS)('has its place in the sources: $name', (plant) => {
    expect(planted(plant)).toContain(plant.instead);
  });

  it.each(PLANTED)('is found within 200 seeds: $name', { timeout: MINUTES_MS }, async (plant) => {
    const found = await liveSeeds({ from: 1, count: 200, plant, untilViolation: true });
    expect(found.flatMap(({ violations }) => violations).length).toBeGreaterThan(0);
  });
});
