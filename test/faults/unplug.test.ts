import { expect, it } from 'vitest';
import { needs } from '../needs.ts';
import { trials } from '../trials.ts';
import { unplugCycles } from './unplug.ts';
import type { UnplugCycle } from './unplug.ts';

/** How soon is measured by the command, on a machine that does nothing else; the order of things holds on any. */
const CYCLES = trials(100, 8);

it(
  `a board that is pulled off its port ${CYCLES} times, during a pulse and at rest, comes back each time and is sent no old lease`,
  { ...needs('socat'), timeout: CYCLES * 25_000 },
  async () => {
    const cycles: UnplugCycle[] = [];
    const report = await unplugCycles(CYCLES, (cycle) => cycles.push(cycle));
    const tooSlow = /too late/;
    expect(cycles.flatMap(({ violations }) => violations.filter((each) => !tooSlow.test(each)))).toEqual([]);
    expect(report.trials).toBe(CYCLES);
    expect(new Set(cycles.map(({ during, powered }) => `${during} ${powered}`)).size).toBe(4);
    expect(report.heapKiBPerCycle).not.toBeNull();
  },
);
