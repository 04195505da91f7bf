import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** How long a broker may take until it says that it is ready. Erlang takes its time on a busy machine. */
const READY_WITHIN_MS = 90_000;

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether a line says that it is ready. */
  readonly isReady: (line: string) => boolean;
}

/** A program in the foreground that says when it is ready, and can be killed and started again. */
export class Program {
  readonly #options: ProgramOptions;
  #process: ChildProcess | null = null;

  constructor(options: ProgramOptions) {
    this.#options = options;
  }

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    const { command, args, env = {}, isReady } = this.#options;
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    const said: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${command} ${why}:\n${said.join('\n')}`));
      const timer = setTimeout(() => fail('is not ready'), READY_WITHIN_MS);
      child.once('error', reject);
      child.once('exit', () => fail('ended before it was ready'));
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on('line', (line) => {
          said.splice(0, said.length - 40);
          said.push(line);
          if (!isReady(line)) return;
          clearTimeout(timer);
          resolve();
        });
    });
  }

  /** SIGKILL: nothing is flushed. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}
