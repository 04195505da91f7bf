import type { LedgerRow } from '../journal/journal.ts';

/** Publishes that may wait for their PUBACK at once. */
export const WINDOW = 100;

/** Rows read from the journal at a time. */
const PAGE = 200;

export interface OutboxOptions {
  /** Rows of the ledger above a number, oldest first. */
  readonly read: (afterSeq: number, limit: number) => readonly LedgerRow[];
  /** Publishes one event; resolves on the broker's PUBACK, rejects when the connection is lost. */
  readonly publish: (body: string) => Promise<void>;
  readonly monotonicMs: () => number;
  readonly after: (delayMs: number, task: () => void) => () => void;
  /** Ceiling in events a second, so that a backlog does not exceed what the broker allows a connection. */
  readonly eventsPerSecond: number;
}

/**
 * Sends the ledger, oldest first, in a sliding window refilled on every PUBACK. What has been sent is remembered
 * for this connection only: a PUBACK is not custody, so a new connection begins again at the cloud's receipt.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #page: LedgerRow[] = [];
  #sentSeq: number;
  #inFlight = 0;
  #stopped = false;
  #tokens: number;
  #refilledMs: number;
  #cancelRefill: (() => void) | null = null;

  constructor(afterSeq: number, options: OutboxOptions) {
    this.#options = options;
    this.#sentSeq = afterSeq;
    this.#tokens = burstOf(options.eventsPerSecond);
    this.#refilledMs = options.monotonicMs();
  }

  /** Highest number handed to the broker on this connection. */
  get sentSeq(): number {
    return this.#sentSeq;
  }

  /** Sends as much as the window and the rate allow. To be called after every append. */
  pump(): void {
    while (!this.#stopped && this.#inFlight < WINDOW) {
      const row = this.#next();
      if (row === undefined || !this.#takeToken()) return;
      this.#page.shift();
      this.#sentSeq = row.seq;
      this.#inFlight += 1;
      this.#options.publish(row.body).then(
        () => {
          this.#inFlight -= 1;
          this.pump();
        },
        () => {
          // The connection is gone; the next one starts at the receipt.
          this.stop();
        },
      );
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRefill?.();
  }

  #next(): LedgerRow | undefined {
    if (this.#page.length === 0) this.#page = [...this.#options.read(this.#sentSeq, PAGE)];
    return this.#page[0];
  }

  /** A token bucket. Without a token the pump wakes up when the next one is due. */
  #takeToken(): boolean {
    const { eventsPerSecond, monotonicMs, after } = this.#options;
    const nowMs = monotonicMs();
    this.#tokens = Math.min(
      burstOf(eventsPerSecond),
      this.#tokens + ((nowMs - this.#refilledMs) * eventsPerSecond) / 1000,
    );
    this.#refilledMs = nowMs;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return true;
    }
    this.#cancelRefill ??= after(Math.ceil(((1 - this.#tokens) * 1000) / eventsPerSecond), () => {
      this.#cancelRefill = null;
      this.pump();
    });
    return false;
  }
}

/** Events sent at once after a pause: a tenth of a second's worth, so that no second exceeds the rate by more. */
function burstOf(eventsPerSecond: number): number {
  return Math.max(1, Math.floor(eventsPerSecond / 10));
}
