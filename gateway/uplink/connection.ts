import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.ts';
import { connectWatched, type Answer } from './answers.ts';
import type {
  BrokerConnection,
  BrokerLimits,
  ConnectBroker,
  InboundBounds,
  InboundMessage,
  Publication,
} from './broker.ts';
import type { UpConnection } from './delivery.ts';
import {
  backoffMs,
  lineAtStart,
  protocolsOf,
  stepLine,
  type Line,
  type LineEffect,
  type LineEvent,
} from './line.ts';
import { PublishRefused } from './refusal.ts';
import { Subscriptions } from './subscriptions.ts';

/** How long a connection must hold before the back-off starts anew. */
const STABLE_AFTER_MS = 30_000;

/** How long the broker may take to acknowledge that the gateway goes. */
const FAREWELL_MS = 1_000;

/** What is said on every connection, and who is told what becomes of it. `session` is the connection's name. */
export interface ConnectionUser {
  /** Left with the broker, which says it when the connection is lost. */
  will(session: string): Publication;
  /** What is to be heard; subscribed before the birth, so that nothing of its answers is missed. */
  topics(): readonly string[];
  /** How much of it is taken. */
  inbound(): InboundBounds;
  /** Said and acknowledged, in this order, before the line is up. */
  birth(session: string): readonly Publication[];
  farewell(session: string): Publication;
  onMessage(topic: string, message: InboundMessage): void;
  /** The broker grants what it had refused to let hear: what was said meanwhile has to be asked for. */
  onGranted(): void;
  onUp(connection: UpConnection): void;
  /** The connection has held for half a minute. */
  onStable(): void;
  /** The broker, or the line, has ended the connection. `owed`: the answer that the broker had owed longest. */
  onEnded(owed: Answer | null): void;
  /** The connection is over, whoever has ended it. Also called where there was none. */
  onDown(): void;
}

export interface ConnectionOptions {
  readonly connect: ConnectBroker;
  /** Versions of MQTT. Default: `auto`, 5 and 3.1.1 in turns until one works. */
  readonly protocol?: 'auto' | 5 | '3.1.1' | undefined;
  readonly clock: Clock;
  /** 0 ≤ chance < 1. */
  readonly chance: () => number;
  /** A new name for each connection. */
  readonly newSession: () => string;
  readonly log: Logger;
}

/** Keeps one connection to the broker: runs the machine of `line.ts` from birth over back-off to farewell. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #user: ConnectionUser;
  #line: Line;
  #broker: BrokerConnection | null = null;
  #session = '';
  #beganMs = 0;
  #limits: BrokerLimits | undefined;
  #subscriptions: Subscriptions | null = null;
  #cancelReconnect: (() => void) | null = null;
  #cancelStable: (() => void) | null = null;

  constructor(options: ConnectionOptions, user: ConnectionUser) {
    this.#options = options;
    this.#user = user;
    this.#line = lineAtStart(protocolsOf(options.protocol));
  }

  /** Whether the broker has acknowledged the birth, and the connection stands. */
  get isUp(): boolean {
    return this.#line.state === 'up';
  }

  /** For how long the present connection has been, from the attempt on, in milliseconds; 0 where there is none. */
  get connectedForMs(): number {
    return this.#broker === null ? 0 : this.#options.clock.monotonicMs() - this.#beganMs;
  }

  /** Name of the connection, or of the last one; empty before the first. */
  get session(): string {
    return this.#session;
  }

  /** Topics that the broker lets this gateway not hear at the moment. */
  get refusedTopics(): readonly string[] {
    return this.#subscriptions?.refused ?? [];
  }

  start(): void {
    this.#step('start');
  }

  /** Says farewell and hangs up. Resolves after a second at most; nothing is told any more then. */
  async close(): Promise<void> {
    if (this.#broker !== null && this.isUp) {
      const farewell = this.#broker.publish(this.#user.farewell(this.#session));
      // A broker that does not answer must not hold up the end; its will says the same.
      const late = new Promise<void>((resolve) => this.#options.clock.after(FAREWELL_MS, resolve));
      await Promise.race([farewell.catch(() => undefined), late]);
    }
    this.#step('stopped');
  }

  /** Sends what may be lost with the line: it is said again, or asked for again. */
  send(message: Publication): void {
    const { state } = this.#line;
    if (this.#broker === null || (state !== 'announcing' && state !== 'up')) return;
    this.#publish(this.#broker, message).catch((error: unknown) => {
      this.#options.log.debug({ err: error, topic: message.topic }, 'not published');
    });
  }

  /** Publishes what the events do not wait for: a refusal is told and no more. Rejects when the connection is lost. */
  async #publish(broker: BrokerConnection, message: Publication): Promise<void> {
    try {
      await broker.publish(message);
    } catch (error) {
      if (!(error instanceof PublishRefused)) throw error;
      this.#options.log.warn({ err: error, topic: message.topic }, 'not published');
    }
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
        this.#cancelReconnect = clock.after(backoffMs(this.#line.failures, chance()), () =>
          this.#step('start'),
        );
        return;
      case 'reconnect-now':
        this.#hangUp();
        this.#step('start');
        return;
      case 'watch-stability':
        this.#cancelStable = clock.after(STABLE_AFTER_MS, () => {
          this.#user.onStable();
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
    this.#beganMs = this.#options.clock.monotonicMs();
    const attempt = {
      protocol: this.#line.protocol,
      will: this.#user.will(this.#session),
      inbound: this.#user.inbound(),
    };
    const broker = connectWatched(this.#options, attempt, {
      onConnected: (limits) => {
        this.#limits = limits;
        this.#step('connected');
      },
      onMessage: (topic, message) => this.#user.onMessage(topic, message),
      onClosed: (ending, owed) => {
        this.#user.onEnded(owed);
        this.#step(ending);
      },
    });
    this.#broker = broker;
    this.#subscriptions = new Subscriptions({
      ...this.#options,
      connection: broker,
      onGranted: () => this.#user.onGranted(),
    });
  }

  /** The birth: subscriptions first, so that the retained receipt spares the cloud what it holds already. */
  async #announce(): Promise<void> {
    const broker = this.#broker;
    if (broker === null) return;
    try {
      await this.#subscriptions?.ask(this.#user.topics());
      for (const message of this.#user.birth(this.#session)) await this.#publish(broker, message);
    } catch (error) {
      // The connection is lost, which is told on its own.
      this.#options.log.debug({ err: error }, 'birth not announced');
      return;
    }
    if (this.#broker === broker) this.#step('announced');
  }

  #deliver(): void {
    const broker = this.#broker;
    if (broker === null) return;
    this.#user.onUp({
      publish: (message) => broker.publish(message),
      receiveMaximum: this.#limits?.receiveMaximum,
    });
  }

  #hangUp(): void {
    this.#cancelReconnect?.();
    this.#cancelStable?.();
    this.#subscriptions?.stop();
    this.#subscriptions = null;
    this.#user.onDown();
    const broker = this.#broker;
    this.#broker = null;
    broker?.end();
  }
}
