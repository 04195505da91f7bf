import { defineConfig } from 'vitest/config';

// Timers of the tests are generous on purpose: what is asserted is order and cycle counts, never wall time.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/reporter.ts'],
    // The real serial ports, brokers and emulated boards want their own process each.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
