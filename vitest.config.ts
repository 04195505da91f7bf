import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/sequencer.ts';

/** Tests that hold a program to a time on the wall. They run one file at a time, so that nobody else takes their core. */
const ALONE = [
  'test/device/{door-serial,emulator,scanner}.test.ts',
  'test/faults/unplug.test.ts',
  'test/gateway/cli/doctor.test.ts',
];

/**
 * Tests whose boards, ports and browsers live in real time, and mostly wait. An emulated board takes a tenth of a core;
 * what is asserted is the order of things. They run several files at a time, but beside nothing that only computes; with more files
 * than cores the browsers' boards are starved and count as lost.
 */
const REAL_TIME = [
  'test/device/door-refusal.test.ts',
  'test/consumer-py/consumer.test.ts',
  'test/faults/{brokers,clock,kill,same-proof,scenarios,store-cycles}.test.ts',
  'test/gateway/bus/local-bus.test.ts',
  'test/gateway/cli/{flash,real-door}.test.ts',
  'test/gateway/web/{api,console,http,probes,server}.test.ts',
  'test/gateway/door/hardware.test.ts',
  'test/gateway/presence/**/*.test.ts',
  'test/venue/**/!(billing|qr).test.ts',
];

const CORES = Math.max(2, availableParallelism());

/** A project whose files run after those of a lower order. */
const project = (
  name: string,
  groupOrder: number,
  options: { include: string[]; exclude?: string[]; maxWorkers: number; isolate?: boolean },
) => ({ extends: true as const, test: { name, sequence: { groupOrder }, ...options } });

// Timers of the tests are generous on purpose: what is asserted is order and cycle counts, never wall time.
export default defineConfig({
  test: {
    reporters: ['default', './test/reporter.ts'],
    sequence: { sequencer: LongestFirst },
    // The real serial ports, brokers and emulated boards want their own process each.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      // They share their processes: what a file loads is there for the next, and loading took longer than testing.
      project('virtual-time', 0, {
        include: ['test/**/*.test.ts'],
        exclude: [...REAL_TIME, ...ALONE],
        maxWorkers: CORES,
        isolate: false,
      }),
      project('real-time', 1, { include: REAL_TIME, maxWorkers: CORES }),
      project('alone', 2, { include: ALONE, maxWorkers: 1 }),
    ],
  },
});
