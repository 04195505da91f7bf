import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.ts';
import { isCorrupt, StorageFault } from '../journal/fault.ts';
import type { Answer, ExportFormat, LedgerFilter, Reads } from './reads.ts';
import { ReadingThread } from './reading-thread.ts';
import type { LedgerQuery } from './search.ts';
import type { Question } from './thread.ts';
import { Turns } from './turns.ts';

/** Reads that the thread has at a time; the others wait in the order in which they came, exports page by page. */
const AT_ONCE = 2;

/** Reads that may wait for their turn. */
const WAITING_MAX = 64;

/** Exports that may be open at once. One whose client is slow has no turn, and yet a place. */
const EXPORTS_MAX = 8;

/** How long the thread stays without a question, in milliseconds. */
const IDLE_MS = 60_000;

/** When somebody may ask again, in seconds: a page takes a fraction of it, an export some seconds. */
const RETRY_AFTER_S = 5;

/** Too much is being read at once. */
export class ReadingBusy extends Error {
  readonly statusCode = 503;
  readonly code = 'busy';
  readonly retryAfterS = RETRY_AFTER_S;
}

export interface LedgerReaderOptions {
  /** The journal's file. */
  readonly path: string;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Logger;
  /** Called when a read finds the file damaged; the fault is thrown. */
  readonly onDamaged: (code: string, error: Error) => StorageFault;
}

/**
 * The long reads of a journal, done by a thread of their own with a connection of its own that cannot write: what an
 * operator looks for keeps no door waiting. The thread is started with the first read, and ends when there has been none
 * for a minute.
 */
export class LedgerReader {
  readonly #options: LedgerReaderOptions;
  readonly #turns = new Turns(AT_ONCE, WAITING_MAX);
  #thread: ReadingThread | null = null;
  #exports = 0;
  #cancelIdle: () => void = () => undefined;
  #isClosed = false;

  constructor(options: LedgerReaderOptions) {
    this.#options = options;
  }

  /** How many exports are open. */
  get exports(): number {
    return this.#exports;
  }

  /** `{"events":[…],"next":…}`, newest first. @throws ReadingBusy, StorageFault */
  async page(query: LedgerQuery): Promise<Buffer> {
    return bufferOf(await this.#ask('page', query));
  }

  /** `[…]`: the events of a stay, oldest first. @throws ReadingBusy, StorageFault */
  async ofStay(ask: Parameters<Reads['ofStay']>[0]): Promise<Buffer> {
    return bufferOf(await this.#ask('ofStay', ask));
  }

  /** `Statistics` as JSON. @throws ReadingBusy, StorageFault */
  async statistics(ask: Parameters<Reads['statistics']>[0]): Promise<Buffer> {
    return bufferOf(await this.#ask('statistics', ask));
  }

  /**
   * Everything below a number, newest first. The next page is read when the one before is taken; a stream that is
   * destroyed ends the export.
   *
   * @throws ReadingBusy, StorageFault before the first page; later ones end the stream
   */
  async export(filter: LedgerFilter, format: ExportFormat, beforeSeq: number): Promise<Readable> {
    if (this.#exports >= EXPORTS_MAX) throw new ReadingBusy('Too many exports are open.');
    this.#exports += 1;
    const pages = Readable.from(this.#pages(filter, format, beforeSeq));
    pages.once('close', () => (this.#exports -= 1));
    await once(pages, 'readable');
    return pages;
  }

  /** Resolves when the thread has ended. What it was asked is answered first, and nothing more is taken. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#endThread();
  }

  async *#pages(filter: LedgerFilter, format: ExportFormat, fromSeq: number): AsyncGenerator<Buffer> {
    let beforeSeq: number | null = fromSeq;
    while (beforeSeq !== null) {
      const first = beforeSeq === fromSeq;
      const page: Answer = await this.#ask('exported', { filter, format, beforeSeq, first });
      beforeSeq = page.next;
      if (page.bytes.length > 0) yield bufferOf(page);
    }
  }

  async #ask<N extends keyof Reads>(name: N, ask: Parameters<Reads[N]>[0]): Promise<Answer> {
    const done = await this.#turns.take(() => new ReadingBusy('Too much is being read at once.'));
    try {
      if (this.#isClosed) throw new ReadingBusy('The gateway is being stopped.');
      const outcome = await this.#running().ask({ name, ask } as Question);
      if ('bytes' in outcome) return outcome;
      const error = new Error(outcome.message);
      throw isCorrupt(outcome.code)
        ? this.#options.onDamaged(outcome.code, error)
        : new StorageFault(outcome.code, error);
    } finally {
      done();
      this.#waitIdle();
    }
  }

  #running(): ReadingThread {
    const { path, log } = this.#options;
    const thread = (this.#thread ??= new ReadingThread(path, (error) => {
      if (this.#thread === thread) this.#thread = null;
      if (error !== null) log.error({ err: error }, 'a read of the journal failed: the next one begins anew');
    }));
    return thread;
  }

  #waitIdle(): void {
    this.#cancelIdle();
    if (!this.#isClosed) this.#cancelIdle = this.#options.clock.after(IDLE_MS, () => void this.#endThread());
  }

  async #endThread(): Promise<void> {
    this.#cancelIdle();
    const thread = this.#thread;
    this.#thread = null;
    await thread?.end();
  }
}

/** The same bytes, not a copy. */
function bufferOf({ bytes }: Answer): Buffer {
  return Buffer.from(bytes.buffer);
}
