import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.ts';
import type { Journal } from '../journal/journal.ts';
import { tellGap } from './gaps.ts';
import { Outbox } from './outbox.ts';
import { refusalOf } from './refusal.ts';

/**
 * How long events may stand sent without a receipt before it is asked for and they are sent again: a broker that lost
 * what it had acknowledged, or a consumer that was down, must not leave a visit behind. The pause doubles while no
 * receipt comes, so that a consumer that is down for a day is not buried under duplicates.
 */
const RESEND_AFTER_MS = 15_000;
const RESEND_AFTER_MS_MAX = 16 * 60_000;

export interface DeliveryOptions {
  readonly gateway: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ceiling while a backlog drains. */
  readonly eventsPerSecond: number;
  /** Publishes at once, as the broker has said; left out where it names no limit. */
  readonly window?: number | undefined;
  /** Resolves on the broker's PUBACK; rejects with `PublishRefused`, or otherwise when the connection is lost. */
  readonly publish: (body: string) => Promise<void>;
  /** Asks the cloud how far it has the ledger. */
  readonly askReceipt: () => void;
}

/** Brings the ledger over one connection into the cloud's custody: sends it, and again where no receipt comes. */
export class Delivery {
  readonly #options: DeliveryOptions;
  #outbox: Outbox | null = null;
  #cancelResend: (() => void) | null = null;
  #refusal: string | null = null;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Why the broker refuses events at the moment, or `null`. */
  get refusal(): string | null {
    return this.#refusal;
  }

  /** To be called after every append. */
  pump(): void {
    this.#outbox?.pump();
  }

  stop(): void {
    this.#cancelResend?.();
    this.#outbox?.stop();
  }

  /** Sends what the cloud has signed no receipt for. */
  start(): void {
    this.#drain(this.#options.journal.custody.seq, RESEND_AFTER_MS);
  }

  /** Sends again from a number on, whether the cloud has it or not. */
  replay(fromSeq: number): void {
    this.#refusal = null;
    this.#drain(fromSeq - 1, RESEND_AFTER_MS);
  }

  #drain(afterSeq: number, resendAfterMs: number): void {
    const { journal, clock, eventsPerSecond, window, publish } = this.#options;
    this.#outbox?.stop();
    // What an earlier epoch left goes first, and with every fresh start at the receipt.
    const carriedFrom = afterSeq === journal.custody.seq ? journal.carried.firstPlace() : 0;
    this.#outbox = new Outbox(carriedFrom < 0 ? carriedFrom - 1 : afterSeq, {
      read: (seq, limit) => {
        const carried = seq < 0 ? journal.carried.after(seq, limit) : [];
        return carried.length > 0 ? carried : journal.eventsAfter(Math.max(seq, afterSeq), limit);
      },
      publish,
      onRefused: (refused) => this.#noteRefusal(refused),
      ...(window !== undefined && { window }),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, task) => clock.after(delayMs, task),
      eventsPerSecond,
    });
    this.#outbox.pump();
    this.#watchCustody(journal.custody.seq, resendAfterMs);
  }

  /** Begins again at the receipt when the cloud has taken nothing into custody for a while. */
  #watchCustody(before: number, afterMs: number): void {
    const { journal, clock, log } = this.#options;
    this.#cancelResend?.();
    this.#cancelResend = clock.after(afterMs, () => {
      const { seq } = journal.custody;
      const isWaiting = journal.carried.first() !== null || (this.#outbox?.sentSeq ?? 0) > seq;
      if (seq > before || !isWaiting) {
        this.#watchCustody(seq, RESEND_AFTER_MS);
        return;
      }
      log.warn({ from: seq + 1 }, 'no receipt: sending again');
      this.#options.askReceipt();
      this.#drain(seq, Math.min(RESEND_AFTER_MS_MAX, afterMs * 2));
    });
  }

  /** A refusal is an alarm until an event is taken again. One that is set aside is told to the cloud as a gap. */
  #noteRefusal(refused: { readonly seq: number; readonly reasonCode: number } | null): void {
    const { log } = this.#options;
    if (refused === null) {
      this.#refusal = null;
      log.info('the broker takes events again');
      return;
    }
    const { name, then, hint } = refusalOf(refused.reasonCode);
    this.#refusal = name;
    log.error({ seq: refused.seq, reason: name, then, hint }, 'the broker refused an event');
    if (then === 'set-aside') tellGap(this.#options, refused.seq);
  }
}
