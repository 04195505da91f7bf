import type { Logger } from 'pino';
import { EVENT_CONTENT_TYPE } from '../../shared/contract/events.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import type { Clock } from '../clock/clock.ts';
import type { Journal } from '../journal/journal.ts';
import { Acceptance } from './acceptance.ts';
import type { Answer } from './answers.ts';
import type { Publication } from './broker.ts';
import { Outbox } from './outbox.ts';
import { Oversized } from './oversized.ts';

/**
 * How long events may stand sent without a receipt before it is asked for and they are sent again: a broker that lost
 * what it had acknowledged, or a consumer that was down, must not leave a visit behind. The pause doubles while no
 * receipt comes, so that a consumer that is down for a day is not buried under duplicates.
 */
const RESEND_AFTER_MS = 15_000;
const RESEND_AFTER_MS_MAX = 16 * 60_000;

export interface DeliveryOptions {
  readonly venue: string;
  readonly gateway: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ceiling while a backlog drains. */
  readonly eventsPerSecond: number;
  /** Asks the cloud how far it has the ledger. */
  readonly askReceipt: () => void;
}

/** A connection whose birth the broker has acknowledged. */
export interface UpConnection {
  /** Resolves on the broker's PUBACK; rejects with `PublishRefused`, or otherwise when the connection is lost. */
  publish(message: Publication): Promise<void>;
  /** Publishes that the broker takes at once; `undefined` where it names no limit. */
  readonly receiveMaximum: number | undefined;
}

/** Brings the ledger into the cloud's custody: sends it over each connection, and again where no receipt comes. */
export class Delivery {
  readonly acceptance: Acceptance;
  readonly #options: DeliveryOptions;
  readonly #oversized = new Oversized();
  #connection: UpConnection | null = null;
  #outbox: Outbox | null = null;
  #cancelResend: (() => void) | null = null;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.acceptance = new Acceptance(options);
  }

  /** Sends what the cloud has signed no receipt for. */
  start(connection: UpConnection): void {
    this.#connection = connection;
    this.#drain(connection, this.#options.journal.custody.seq, RESEND_AFTER_MS);
  }

  /** The broker, or the line, has ended the connection. @param owed what the broker had owed longest */
  ended(owed: Answer | null): void {
    this.acceptance.ended(owed);
    this.#oversized.ended();
  }

  /** Whether everything that an earlier epoch left was sent on this connection. */
  get hasSentCarried(): boolean {
    return (this.#outbox?.sentSeq ?? -Infinity) >= -1;
  }

  /** To be called after every append. */
  pump(): void {
    this.#outbox?.pump();
  }

  /** Sends again from a number on, whether the cloud has it or not. @returns whether there is a connection for it */
  replay(fromSeq: number): boolean {
    if (this.#connection === null) return false;
    this.acceptance.forget();
    this.#drain(this.#connection, fromSeq - 1, RESEND_AFTER_MS);
    return true;
  }

  /** The connection is over. */
  stop(): void {
    this.#cancelResend?.();
    this.#outbox?.stop();
    this.#outbox = null;
    this.#connection = null;
    this.acceptance.over();
    this.#oversized.over();
  }

  #drain(connection: UpConnection, afterSeq: number, resendAfterMs: number): void {
    const { venue, journal, clock, eventsPerSecond } = this.#options;
    const topic = venueTopics(venue).events;
    const { receiveMaximum: window } = connection;
    this.#outbox?.stop();
    this.#oversized.over();
    // What an earlier epoch left goes first, and with every fresh start at the receipt.
    const carriedFrom = afterSeq === journal.custody.seq ? journal.carried.firstPlace() : 0;
    this.#outbox = new Outbox(carriedFrom < 0 ? carriedFrom - 1 : afterSeq, {
      read: (seq, limit) => {
        const carried = seq < 0 ? journal.carried.after(seq, limit) : [];
        return carried.length > 0 ? carried : journal.eventsAfter(Math.max(seq, afterSeq), limit);
      },
      publish: async (body) => {
        await connection.publish({ topic, body, contentType: EVENT_CONTENT_TYPE });
        this.acceptance.taken();
      },
      onRefused: (refused) => {
        if (refused === null) this.acceptance.resumed();
        else this.acceptance.refused(refused);
      },
      oversized: this.#oversized,
      ...(window !== undefined && { window }),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, task) => clock.after(delayMs, task),
      eventsPerSecond,
    });
    this.#outbox.pump();
    this.#watchCustody(connection, journal.custody.seq, resendAfterMs);
  }

  /** Begins again at the receipt when the cloud has taken nothing into custody for a while. */
  #watchCustody(connection: UpConnection, before: number, afterMs: number): void {
    const { journal, clock, log } = this.#options;
    this.#cancelResend?.();
    this.#cancelResend = clock.after(afterMs, () => {
      const { seq } = journal.custody;
      const isWaiting = journal.carried.first() !== null || (this.#outbox?.sentSeq ?? 0) > seq;
      if (seq > before || !isWaiting) {
        this.#watchCustody(connection, seq, RESEND_AFTER_MS);
        return;
      }
      log.warn({ from: seq + 1 }, 'no receipt: sending again');
      this.#options.askReceipt();
      this.#drain(connection, seq, Math.min(RESEND_AFTER_MS_MAX, afterMs * 2));
    });
  }
}
