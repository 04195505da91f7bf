import type { CloudRequest } from '../../shared/contract/receipt.ts';
import type { Occupancy } from '../../shared/contract/state.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import type { Journal } from '../journal/journal.ts';
import type { KeyRing } from '../tokens/key-ring.ts';
import type { Publication } from './broker.ts';
import { Connection, type ConnectionOptions, type ConnectionUser } from './connection.ts';
import { Custody } from './custody.ts';
import { Delivery } from './delivery.ts';
import { Inbox, type MessageListener } from './inbox.ts';
import { Retained, type Announcement, type DoorReport } from './retained.ts';

export interface UplinkOptions extends ConnectionOptions {
  /** Ceiling while a backlog drains. */
  readonly eventsPerSecond: number;
  readonly venue: string;
  readonly gateway: string;
  readonly timeZone: string;
  readonly journal: Journal;
  readonly cloudKeys: KeyRing;
  /** Retained messages for others at this broker, sent at every birth. Default: none. */
  readonly announcements?: readonly Announcement[];
}

/**
 * The line to the cloud, as the gateway's other parts see it: what they say and ask and listen to. Nothing at the door
 * waits for it.
 */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #topics;
  readonly #retained: Retained;
  readonly #custody: Custody;
  readonly #delivery: Delivery;
  readonly #connection: Connection;
  readonly #inbox = new Inbox();
  readonly #questions: (() => CloudRequest)[] = [];
  #stopListening: (() => void) | null = null;

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#topics = venueTopics(options.venue);
    this.#retained = new Retained(options);
    this.#custody = new Custody(options);
    this.#delivery = new Delivery({ ...options, askReceipt: () => this.ask(this.#custody.question()) });
    this.#connection = new Connection(options, this.#user());
    this.listen(this.#topics.receipts, ({ text }) => this.#custody.take(text));
  }

  /** Whether the broker has acknowledged the birth, and the connection stands. */
  get isOnline(): boolean {
    return this.#connection.isUp;
  }

  /** Why the broker takes no events at the moment, or `null`. */
  get refusal(): string | null {
    return this.#delivery.acceptance.refusal;
  }

  /** Topics that the broker lets this gateway not hear at the moment. */
  get refusedTopics(): readonly string[] {
    return this.#connection.refusedTopics;
  }

  /**
   * Takes what the cloud says on a topic: one message after another, in the order of their coming. The next one waits
   * until a promise of the listener is settled, and so does `close`. A listener that throws or rejects has a bug, which
   * ends the process. To be called before `start`.
   */
  listen(topic: string, listener: MessageListener): void {
    this.#inbox.listen(topic, listener);
  }

  /** A question that is put at every birth. To be called before `start`. */
  askAtBirth(question: () => CloudRequest): void {
    this.#questions.push(question);
  }

  /** Connects, and goes on doing so until `close`. */
  start(): void {
    this.#stopListening = this.#options.journal.onAppend(() => this.#delivery.pump());
    this.#connection.start();
  }

  /** Says farewell and hangs up. Resolves when all that was taken is done: the journal may be closed then. */
  async close(): Promise<void> {
    this.#stopListening?.();
    await this.#connection.close();
    await this.#inbox.idle();
  }

  /** Asks the cloud for everything that it may have and the gateway has not. @returns whether there is a line */
  sync(): boolean {
    for (const request of this.#requests()) this.ask(request);
    return this.isOnline;
  }

  /** Sends the ledger again from a number on. @returns whether there is a line */
  replay(fromSeq: number): boolean {
    return this.#delivery.replay(fromSeq);
  }

  /** Puts a question now; without a line it is put at the next birth. */
  ask(request: CloudRequest): void {
    this.#connection.send(this.#request(request));
  }

  /** Answers a message. An answer without a line is lost: whoever asked asks again. */
  answer(topic: string, body: string, correlationData: Buffer | null): void {
    this.#connection.send({ topic, body, ...(correlationData !== null && { correlationData }) });
  }

  /** Announces a door's state, now and at every birth. */
  publishDoorState(state: DoorReport): void {
    this.#connection.send(this.#retained.keepDoorState(state, this.#connection.session));
  }

  /** Announces how full the venue is, now and at every birth. */
  publishOccupancy(occupancy: Occupancy): void {
    this.#connection.send(this.#retained.keepOccupancy(occupancy));
  }

  /** Publishes a signed head of the journal, now and at every birth. */
  publishCheckpoint(token: string): void {
    this.#connection.send(this.#retained.keepCheckpoint(token));
  }

  /** Everything that the cloud is asked at a birth. */
  #requests(): readonly CloudRequest[] {
    return [...this.#custody.questions(), ...this.#questions.map((ask) => ask())];
  }

  #request(request: CloudRequest): Publication {
    return { topic: this.#topics.requests, body: JSON.stringify(request) };
  }

  /** What each connection is for: the ledger, what holds now, and what the cloud has to say. */
  #user(): ConnectionUser {
    return {
      will: (session) => this.#retained.will(session),
      topics: () => this.#inbox.topics,
      birth: (session) => [
        this.#retained.gatewayState(session, true),
        ...this.#requests().map((request) => this.#request(request)),
      ],
      farewell: (session) => this.#retained.gatewayState(session, false),
      onMessage: (topic, message) => this.#inbox.take(topic, message),
      onGranted: () => this.sync(),
      onUp: (connection) => {
        for (const message of this.#retained.all(this.#connection.session)) this.#connection.send(message);
        this.#delivery.start(connection);
      },
      onStable: () => this.#delivery.acceptance.held(),
      onEnded: (owed) => this.#delivery.acceptance.ended(owed),
      onDown: () => this.#delivery.stop(),
    };
  }
}
