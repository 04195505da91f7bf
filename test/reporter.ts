import type { Reporter, TestCase, TestModule, TestSpecification, Vitest } from 'vitest/node';

/** How often the line of progress is told while no file ends. */
const TELL_EVERY_MS = 15_000;

/**
 * Says while a run goes what runs and how far it is, and closes it with one plain line of counts. What was skipped is
 * told with the Debian packages that it wants; in CI it fails the run: `.ci/run` should have installed them.
 */
export default class Progress implements Reporter {
  #root = '';
  #files = 0;
  #done = 0;
  #startedMs = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Files that run now, and since when. */
  readonly #running = new Map<string, number>();

  onInit(vitest: Vitest): void {
    this.#root = `${vitest.config.root}/`;
  }

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#files = specifications.length;
    this.#done = 0;
    this.#startedMs = performance.now();
    // On a terminal the default reporter has a window of its own for it.
    if (!process.stdout.isTTY) this.#arm();
  }

  onTestModuleQueued(module: TestModule): void {
    this.#running.set(module.moduleId, performance.now());
  }

  onTestModuleEnd(module: TestModule): void {
    this.#running.delete(module.moduleId);
    this.#done += 1;
    if (this.#timer !== undefined) this.#tell();
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const skipped: TestCase[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state] += 1;
        if (state === 'skipped' || state === 'pending') skipped.push(test);
      }
      if (module.errors().length > 0) count.failed += 1;
    }
    if (skipped.length > 0) process.stdout.write(`\n${this.#inWords(skipped)}`);
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${skipped.length} skipped\n`);
    if (skipped.length > 0 && process.env['CI'] === 'true') {
      process.stderr.write('A skipped test counts as a failure in CI: install what it needs in .ci/run.\n');
      process.exitCode = 1;
    }
  }

  #arm(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#tell(), TELL_EVERY_MS);
    this.#timer.unref();
  }

  #tell(): void {
    this.#arm();
    const nowMs = performance.now();
    const running = [...this.#running].map(
      ([file, sinceMs]) => `${this.#short(file)} (${Math.round((nowMs - sinceMs) / 1000)} s)`,
    );
    const passedS = Math.round((nowMs - this.#startedMs) / 1000);
    const time = `${Math.floor(passedS / 60)}:${String(passedS % 60).padStart(2, '0')}`;
    const now = running.length > 0 ? `; now ${running.join(', ')}` : '';
    process.stdout.write(`[${time}] ${this.#done} of ${this.#files} files${now}\n`);
  }

  /** Skipped tests by what they want, each with its file. */
  #inWords(skipped: readonly TestCase[]): string {
    const files = new Map<string, Map<string, number>>();
    const packages = new Set<string>();
    for (const test of skipped) {
      const lacking = test.meta().lacking ?? [];
      for (const name of lacking) packages.add(name);
      const why = lacking.length > 0 ? `for want of ${lacking.join(', ')}` : 'for a reason of their own';
      const counts = files.get(why) ?? new Map<string, number>();
      files.set(why, counts);
      const file = this.#short(test.module.moduleId);
      counts.set(file, (counts.get(file) ?? 0) + 1);
    }
    const lines = [...files].flatMap(([why, counts]) => [
      `Skipped ${why}:`,
      ...[...counts].map(([file, count]) => `  ${count} of ${file}`),
    ]);
    if (packages.size > 0) lines.push(`To run them: apt-get install ${[...packages].sort().join(' ')}`);
    return `${lines.join('\n')}\n`;
  }

  #short(path: string): string {
    return path.startsWith(this.#root) ? path.slice(this.#root.length) : path;
  }
}
