import { createHash } from 'node:crypto';
import { Seeded } from '../seeded.ts';

interface Due {
  readonly atMs: number;
  /** Among things due at the same instant the one put down first goes first. */
  readonly order: number;
  readonly task: () => void;
  isCancelled: boolean;
}

/**
 * The time that everybody in a simulation lives in, and its only source of chance. Nothing happens beside it: between
 * two things that fall due everything that waits on a promise runs on to its end.
 */
export class World {
  /** True time, epoch milliseconds. What a gateway believes is another matter. */
  nowMs: number;
  /** Lines of what happened, for whoever replays a seed; kept only where they are asked for. */
  readonly lines: string[] | null;
  readonly #seed: number;
  readonly #heap: Due[] = [];
  readonly #hash = createHash('sha256');
  readonly #settle: () => Promise<void>;
  #order = 0;

  constructor(options: { seed: number; startMs: number; settle: () => Promise<void>; keepLines: boolean }) {
    this.#seed = options.seed;
    this.nowMs = options.startMs;
    this.lines = options.keepLines ? [] : null;
    this.#settle = options.settle;
  }

  /** A stream of chance of its own, so that what one part draws moves no other part's dice. */
  stream(name: string): Seeded {
    return new Seeded(createHash('sha256').update(`${this.#seed} ${name}`).digest().readUInt32BE());
  }

  /** Runs the task after a while; the result cancels it. */
  after(delayMs: number, task: () => void): () => void {
    const due: Due = {
      atMs: this.nowMs + Math.max(0, Math.ceil(delayMs)),
      order: (this.#order += 1),
      task,
      isCancelled: false,
    };
    push(this.#heap, due);
    return () => {
      due.isCancelled = true;
    };
  }

  /** Notes what happened. The same seed gives the same notes. */
  trace(what: string): void {
    const line = `${this.nowMs} ${what}`;
    this.#hash.update(line).update('\n');
    this.lines?.push(`${new Date(this.nowMs + 9 * 3600_000).toISOString().slice(5, 23)} ${what}`);
  }

  /** SHA-256 of everything noted, hexadecimal. Ends the notes. */
  traceHash(): string {
    return this.#hash.digest('hex');
  }

  async runUntil(untilMs: number): Promise<void> {
    await this.#settle();
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      pop(this.#heap);
      if (next.isCancelled) continue;
      this.nowMs = next.atMs;
      next.task();
      await this.#settle();
    }
    this.nowMs = untilMs;
  }
}

const isBefore = (a: Due, b: Due): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

function push(heap: Due[], due: Due): void {
  let at = heap.length;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(due, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = due;
}

function pop(heap: Due[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    const isRight = right !== undefined && left !== undefined && isBefore(right, left);
    const child = isRight ? right : left;
    if (child === undefined || !isBefore(child, last)) break;
    heap[at] = child;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = last;
}
