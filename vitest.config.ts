import { defineConfig } from 'vitest/config';

/**
 * Tests whose boards, ports and browsers live in real time. They run one file at a time, after the others: an
 * emulated board that shares its core falls behind the clock on the wall, and then no host can keep its times.
 */
const REAL_TIME = [
  'test/device/emulator.test.ts',
  'test/device/door{,-heartbeat,-refusal,-serial}.test.ts',
  'test/device/scanner.test.ts',
  'test/faults/{clock,kill,same-proof,scenarios,store-cycles,unplug}.test.ts',
  'test/gateway/bus/local-bus.test.ts',
  'test/gateway/cli-doctor.test.ts',
  'test/gateway/cli-flash.test.ts',
  'test/gateway/console/**/*.test.ts',
  'test/gateway/door-hardware.test.ts',
  'test/gateway/presence/**/*.test.ts',
  'test/gateway/web.test.ts',
  'test/venue/**/*.test.ts',
];

// Timers of the tests are generous on purpose: what is asserted is order and cycle counts, never wall time.
export default defineConfig({
  test: {
    reporters: ['default', './test/reporter.ts'],
    // The real serial ports, brokers and emulated boards want their own process each.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'virtual-time',
          include: ['test/**/*.test.ts'],
          exclude: REAL_TIME,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'real-time', include: REAL_TIME, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
