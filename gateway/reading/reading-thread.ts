import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { Outcome, Question } from './thread.ts';

/** Of the thread's heap, in MiB: a page of a few hundred kilobytes needs little of it. */
const HEAP_MIB = 128;

interface Waiting {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

/** The thread has ended before it could answer. */
export class ThreadEnded extends Error {
  readonly statusCode = 503;
  readonly code = 'busy';
  readonly retryAfterS = 1;
}

/** A running `thread.ts`. */
export class ReadingThread {
  readonly #worker: Worker;
  /** In the order of the answers. */
  readonly #waiting: Waiting[] = [];
  readonly #ended: Promise<void>;

  /** @param onEnd called once, with what it failed of, or `null` for one that was told to end */
  constructor(path: string, onEnd: (error: Error | null) => void) {
    const worker = startThread(path);
    this.#worker = worker;
    let failure: Error | null = null;
    worker.on('message', (outcome: Outcome) => this.#waiting.shift()?.resolve(outcome));
    worker.on('error', (error: Error) => (failure = error));
    this.#ended = new Promise((resolve) => {
      worker.once('exit', (exitCode) => {
        const unanswered = this.#waiting.splice(0);
        if (unanswered.length > 0) failure ??= new Error(`the thread has ended with ${exitCode}`);
        onEnd(failure);
        for (const { reject } of unanswered)
          reject(new ThreadEnded('The read has failed. Please try again.', { cause: failure }));
        resolve();
      });
    });
  }

  ask(question: Question): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(question);
    });
  }

  /** Resolves when it has answered what it was asked, and ended. Nothing may be asked any more. */
  async end(): Promise<void> {
    this.#worker.postMessage('end');
    await this.#ended;
  }
}

function startThread(path: string): Worker {
  const extension = extname(import.meta.url);
  const url = new URL(`thread${extension}`, import.meta.url);
  const options: WorkerOptions = {
    name: 'reading',
    workerData: path,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  };
  if (extension !== '.ts' || 'typescript' in process.features) return new Worker(url, options);
  // Before Node 22 a thread takes over no loader from the one that starts it.
  const tsx = import.meta.resolve('tsx/esm/api');
  const script = `import('${tsx}').then(({ register }) => (register(), import('${url.href}')))`;
  return new Worker(script, { ...options, eval: true });
}
