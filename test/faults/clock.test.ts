import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { trials } from '../trials.ts';
import { builtGateway } from './built-gateway.ts';
import { LINE_SCENARIOS } from './line-scenarios.ts';
import { playScenario, toPlay } from './scenarios.ts';

const [scenario] = LINE_SCENARIOS.filter(({ name }) => name === 'clock-jumps');
if (scenario === undefined) throw new Error('no such scenario');

it(
  "a host's clock that jumps by hours and to 2099 is told as events, and neither doors nor visits notice",
  { ...toPlay(scenario), timeout: 240_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'genkan-clock-'));
    try {
      const program = builtGateway(join(folder, 'built'));
      const report = await playScenario(scenario, { program, seed: 1, trials });
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
);
