import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ptyAvailable } from '../../device/emulator/pty.ts';
import { mosquittoAvailable } from '../venue/mosquitto.ts';
import { builtGateway } from './built-gateway.ts';
import { SCENARIOS } from './custody-command.ts';
import { playScenario } from './scenarios.ts';

/** They have a test of their own. */
const ELSEWHERE = ['clock-jumps'];

describe.skipIf(!ptyAvailable() || !mosquittoAvailable())('a gateway under a fault', () => {
  let folder = '';
  let program = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'genkan-faults-'));
    program = builtGateway(join(folder, 'built'));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const scenario of SCENARIOS.filter(({ name }) => !ELSEWHERE.includes(name))) {
    it.skipIf(scenario.missing() !== null)(
      `${scenario.name}: loses nothing that was acknowledged, refuses entry where it must, lets everybody out, recovers`,
      async () => {
        const full = process.env['GENKAN_FULL'] === '1';
        const { events, visits, broken, ...rest } = await playScenario(scenario, {
          program,
          seed: 20261125,
          full,
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
      300_000,
    );
  }
});
