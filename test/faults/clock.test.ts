import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ptyAvailable } from '../../device/emulator/pty.ts';
import { mosquittoAvailable } from '../venue/mosquitto.ts';
import { builtGateway } from './built-gateway.ts';
import { LINE_SCENARIOS } from './line-scenarios.ts';
import { playScenario } from './scenarios.ts';

const scenario = LINE_SCENARIOS.find(({ name }) => name === 'clock-jumps');
const isPlayable = ptyAvailable() && mosquittoAvailable() && scenario?.missing() === null;

it.skipIf(!isPlayable)(
  "a host's clock that jumps by hours and to 2099 is told as events, and neither doors nor visits notice",
  async () => {
    if (scenario === undefined) throw new Error('no such scenario');
    const folder = mkdtempSync(join(tmpdir(), 'genkan-clock-'));
    try {
      const program = builtGateway(join(folder, 'built'));
      const report = await playScenario(scenario, { program, seed: 1 });
      expect(report).toMatchObject({
        broken: [],
        lost: 0,
        doubled: 0,
        outOfOrder: 0,
        seen: { recovery: 'by itself' },
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  240_000,
);
