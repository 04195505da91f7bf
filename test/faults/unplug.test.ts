import { expect, it } from 'vitest';
import { ptyAvailable } from '../../device/emulator/pty.ts';
import { unplugCycles } from './unplug.ts';
import type { UnplugCycle } from './unplug.ts';

/** How soon is measured by the command, on a machine that does nothing else; the order of things holds on any. */
const CYCLES = process.env['GENKAN_FULL'] === '1' ? 100 : 8;

it.skipIf(!ptyAvailable())(
  `a board that is pulled off its port ${CYCLES} times, during a pulse and at rest, comes back each time and is sent no old lease`,
  async () => {
    const cycles: UnplugCycle[] = [];
    const report = await unplugCycles(CYCLES, (cycle) => cycles.push(cycle));
    const tooSlow = /too late/;
    expect(cycles.flatMap(({ violations }) => violations.filter((each) => !tooSlow.test(each)))).toEqual([]);
    expect(report.trials).toBe(CYCLES);
    expect(new Set(cycles.map(({ during, powered }) => `${during} ${powered}`)).size).toBe(4);
    expect(report.heapKiBPerCycle).not.toBeNull();
  },
  CYCLES * 25_000,
);
