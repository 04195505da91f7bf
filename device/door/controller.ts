import type {
  ControllerEvent,
  ControllerReport,
  DoorController,
  DoorSignal,
  Lease,
  LeaseOutcome,
} from '../ports.ts';
import { firmwareBuildId } from '../build.generated.ts';
import type { Message } from '../protocol.ts';
import type { MessageFields } from '../protocol.generated.ts';
import { step } from './connection.ts';
import type { ConnectionEffect, ConnectionEvent, ConnectionState } from './connection.ts';
import { UNKNOWN, learn } from './knowledge.ts';
import type { Knowledge } from './knowledge.ts';
import { Heartbeat } from './heartbeat.ts';
import { Line } from './line.ts';
import { Orders } from './orders.ts';
import { Session } from './session.ts';
import { keeps } from './settings.ts';
import type { BoardSettings } from './settings.ts';
import type { OpenTransport, Transport } from './transport.ts';

type Hello = Extract<Message, { type: 'hello' }>['fields'];

export interface DoorControllerOptions {
  readonly door: string;
  /** The line to the board: `serialTransport`, or an emulated board in the process. */
  readonly openTransport: OpenTransport;
  /** What the board's EEPROM shall hold; a board that holds something else is told when it comes online. */
  readonly settings?: BoardSettings;
}

/** Nothing valid for this long is offline. Source: `ControllerEvent` in `device/ports.ts`. */
const SILENCE_MS = 1000;
/** For the greeting; longer, because a stock board sits in its bootloader for up to 2 s after opening. */
const GREETING_MS = 3000;
/** Pauses between attempts; the last one goes on. A board that is back answers at the latest 2 s and a greeting later. */
const RETRY_MS = [250, 500, 1000, 2000] as const;

/**
 * A door's controller: our firmware on a board under johnny-five. Connects, and connects again, by itself from
 * `start` to `close`; what is wrong with the line or the board arrives as an `offline` event with its reason.
 */
export function doorController(options: DoorControllerOptions): DoorController {
  return new Controller(options);
}

class Controller implements DoorController {
  readonly door: string;
  readonly #listeners = new Set<(event: ControllerEvent) => void>();
  readonly #settings: BoardSettings | null;
  readonly #line: Line;
  readonly #heartbeat: Heartbeat;
  readonly #orders: Orders;
  /** What came while another event is carried out. */
  readonly #inbox: { readonly event: ConnectionEvent; readonly reason: string }[] = [];
  #busy = false;
  readonly #announcedReasons = new Set<string>();
  #state: ConnectionState = 'stopped';
  #knowledge: Knowledge = UNKNOWN;
  #transport: Transport | null = null;
  #session: Session | null = null;
  #hello: Hello | null = null;
  #sequence = 1;
  #reason = '';
  #attempts = 0;
  #retryTimer: NodeJS.Timeout | undefined;

  constructor(options: DoorControllerOptions) {
    this.door = options.door;
    this.#settings = options.settings ?? null;
    this.#line = new Line(options.openTransport, {
      opened: (transport) => {
        this.#transport = transport;
        this.#on('opened');
      },
      failed: (reason) => this.#on('open-failed', reason),
      bytes: (chunk) => this.#session?.take(chunk),
      lost: (reason) => this.#on('lost', reason),
    });
    this.#heartbeat = new Heartbeat({
      ask: () => this.#session?.send('status-request', {}),
      silent: () => this.#on('silent', this.#silence()),
    });
    this.#orders = new Orders({
      isOnline: () => this.online,
      bootNonce: () => (this.#session === null ? null : (this.#hello?.bootNonce ?? null)),
      send: (type, fields) => this.#session?.send(type, fields) ?? 0,
    });
  }

  get online(): boolean {
    return this.#state === 'online';
  }

  get report(): ControllerReport {
    return this.#knowledge.report;
  }

  start(): void {
    this.#on('start');
  }

  pulse(lease: Lease): Promise<LeaseOutcome> {
    return this.#orders.pulse(lease);
  }

  holdOpen(): Promise<LeaseOutcome> {
    return this.#orders.holdOpen();
  }

  secure(): Promise<LeaseOutcome> {
    return this.#orders.secure();
  }

  testWatchdog(): Promise<LeaseOutcome> {
    return this.#orders.testWatchdog();
  }

  signal(signal: DoorSignal): void {
    if (this.online) this.#session?.send('signal', { signal });
  }

  onEvent(listener: (event: ControllerEvent) => void): () => void {
    // A wrapper, so that one function registered twice is two listeners.
    const own = (event: ControllerEvent): void => listener(event);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async close(): Promise<void> {
    this.#on('close');
    // Called by a listener, the close waits its turn.
    await Promise.resolve();
    await this.#line.closed();
  }

  /** One event after the other: what a listener does in the middle of one, such as `close`, comes after it. */
  #on(event: ConnectionEvent, reason = ''): void {
    this.#inbox.push({ event, reason });
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        const { state, effects } = step(this.#state, next.event);
        this.#state = state;
        if (next.reason !== '') this.#reason = next.reason;
        for (const effect of effects) this.#carryOut(effect);
      }
    } finally {
      this.#busy = false;
    }
  }

  #carryOut(effect: ConnectionEffect): void {
    switch (effect) {
      case 'open':
        this.#line.open();
        return;
      case 'greet':
        this.#greet();
        return;
      case 'announce-online':
        this.#announceOnline();
        return;
      case 'announce-reset':
        if (this.#hello !== null) this.#emit({ kind: 'reset', resetCause: this.#hello.resetCause });
        return;
      case 'announce-offline':
        this.#announceOffline();
        return;
      case 'forget':
        this.#knowledge = UNKNOWN;
        this.#orders.abandon();
        return;
      case 'shut':
        this.#stopTalking();
        this.#transport = null;
        this.#line.shut();
        return;
      case 'retry-later':
        this.#retryTimer = setTimeout(
          () => this.#on('retry'),
          RETRY_MS[Math.min(this.#attempts, RETRY_MS.length - 1)],
        );
        this.#attempts += 1;
        return;
      case 'cancel-retry':
        clearTimeout(this.#retryTimer);
        return;
    }
  }

  #stopTalking(): void {
    this.#heartbeat.stop();
    if (this.#session === null) return;
    this.#sequence = this.#session.nextSequence;
    this.#session.end();
    this.#session = null;
  }

  #greet(): void {
    this.#stopTalking();
    if (this.#transport === null) return;
    this.#heartbeat.await(GREETING_MS);
    this.#session = new Session(this.#transport, this.#sequence, {
      heard: (message) => this.#hear(message),
      greeted: (hello, status) => {
        this.#hello = hello;
        this.#orders.raiseFence(status.fields.fence);
        this.#knowledge = learn(UNKNOWN, status).knowledge;
        this.#on('greeted');
      },
      refused: (reason) => this.#on('refused', reason),
    });
  }

  #announceOnline(): void {
    const hello = this.#hello;
    if (hello === null) return;
    this.#attempts = 0;
    this.#announcedReasons.clear();
    this.#heartbeat.start(SILENCE_MS);
    const build = hello.buildId.toString(16).padStart(8, '0');
    this.#emit({
      kind: 'online',
      bootNonce: hello.bootNonce,
      firmware: `${hello.firmwareMajor}.${hello.firmwareMinor}+${build}`,
      resetCause: hello.resetCause,
      ...(hello.buildId === firmwareBuildId ? {} : { warning: otherBuild(build) }),
    });
    if (this.#settings !== null) this.#session?.send('settings-request', {});
  }

  /** Lost on the line, a difference is found again when the board next comes online. */
  #compareSettings(found: MessageFields['settings']): void {
    const wanted = this.#settings;
    if (wanted === null || this.#hello === null || keeps(found, wanted)) return;
    this.#session?.send('settings-write', { ...wanted, bootNonce: this.#hello.bootNonce });
  }

  /** Once for each reason until the board is back: an absent one is tried every 2 s, which is no news. */
  #announceOffline(): void {
    if (this.#announcedReasons.has(this.#reason)) return;
    this.#announcedReasons.add(this.#reason);
    this.#emit({ kind: 'offline', reason: this.#reason });
  }

  #silence(): string {
    return this.#state === 'online'
      ? `nothing valid was heard for ${SILENCE_MS} ms`
      : `no greeting within ${GREETING_MS} ms: ${this.#session?.described ?? 'no line'}`;
  }

  #hear(message: Message): void {
    if (this.#state !== 'online') return;
    this.#heartbeat.heard();
    switch (message.type) {
      case 'ack':
        this.#orders.acknowledged(message.fields.sequence, message.fields.result);
        return;
      case 'hello':
        if (message.fields.bootNonce !== this.#hello?.bootNonce) this.#on('booted');
        return;
      case 'status':
        if (message.fields.bootNonce !== this.#hello?.bootNonce) {
          this.#on('booted');
          return;
        }
        this.#heartbeat.answered();
        this.#session?.blink();
        this.#orders.raiseFence(message.fields.fence);
        this.#learn(message);
        return;
      case 'lock':
      case 'input':
      case 'door':
        this.#learn(message);
        return;
      case 'settings':
        this.#compareSettings(message.fields);
        return;
      case 'status-request':
      case 'lease':
      case 'hold-open':
      case 'secure':
      case 'signal':
      case 'hello-request':
      case 'settings-request':
      case 'settings-write':
      case 'watchdog-test':
        // Our own words, from a line that is looped back: the session lets none of them through.
        return;
    }
  }

  #learn(word: Extract<Message, { type: 'status' | 'lock' | 'input' | 'door' }>): void {
    const { knowledge, events } = learn(this.#knowledge, word);
    this.#knowledge = knowledge;
    for (const event of events) this.#emit(event);
  }

  #emit(event: ControllerEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function otherBuild(build: string): string {
  const ours = firmwareBuildId.toString(16).padStart(8, '0');
  return `the board runs build ${build}, not ${ours}, which came with this gateway: flash genkan.hex`;
}
