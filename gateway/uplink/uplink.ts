import type { Logger } from 'pino';
import { EVENT_CONTENT_TYPE } from '../../shared/contract/events.ts';
import type { CloudRequest } from '../../shared/contract/receipt.ts';
import type { DoorState, GatewayState, Occupancy } from '../../shared/contract/state.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import { formatInstant, SECOND_MS } from '../../shared/time.ts';
import type { Clock } from '../clock/clock.ts';
import type { KeyRing } from '../credential/key-ring.ts';
import { StorageFault, type Journal } from '../journal/journal.ts';
import type { BrokerConnection, BrokerLimits, ConnectBroker, InboundMessage, Publication } from './broker.ts';
import { tellGap } from './gaps.ts';
import { backoffMs, LINE_AT_START, stepLine, type LineEffect, type LineEvent } from './line.ts';
import { Outbox } from './outbox.ts';
import { readReceipt } from './receipts.ts';
import { PublishRefused, refusalOf } from './refusal.ts';

/** How long a connection must hold before the back-off starts anew. */
const STABLE_AFTER_MS = 30_000;

/**
 * How long events may stand sent without a receipt before it is asked for and they are sent again: a broker that lost
 * what it had acknowledged, or a consumer that was down, must not leave a visit behind. The pause doubles while no
 * receipt comes, so that a consumer that is down for a day is not buried under duplicates.
 */
const RESEND_AFTER_MS = 15_000;
const RESEND_AFTER_MS_MAX = 16 * 60_000;

/** How long the broker may take to acknowledge that the gateway goes. */
const FAREWELL_MS = 1_000;

export interface UplinkOptions {
  readonly connect: ConnectBroker;
  /** Ceiling while a backlog drains. */
  readonly eventsPerSecond: number;
  readonly venue: string;
  readonly gateway: string;
  readonly timeZone: string;
  readonly journal: Journal;
  readonly cloudKeys: KeyRing;
  readonly clock: Clock;
  /** Retained messages for others at this broker, sent at every birth. Default: none. */
  readonly announcements?: readonly { readonly topic: string; readonly body: string }[];
  /** 0 ≤ chance < 1. */
  readonly chance: () => number;
  /** A new name for each connection. */
  readonly newSession: () => string;
  readonly log: Logger;
}

/**
 * The line to the cloud: birth and will, the outbox, receipts. Speaks MQTT 5 and falls back to 3.1.1. Nothing at
 * the door waits for it.
 */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #topics;
  readonly #doorStates = new Map<string, Omit<DoorState, 'session'>>();
  readonly #listeners = new Map<string, (message: InboundMessage) => void>();
  readonly #questions: (() => CloudRequest)[] = [];
  #occupancy: Occupancy | null = null;
  #checkpoint: string | null = null;
  #line = LINE_AT_START;
  #connection: BrokerConnection | null = null;
  #session = '';
  #outbox: Outbox | null = null;
  #cancelTimer: (() => void) | null = null;
  #cancelStable: (() => void) | null = null;
  /** Receipts, one after the other; waited for before the journal is closed. */
  #receiving: Promise<void> = Promise.resolve();
  #cancelResend: (() => void) | null = null;
  #limits: BrokerLimits | undefined;
  #refusal: string | null = null;
  #stopListening: (() => void) | null = null;

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#topics = venueTopics(options.venue);
  }

  get isOnline(): boolean {
    return this.#line.state === 'up';
  }

  /** Why the broker refuses events at the moment, or `null`. */
  get refusal(): string | null {
    return this.#refusal;
  }

  /** Asks the cloud for everything that it may have and the gateway has not. @returns whether there is a line */
  sync(): boolean {
    for (const request of this.#requests()) this.ask(request);
    return this.isOnline;
  }

  /** Sends the ledger again from a number on. @returns whether there is a line */
  replay(fromSeq: number): boolean {
    if (this.#connection === null || !this.isOnline) return false;
    this.#refusal = null;
    this.#drain(this.#connection, fromSeq - 1);
    return true;
  }

  /** Takes what the cloud says on a topic. To be called before `start`. */
  listen(topic: string, listener: (message: InboundMessage) => void): void {
    this.#listeners.set(topic, listener);
  }

  /** A question that is put at every birth. To be called before `start`. */
  askAtBirth(question: () => CloudRequest): void {
    this.#questions.push(question);
  }

  /** Puts a question now; without a line it is put at the next birth. */
  ask(request: CloudRequest): void {
    this.#send({ topic: this.#topics.requests, body: JSON.stringify(request) });
  }

  /** Announces how full the venue is, now and at every birth. */
  publishOccupancy(occupancy: Occupancy): void {
    this.#occupancy = occupancy;
    this.#send({ topic: this.#topics.occupancy, body: JSON.stringify(occupancy), retain: true });
  }

  /** Publishes a signed head of the journal, now and at every birth. */
  publishCheckpoint(token: string): void {
    this.#checkpoint = token;
    this.#send({ topic: this.#topics.checkpoints, body: token });
  }

  /** Answers a message. An answer without a line is lost: whoever asked asks again. */
  answer(topic: string, body: string, correlationData: Buffer | null): void {
    this.#send({ topic, body, ...(correlationData !== null && { correlationData }) });
  }

  start(): void {
    this.#stopListening = this.#options.journal.onAppend(() => this.#outbox?.pump());
    this.#step('start');
  }

  /** Announces a door's state, now and at every birth. */
  publishDoorState(state: Omit<DoorState, 'session'>): void {
    this.#doorStates.set(state.door, state);
    this.#sendDoorState(state);
  }

  async close(): Promise<void> {
    this.#stopListening?.();
    const connection = this.#connection;
    if (connection !== null && this.isOnline) {
      const farewell = connection.publish(this.#gatewayState(false));
      // A broker that does not answer must not hold up the end; its will says the same.
      await Promise.race([farewell.catch(() => undefined), this.#pause(FAREWELL_MS)]);
    }
    this.#step('stopped');
    await this.#receiving;
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(delayMs, resolve));
  }

  #step(event: LineEvent): void {
    const { line, effects } = stepLine(this.#line, event);
    if (line.state !== this.#line.state)
      this.#options.log.info({ line: line.state, protocol: line.protocol }, 'line');
    this.#line = line;
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: LineEffect): void {
    const { clock, chance } = this.#options;
    switch (effect) {
      case 'connect':
        this.#connect();
        return;
      case 'announce':
        void this.#announce();
        return;
      case 'reconnect-later':
        this.#hangUp();
        this.#cancelTimer = clock.after(backoffMs(this.#line.failures, chance()), () => this.#step('start'));
        return;
      case 'reconnect-now':
        this.#hangUp();
        this.#step('start');
        return;
      case 'watch-stability':
        this.#cancelStable = clock.after(STABLE_AFTER_MS, () => this.#step('stable'));
        return;
      case 'hang-up':
        this.#hangUp();
        return;
    }
  }

  #connect(): void {
    this.#session = this.#options.newSession();
    const attempt = { protocol: this.#line.protocol, will: this.#gatewayState(false, null) };
    const connection = this.#options.connect(attempt, {
      onConnected: (limits) => {
        this.#limits = limits;
        this.#step('connected');
      },
      onMessage: (topic, message) => {
        if (topic === this.#topics.receipts)
          this.#receiving = this.#receiving.then(() => this.#acceptReceipt(message.text));
        this.#listeners.get(topic)?.(message);
      },
      onClosed: (isVersionRefused) => this.#step(isVersionRefused ? 'protocol-refused' : 'lost'),
    });
    this.#connection = connection;
  }

  /** The birth: subscriptions first, so that the retained receipt spares the cloud what it holds already. */
  async #announce(): Promise<void> {
    const connection = this.#connection;
    const { journal, log } = this.#options;
    if (connection === null) return;
    try {
      await connection.subscribe([this.#topics.receipts, ...this.#listeners.keys()]);
      await connection.publish(this.#gatewayState(true));
      for (const request of this.#requests()) {
        await connection.publish({ topic: this.#topics.requests, body: JSON.stringify(request) });
      }
    } catch (error) {
      log.debug({ err: error }, 'birth not announced');
      return;
    }
    if (this.#connection !== connection || !this.isOnline) return;
    for (const { topic, body } of this.#options.announcements ?? [])
      this.#send({ topic, body, retain: true });
    for (const state of this.#doorStates.values()) this.#sendDoorState(state);
    if (this.#occupancy !== null) this.publishOccupancy(this.#occupancy);
    if (this.#checkpoint !== null) this.publishCheckpoint(this.#checkpoint);
    this.#drain(connection, journal.custody.seq);
  }

  /** Everything that the cloud is asked at a birth. */
  #requests(): readonly CloudRequest[] {
    const { journal } = this.#options;
    const have = { epoch: journal.epoch, seq: journal.custody.seq };
    const carried = journal.carried.first();
    const earlier = carried === null ? [] : [{ epoch: carried.epoch, seq: carried.seq - 1 }];
    const receipts = [have, ...earlier].map((known) => ({ need: 'receipt', have: known }) as const);
    return [...receipts, ...this.#questions.map((ask) => ask())];
  }

  #drain(connection: BrokerConnection, afterSeq: number, resendAfterMs = RESEND_AFTER_MS): void {
    const { journal, clock, eventsPerSecond } = this.#options;
    this.#outbox?.stop();
    // What an earlier epoch left goes first, and with every fresh start at the receipt.
    const carriedFrom = afterSeq === journal.custody.seq ? journal.carried.firstPlace() : 0;
    this.#outbox = new Outbox(carriedFrom < 0 ? carriedFrom - 1 : afterSeq, {
      read: (seq, limit) => {
        const carried = seq < 0 ? journal.carried.after(seq, limit) : [];
        return carried.length > 0 ? carried : journal.eventsAfter(Math.max(seq, afterSeq), limit);
      },
      publish: (body) =>
        connection.publish({ topic: this.#topics.events, body, contentType: EVENT_CONTENT_TYPE }),
      onRefused: (refused) => this.#noteRefusal(refused),
      ...(this.#limits !== undefined && { window: this.#limits.receiveMaximum }),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, task) => clock.after(delayMs, task),
      eventsPerSecond,
    });
    this.#outbox.pump();
    this.#watchCustody(connection, journal.custody.seq, resendAfterMs);
  }

  /** Begins again at the receipt when the cloud has taken nothing into custody for a while. */
  #watchCustody(connection: BrokerConnection, before: number, afterMs: number): void {
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
      this.ask({ need: 'receipt', have: { epoch: journal.epoch, seq } });
      this.#drain(connection, seq, Math.min(RESEND_AFTER_MS_MAX, afterMs * 2));
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

  async #acceptReceipt(token: string): Promise<void> {
    const { venue, journal, cloudKeys, clock, log } = this.#options;
    const receipt = await readReceipt(token, cloudKeys);
    if (receipt?.venue !== venue) {
      log.warn('a receipt that is not signed by the cloud, or not for this venue, was ignored');
      return;
    }
    clock.witness(receipt.iat * SECOND_MS);
    const { epoch, seq, head } = receipt;
    try {
      // Another epoch's receipt is of the journal that this one replaced.
      const isGood =
        epoch === journal.epoch ? journal.acceptCustody(seq, head, token) : journal.releaseCarried(receipt);
      if (seq > 0 && !isGood) {
        log.error({ seq: receipt.seq }, 'the cloud holds another ledger than this one: chain heads differ');
      }
    } catch (fault) {
      if (!(fault instanceof StorageFault)) throw fault;
      // The cloud says it again; until then the events count as not received.
      log.error({ code: fault.code, hint: fault.hint }, 'storage fault: a receipt is not kept');
    }
  }

  #sendDoorState(state: Omit<DoorState, 'session'>): void {
    const payload: DoorState = { session: this.#session, ...state };
    this.#send({ topic: this.#topics.doorState(state.door), body: JSON.stringify(payload), retain: true });
  }

  /** Sends what may be lost with the line: it is said again, or asked for again. */
  #send(message: Publication): void {
    if (!this.isOnline) return;
    this.#connection?.publish(message).catch((error: unknown) => {
      const { log } = this.#options;
      if (error instanceof PublishRefused) log.warn({ err: error, topic: message.topic }, 'not published');
      else log.debug({ err: error, topic: message.topic }, 'not published');
    });
  }

  /** @param at `null` in a will: nobody knows when it will be sent */
  #gatewayState(online: boolean, at: 'now' | null = 'now'): Publication {
    const { gateway, journal, clock, timeZone } = this.#options;
    const state: GatewayState = {
      online,
      session: this.#session,
      gateway,
      epoch: journal.epoch,
      at: at === null ? null : formatInstant(clock.wallMs(), timeZone),
    };
    return { topic: this.#topics.gatewayState, body: JSON.stringify(state), retain: true };
  }

  #hangUp(): void {
    this.#cancelTimer?.();
    this.#cancelStable?.();
    this.#cancelResend?.();
    this.#outbox?.stop();
    this.#outbox = null;
    this.#refusal = null;
    const connection = this.#connection;
    this.#connection = null;
    connection?.end();
  }
}
