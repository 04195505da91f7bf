import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../needs.ts';
import { trials } from '../trials.ts';
import { builtGateway } from './built-gateway.ts';
import { SCENARIOS } from './custody-command.ts';
import { playScenario, toPlay } from './scenarios.ts';

/** They have a test of their own. */
const ELSEWHERE = ['clock-jumps'];

describe('a gateway under a fault', needs('socat', 'mosquitto'), () => {
  let folder = '';
  let program = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'genkan-faults-'));
    program = builtGateway(join(folder, 'built'));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const scenario of SCENARIOS.filter(({ name }) => !ELSEWHERE.includes(name))) {
    it(
      `${scenario.name}: loses nothing that was acknowledged, refuses entry where it must, lets everybody out, recovers`,
      { ...toPlay(scenario), timeout: 300_000 },
      async () => {
        const { events, visits, broken, ...rest } = await playScenario(scenario, {
          program,
          seed: 20261125,
          trials,
        });
        const { lost, doubled, outOfOrder, invented, mismatches, pulsesWithoutGrant } = rest;

        expect(broken).toEqual([]);
        expect({ lost, doubled, outOfOrder, invented, mismatches, pulsesWithoutGrant }).toEqual({
          lost: 0,
          doubled: 0,
          outOfOrder: 0,
          invented: 0,
          mismatches: 0,
          pulsesWithoutGrant: 0,
        });
        expect(events).toBeGreaterThan(0);
        expect(visits).toBeGreaterThan(0);
      },
    );
  }
});
