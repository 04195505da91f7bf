import { SECOND_MS } from '../../shared/time.ts';
import type { LedgerRow } from '../journal/ledger.ts';
import { TokenBucket, type Rate } from '../limits/token-buckets.ts';
import type { Oversized } from './oversized.ts';
import { PACKET_TOO_LARGE, pauseAfterMs, PublishRefused, refusalOf } from './refusal.ts';

/** Publishes that may wait for their PUBACK at once, where the broker takes so many. */
export const WINDOW = 100;

/** Rows read from the journal at a time. */
const PAGE = 200;

export interface OutboxOptions {
  /** Rows of the ledger above a number, oldest first. */
  readonly read: (afterSeq: number, limit: number) => readonly LedgerRow[];
  /** Publishes one event; resolves on the broker's PUBACK, rejects with `PublishRefused` or when the line is lost. */
  readonly publish: (body: string) => Promise<void>;
  /** Called when the broker refused an event, or took one after it had refused some: then with `null`. */
  readonly onRefused: (refused: { readonly seq: number; readonly reasonCode: number } | null) => void;
  /** What the broker will not take for its size. Default: nobody looks. */
  readonly oversized?: Pick<Oversized, 'isProbing' | 'verdict' | 'sent' | 'answered'>;
  /** Publishes at once, at most `WINDOW`. Default: that. */
  readonly window?: number;
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
  readonly #rate: TokenBucket;
  #cancelRefill: (() => void) | null = null;
  /** Where to go on after the pause that a refusal has made; `null` while there is none. */
  #resumeAfterSeq: number | null = null;
  #refusals = 0;
  #cancelPause: (() => void) | null = null;

  constructor(afterSeq: number, options: OutboxOptions) {
    this.#options = options;
    this.#sentSeq = afterSeq;
    this.#rate = new TokenBucket(rateOf(options.eventsPerSecond), options.monotonicMs());
  }

  /** Highest number handed to the broker on this connection. */
  get sentSeq(): number {
    return this.#sentSeq;
  }

  /** Sends as much as the window and the rate allow. To be called after every append. */
  pump(): void {
    const { oversized } = this.#options;
    const window = Math.min(WINDOW, this.#options.window ?? WINDOW);
    while (!this.#stopped && this.#resumeAfterSeq === null && this.#inFlight < window) {
      const row = this.#next();
      if (row === undefined) return;
      const bytes = Buffer.byteLength(row.body);
      const verdict = oversized?.verdict(bytes) ?? 'go';
      if (verdict === 'wait' || (verdict === 'go' && !this.#takeToken())) return;
      if (row === this.#page[0]) {
        this.#page.shift();
        this.#sentSeq = row.seq;
      }
      if (verdict === 'set-aside') {
        this.#options.onRefused({ seq: row.seq, reasonCode: PACKET_TOO_LARGE });
        continue;
      }
      this.#inFlight += 1;
      oversized?.sent(row.seq, bytes);
      this.#options.publish(row.body).then(
        () => {
          this.#inFlight -= 1;
          oversized?.answered(row.seq, true);
          this.#accepted();
          this.pump();
        },
        (error: unknown) => {
          this.#inFlight -= 1;
          if (error instanceof PublishRefused) {
            oversized?.answered(row.seq, false);
            this.#refused(row.seq, error.reasonCode);
          }
          // The connection is gone; the next one starts at the receipt.
          else this.stop();
        },
      );
    }
  }

  #accepted(): void {
    if (this.#refusals === 0 || this.#resumeAfterSeq !== null) return;
    this.#refusals = 0;
    this.#options.onRefused(null);
  }

  /** An event that is at fault itself is passed over; for anything else everything waits, so that the order holds. */
  #refused(seq: number, reasonCode: number): void {
    if (this.#stopped) return;
    this.#options.onRefused({ seq, reasonCode });
    if (refusalOf(reasonCode).then === 'set-aside') {
      this.pump();
      return;
    }
    this.#resumeAfterSeq = Math.min(this.#resumeAfterSeq ?? seq - 1, seq - 1, this.#sentSeq);
    if (this.#cancelPause !== null) return;
    this.#cancelPause = this.#options.after(pauseAfterMs(this.#refusals), () => {
      this.#cancelPause = null;
      this.#sentSeq = this.#resumeAfterSeq ?? this.#sentSeq;
      this.#resumeAfterSeq = null;
      this.#page = [];
      this.pump();
    });
    this.#refusals += 1;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRefill?.();
    this.#cancelPause?.();
  }

  #next(): LedgerRow | undefined {
    if (this.#page.length === 0) this.#page = [...this.#options.read(this.#sentSeq, PAGE)];
    // Sent before its turn it stays in its place, and goes again there: billing drops what it has.
    if (this.#options.oversized?.isProbing === true) return smallestOf(this.#page);
    return this.#page[0];
  }

  /** Without a token the pump wakes up when the next one is due. */
  #takeToken(): boolean {
    const { monotonicMs, after } = this.#options;
    if (this.#rate.take(monotonicMs())) return true;
    this.#cancelRefill ??= after(Math.ceil(this.#rate.waitMs(monotonicMs())), () => {
      this.#cancelRefill = null;
      this.pump();
    });
    return false;
  }
}

/** The first of the smallest. */
function smallestOf(rows: readonly LedgerRow[]): LedgerRow | undefined {
  const bytes = (row: LedgerRow) => Buffer.byteLength(row.body);
  return rows.reduce<LedgerRow | undefined>(
    (least, row) => (least === undefined || bytes(row) < bytes(least) ? row : least),
    undefined,
  );
}

/** At once after a pause a tenth of a second's worth, so that no second exceeds the rate by more. */
function rateOf(eventsPerSecond: number): Rate {
  return { burst: Math.max(1, Math.floor(eventsPerSecond / 10)), everyMs: SECOND_MS / eventsPerSecond };
}
