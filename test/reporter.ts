import type { Reporter, TestModule } from 'vitest/node';

/**
 * Closes a run with one plain line of counts, and fails a run in CI that skipped anything: a skip there means
 * that the machine lacks a program which `.ci/run` should have installed.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1;
      if (module.errors().length > 0) count.failed += 1;
    }
    const skipped = count.skipped + count.pending;
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${skipped} skipped\n`);
    if (skipped > 0 && process.env['CI'] === 'true') {
      process.stderr.write('A skipped test counts as a failure in CI: install what it needs in .ci/run.\n');
      process.exitCode = 1;
    }
  }
}
