import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const GENKAN = fileURLToPath(new URL('../../gateway/cli/genkan.ts', import.meta.url));

/** How long a gateway may take from its start to a controller that answers. */
const ONLINE_WITHIN_MS = 60_000;

/** The real gateway in a process of its own, which can be killed. */
export class GatewayProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: Readonly<Record<string, unknown>>) => void>();

  constructor(configFile: string) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', GENKAN, 'run', '--config', configFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
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

  /** Resolves once the controller answers. */
  async online(): Promise<void> {
    await this.#heard((line) => line['msg'] === 'controller' && line['kind'] === 'online');
  }

  /** SIGKILL: no handler runs, nothing is flushed. */
  async kill(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  /** Asks it to stop; resolves with the exit code. */
  async stop(): Promise<number | null> {
    const exited = once(this.#child, 'exit') as Promise<[number | null]>;
    this.#child.kill('SIGTERM');
    return (await exited)[0];
  }

  #heard(wanted: (line: Readonly<Record<string, unknown>>) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (outcome: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
        this.#child.off('exit', died);
        outcome();
      };
      const listener = (line: Readonly<Record<string, unknown>>) => {
        if (wanted(line)) done(resolve);
      };
      const died = () => done(() => reject(new Error(`the gateway ended by itself:\n${this.said}`)));
      const timer = setTimeout(
        () => done(() => reject(new Error(`no controller came online:\n${this.said}`))),
        ONLINE_WITHIN_MS,
      );
      this.#listeners.add(listener);
      this.#child.on('exit', died);
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
    for (const listener of this.#listeners) listener(line as Readonly<Record<string, unknown>>);
  }
}
