import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const GENKAN = fileURLToPath(new URL('../../gateway/cli/genkan.ts', import.meta.url));

/** How long a gateway may take from its start to a controller that answers. */
const ONLINE_WITHIN_MS = 120_000;

export interface GatewayProcessOptions {
  /** The built command (`built-gateway.ts`). Default: the sources, by tsx. */
  readonly program?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A line of the gateway's log. */
type LogLine = Readonly<Record<string, unknown>>;

/** Somebody who waits for a line of the log. */
interface Waiter {
  readonly heard: (line: LogLine) => void;
  /** Called when nothing more will be said. */
  readonly ended: () => void;
}

/** The real gateway in a process of its own, which can be killed. */
export class GatewayProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #closed: Promise<unknown>;

  constructor(configFile: string, { program, env = {} }: GatewayProcessOptions = {}) {
    const command = program === undefined ? ['--import', 'tsx', GENKAN] : [program];
    this.#child = spawn(process.execPath, [...command, 'run', '--config', configFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', ...env },
    });
    this.#closed = once(this.#child, 'close');
    this.#child.on('exit', () => {
      for (const { ended } of this.#waiters) ended();
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => this.#take(line));
    }
  }

  /** What it has said, for a failure's message. */
  get said(): string {
    return this.#lines.slice(-20).join('\n');
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the gateway was not started');
    return pid;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when it has said so many lines more. Each follows a commit, so it is a measure of what was done. */
  async saidMore(lines: number): Promise<void> {
    let left = lines;
    await this.heard(`it did not say ${lines} lines more`, () => (left -= 1) <= 0);
  }

  /** Resolves once the controller answers. */
  async online(): Promise<void> {
    await this.heard(
      'no controller came online',
      (line) => line['msg'] === 'controller' && line['kind'] === 'online',
    );
  }

  /** SIGKILL: no handler runs, nothing is flushed. Harmless where it ended by itself. */
  async kill(): Promise<void> {
    if (!this.isRunning) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  /** Asks it to stop; resolves with the exit code. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.ended();
  }

  /** Resolves with the exit code when it ends by itself; `null` where a signal ended it, ours after `withinMs`. */
  async ended(withinMs = ONLINE_WITHIN_MS): Promise<number | null> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), withinMs);
    // Not before its streams are at their end: what it said last is known then.
    await this.#closed;
    clearTimeout(timer);
    return this.#child.exitCode;
  }

  /**
   * Resolves with the next line that is wanted.
   *
   * @param missing says in the error what did not happen
   */
  heard(missing: string, wanted: (line: LogLine) => boolean, withinMs = ONLINE_WITHIN_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (outcome: () => void) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        outcome();
      };
      const fail = (why: string) => done(() => reject(new Error(`${why}:\n${this.said}`)));
      const waiter: Waiter = {
        heard: (line) => wanted(line) && done(resolve),
        ended: () => fail('the gateway ended by itself'),
      };
      const timer = setTimeout(() => fail(missing), withinMs);
      this.#waiters.add(waiter);
      if (!this.isRunning) waiter.ended();
    });
  }

  #take(text: string): void {
    this.#lines.push(text);
    let line: unknown;
    try {
      line = JSON.parse(text);
    } catch {
      return;
    }
    if (typeof line !== 'object' || line === null) return;
    for (const { heard } of this.#waiters) heard(line as LogLine);
  }
}
