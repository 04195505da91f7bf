import { PRESENTATION_BYTES_MAX } from '../../shared/contract/presentation.ts';
import type { CloudRequest } from '../../shared/contract/receipt.ts';
import { HEARTBEAT_MS, STATE_BYTES_MAX, type Occupancy } from '../../shared/contract/state.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import { MINUTE_MS } from '../../shared/time.ts';
import { every } from '../clock/clock.ts';
import type { Journal } from '../journal/journal.ts';
import type { KeyRing } from '../tokens/key-ring.ts';
import type { Publication } from './broker.ts';
import type { CloudLine } from './cloud-line.ts';
import { Connection, type ConnectionOptions, type ConnectionUser } from './connection.ts';
import { Custody } from './custody.ts';
import { Delivery } from './delivery.ts';
import { Inbox, type MessageListener } from './inbox.ts';
import { OtherGateways } from './other-gateways.ts';
import { Questions } from './questions.ts';
import { Retained, type Announcement, type DoorReport } from './retained.ts';

/**
 * Pause between two times of asking for everything, in milliseconds. A broker loses what it has acknowledged, and no birth
 * may come for days: as often as the shortest reservation is long, so that none ends without its cancellation.
 */
const ASK_EVERY_MS = 30 * MINUTE_MS;

/** Needs that are answered on a topic of their own name. A receipt is asked for by the delivery, while an event waits for it. */
const ANSWERED_AT = ['reservations', 'usage', 'trust', 'stays'] as const;

export interface UplinkOptions extends ConnectionOptions {
  /** Ceiling while a backlog drains. */
  readonly eventsPerSecond: number;
  readonly venue: string;
  readonly gateway: string;
  readonly timeZone: string;
  readonly journal: Journal;
  readonly cloudKeys: KeyRing;
  /** The cloud has signed a receipt for another ledger than this one. Default: nobody counts. */
  readonly onWrongHead?: () => void;
  /** Retained messages for others at this broker, sent at every birth. Default: none. */
  readonly announcements?: readonly Announcement[];
}

/** The line to the cloud of a venue that has one. */
export class Uplink implements CloudLine {
  readonly isFitted = true;
  readonly #options: UplinkOptions;
  readonly #topics;
  readonly #retained: Retained;
  readonly #custody: Custody;
  readonly #delivery: Delivery;
  readonly #connection: Connection;
  readonly #inbox = new Inbox();
  readonly #others: OtherGateways;
  readonly #questions: Questions;
  #stopListening: (() => void) | null = null;
  #stopAsking: (() => void) | null = null;
  #stopBeating: (() => void) | null = null;

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#topics = venueTopics(options.venue);
    this.#retained = new Retained(options);
    this.#custody = new Custody({
      ...options,
      onReturned: () => this.#delivery.replay(options.journal.custody.seq + 1),
      hasSentCarried: () => this.#delivery.hasSentCarried,
    });
    this.#delivery = new Delivery({ ...options, askReceipt: () => this.ask(this.#custody.question()) });
    this.#questions = new Questions({ ...options, ask: (request) => this.ask(request) });
    this.#connection = new Connection(options, this.#user());
    this.#others = new OtherGateways({
      ...options,
      announce: () => this.#announce(),
    });
    this.listen(this.#topics.gatewayState, STATE_BYTES_MAX, (message) => this.#others.take(message));
    this.listen(this.#topics.receipts, PRESENTATION_BYTES_MAX, ({ text }) => this.#custody.take(text));
  }

  get isOnline(): boolean {
    return this.#connection.isUp;
  }

  get connectedForMs(): number {
    return this.#connection.connectedForMs;
  }

  get refusal(): string | null {
    return this.#delivery.acceptance.refusal;
  }

  get refusedTopics(): readonly string[] {
    return this.#connection.refusedTopics;
  }

  listen(topic: string, bytesMax: number, listener: MessageListener): void {
    const need = ANSWERED_AT.find((each) => this.#topics[each] === topic);
    this.#inbox.listen(topic, bytesMax, async (message) => {
      const became = await listener(message);
      if (need !== undefined && became !== 'refused') this.#questions.answered(need);
    });
  }

  askAtBirth(question: () => CloudRequest | null): void {
    this.#questions.add(question);
  }

  start(): void {
    const { journal, clock } = this.#options;
    this.#stopListening = journal.onAppend(() => this.#delivery.pump());
    this.#stopAsking = every(clock, ASK_EVERY_MS, () => this.sync());
    this.#stopBeating = every(clock, HEARTBEAT_MS, () => this.#announce());
    this.#connection.start();
  }

  async close(): Promise<void> {
    this.#stopListening?.();
    this.#stopAsking?.();
    this.#stopBeating?.();
    await this.#connection.close();
    await this.#inbox.idle();
  }

  sync(): boolean {
    for (const request of this.#requests()) this.ask(request);
    return this.isOnline;
  }

  replay(fromSeq: number): boolean {
    return this.#delivery.replay(fromSeq);
  }

  ask(request: CloudRequest): void {
    this.#connection.send(this.#request(request));
  }

  answer(topic: string, body: string, correlationData: Buffer | null): void {
    this.#connection.send({ topic, body, ...(correlationData !== null && { correlationData }) });
  }

  publishDoorState(state: DoorReport): void {
    this.#connection.send(this.#retained.keepDoorState(state, this.#connection.session));
  }

  publishOccupancy(occupancy: Occupancy): void {
    this.#connection.send(this.#retained.keepOccupancy(occupancy));
  }

  publishCheckpoint(token: string): void {
    this.#connection.send(this.#retained.keepCheckpoint(token));
  }

  /** Says that the gateway is there; without a line the birth does. */
  #announce(): void {
    this.#connection.send(this.#retained.gatewayState(this.#connection.session, true));
  }

  /** Everything that the cloud is asked at a birth. */
  #requests(): readonly CloudRequest[] {
    return [...this.#custody.questions(), ...this.#questions.all()];
  }

  #request(request: CloudRequest): Publication {
    return { topic: this.#topics.requests, body: JSON.stringify(request) };
  }

  /** What each connection is for: the ledger, what holds now, and what the cloud has to say. */
  #user(): ConnectionUser {
    return {
      will: (session) => {
        this.#others.begin(session);
        return this.#retained.will(session);
      },
      topics: () => this.#inbox.topics,
      // Everything else is asked for at a birth, and may not crowd out what waits for the gateway.
      inbound: () => ({ ...this.#inbox.bounds, isKept: (topic) => topic === this.#topics.commands }),
      birth: (session) => [
        this.#retained.gatewayState(session, true),
        ...this.#requests().map((request) => this.#request(request)),
      ],
      farewell: (session) => this.#retained.gatewayState(session, false),
      onMessage: (topic, message) => this.#inbox.take(topic, message),
      onGranted: () => this.sync(),
      onUp: (connection) => {
        this.#questions.begin();
        for (const message of this.#retained.all(this.#connection.session)) this.#connection.send(message);
        this.#delivery.start(connection);
      },
      onStable: () => this.#delivery.acceptance.held(),
      onEnded: (owed) => this.#delivery.ended(owed),
      onDown: () => {
        this.#questions.stop();
        this.#delivery.stop();
      },
    };
  }
}
