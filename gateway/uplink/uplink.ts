import type { Logger } from 'pino';
import { EVENT_CONTENT_TYPE } from '../../shared/contract/events.ts';
import type { CloudRequest } from '../../shared/contract/receipt.ts';
import type { DoorState, GatewayState, Occupancy } from '../../shared/contract/state.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import { formatInstant } from '../../shared/time.ts';
import type { Clock } from '../clock/clock.ts';
import type { KeyRing } from '../tokens/key-ring.ts';
import type { Journal } from '../journal/journal.ts';
import { connectWatched, type Answer } from './answers.ts';
import type { BrokerConnection, BrokerLimits, ConnectBroker, InboundMessage, Publication } from './broker.ts';
import { Delivery } from './delivery.ts';
import {
  backoffMs,
  lineAtStart,
  protocolsOf,
  stepLine,
  type Line,
  type LineEffect,
  type LineEvent,
} from './line.ts';
import { Receipts } from './receipts.ts';
import { PublishRefused } from './refusal.ts';
import { Subscriptions } from './subscriptions.ts';

/** How long a connection must hold before the back-off starts anew. */
const STABLE_AFTER_MS = 30_000;

/**
 * So many connections in a row that ended while the broker owed a PUBACK, and on which it took no event: it takes none.
 * One may be a line that broke then; brokers that cut whoever publishes what they do not allow give no other sign.
 */
const FRUITLESS_MIN = 2;

/** How long the broker may take to acknowledge that the gateway goes. */
const FAREWELL_MS = 1_000;

export interface UplinkOptions {
  readonly connect: ConnectBroker;
  /** Versions of MQTT. Default: `auto`, 5 and 3.1.1 in turns until one works. */
  readonly protocol?: 'auto' | 5 | '3.1.1' | undefined;
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
  readonly #receipts: Receipts;
  readonly #doorStates = new Map<string, Omit<DoorState, 'session'>>();
  readonly #listeners = new Map<string, (message: InboundMessage) => void>();
  readonly #questions: (() => CloudRequest)[] = [];
  #occupancy: Occupancy | null = null;
  #checkpoint: string | null = null;
  #line: Line;
  #connection: BrokerConnection | null = null;
  #session = '';
  #subscriptions: Subscriptions | null = null;
  #delivery: Delivery | null = null;
  /** Whether the broker has taken an event on this connection. */
  #isTaking = false;
  #fruitless = 0;
  #cancelTimer: (() => void) | null = null;
  #cancelStable: (() => void) | null = null;
  #limits: BrokerLimits | undefined;
  #stopListening: (() => void) | null = null;

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#topics = venueTopics(options.venue);
    this.#receipts = new Receipts(options);
    this.#line = lineAtStart(protocolsOf(options.protocol));
  }

  /** Whether the broker has acknowledged the birth, and the connection stands. */
  get isOnline(): boolean {
    return this.#line.state === 'up';
  }

  /** Why the broker refuses events at the moment, or `null`. */
  get refusal(): string | null {
    return this.#delivery?.refusal ?? (this.#fruitless >= FRUITLESS_MIN ? 'not-acknowledged' : null);
  }

  /** Topics that the broker lets this gateway not hear at the moment. */
  get refusedTopics(): readonly string[] {
    return this.#subscriptions?.refused ?? [];
  }

  /** Asks the cloud for everything that it may have and the gateway has not. @returns whether there is a line */
  sync(): boolean {
    for (const request of this.#requests()) this.ask(request);
    return this.isOnline;
  }

  /** Sends the ledger again from a number on. @returns whether there is a line */
  replay(fromSeq: number): boolean {
    this.#delivery?.replay(fromSeq);
    return this.#delivery !== null;
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
    this.#send(this.#request(request));
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
    this.#stopListening = this.#options.journal.onAppend(() => this.#delivery?.pump());
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
    await this.#receipts.idle();
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
      case 'deliver':
        this.#deliver();
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
        this.#cancelStable = clock.after(STABLE_AFTER_MS, () => {
          this.#fruitless = 0;
          this.#step('stable');
        });
        return;
      case 'hang-up':
        this.#hangUp();
        return;
    }
  }

  #connect(): void {
    this.#session = this.#options.newSession();
    this.#isTaking = false;
    const attempt = { protocol: this.#line.protocol, will: this.#gatewayState(false, null) };
    const connection = connectWatched(this.#options, attempt, {
      onConnected: (limits) => {
        this.#limits = limits;
        this.#step('connected');
      },
      onMessage: (topic, message) => {
        if (topic === this.#topics.receipts) this.#receipts.take(message.text);
        this.#listeners.get(topic)?.(message);
      },
      onClosed: (ending, owed) => {
        this.#noteEnd(owed);
        this.#step(ending);
      },
    });
    this.#connection = connection;
    this.#subscriptions = new Subscriptions({
      ...this.#options,
      connection,
      onGranted: () => this.sync(),
    });
  }

  #noteEnd(owed: Answer | null): void {
    if (owed !== 'PUBACK' || this.#isTaking) return;
    this.#fruitless += 1;
    if (this.#fruitless >= FRUITLESS_MIN)
      this.#options.log.error(
        { connections: this.#fruitless, hint: "look into the broker's log; may this account publish here?" },
        'connections end without the acknowledgement of a publish',
      );
  }

  /** The birth: subscriptions first, so that the retained receipt spares the cloud what it holds already. */
  async #announce(): Promise<void> {
    const { log } = this.#options;
    const connection = this.#connection;
    if (connection === null) return;
    try {
      await this.#subscriptions?.ask([this.#topics.receipts, ...this.#listeners.keys()]);
      for (const message of [
        this.#gatewayState(true),
        ...this.#requests().map((each) => this.#request(each)),
      ])
        await this.#publish(connection, message);
    } catch (error) {
      // The connection is lost, which is told on its own.
      log.debug({ err: error }, 'birth not announced');
      return;
    }
    if (this.#connection === connection) this.#step('announced');
  }

  /** What the line is for: the ledger, and what holds now. */
  #deliver(): void {
    const connection = this.#connection;
    if (connection === null) return;
    for (const { topic, body } of this.#options.announcements ?? [])
      this.#send({ topic, body, retain: true });
    for (const state of this.#doorStates.values()) this.#sendDoorState(state);
    if (this.#occupancy !== null) this.publishOccupancy(this.#occupancy);
    if (this.#checkpoint !== null) this.publishCheckpoint(this.#checkpoint);
    const { journal } = this.#options;
    this.#delivery = new Delivery({
      ...this.#options,
      window: this.#limits?.receiveMaximum,
      publish: async (body) => {
        await connection.publish({ topic: this.#topics.events, body, contentType: EVENT_CONTENT_TYPE });
        this.#isTaking = true;
        this.#fruitless = 0;
      },
      askReceipt: () => {
        this.ask({ need: 'receipt', have: { epoch: journal.epoch, seq: journal.custody.seq } });
      },
    });
    this.#delivery.start();
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

  #sendDoorState(state: Omit<DoorState, 'session'>): void {
    const payload: DoorState = { session: this.#session, ...state };
    this.#send({ topic: this.#topics.doorState(state.door), body: JSON.stringify(payload), retain: true });
  }

  #request(request: CloudRequest): Publication {
    return { topic: this.#topics.requests, body: JSON.stringify(request) };
  }

  /** Sends what may be lost with the line: it is said again, or asked for again. */
  #send(message: Publication): void {
    const { state } = this.#line;
    if (this.#connection === null || (state !== 'announcing' && state !== 'up')) return;
    this.#publish(this.#connection, message).catch((error: unknown) => {
      this.#options.log.debug({ err: error, topic: message.topic }, 'not published');
    });
  }

  /** Publishes what the events do not wait for: a refusal is told and no more. Rejects when the connection is lost. */
  async #publish(connection: BrokerConnection, message: Publication): Promise<void> {
    try {
      await connection.publish(message);
    } catch (error) {
      if (!(error instanceof PublishRefused)) throw error;
      this.#options.log.warn({ err: error, topic: message.topic }, 'not published');
    }
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
    this.#subscriptions?.stop();
    this.#subscriptions = null;
    this.#delivery?.stop();
    this.#delivery = null;
    const connection = this.#connection;
    this.#connection = null;
    connection?.end();
  }
}
