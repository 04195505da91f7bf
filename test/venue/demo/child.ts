import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of the demo: it takes orders and says words, and can be killed for real. */
export class Child<Order extends object, Word> {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  #alive = true;

  /**
   * @param script beside this file
   * @param onWord what it says, in order; nothing after it has ended
   * @param onEnd called once when it has ended, however
   */
  constructor(script: string, onWord: (word: Word) => void, onEnd: () => void) {
    this.#process = fork(fileURLToPath(new URL(script, import.meta.url)), {
      execArgv: ['--import', 'tsx'],
      // The scripts of a test runner's process are not this one's.
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#exited = once(this.#process, 'exit');
    this.#process.on('message', (word) => {
      if (this.#alive) onWord(word as Word);
    });
    this.#process.on('exit', () => {
      this.#alive = false;
      onEnd();
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Nobody hears an order after the process has ended. */
  order(order: Order): void {
    if (this.#alive && this.#process.connected) this.#process.send(order);
  }

  /** SIGKILL: no handler runs, nothing is flushed. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  /** Resolves when it has ended by itself; is killed after `withinMs`. */
  async ended(withinMs: number): Promise<void> {
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), withinMs);
    await this.#exited;
    clearTimeout(timer);
  }
}
