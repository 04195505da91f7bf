import { EventEmitter } from 'node:events';
import firmataIo from 'firmata-io';
import type { Firmata } from 'firmata-io';
import five from 'johnny-five';
import { pins } from '../pins.generated.ts';
import { decodeMessage, encodeMessage } from '../protocol.ts';
import type { Message } from '../protocol.ts';
import { protocol } from '../protocol.generated.ts';
import type { HostMessageName, MessageFields } from '../protocol.generated.ts';
import { receiveSysex } from './sysex-dispatch.ts';
import type { Transport } from './transport.ts';

type Hello = Extract<Message, { type: 'hello' }>['fields'];
type Status = Extract<Message, { type: 'status' }>;

/** Told by a session until it ends. */
export interface SessionListener {
  /** Our firmware answers, the johnny-five Board is up, and this is how the door stands. Once. */
  greeted(hello: Hello, status: Status): void;
  /** What answers must not hold a lock. Once, instead of `greeted`. */
  refused(reason: string): void;
  /** Every valid word of the board, also before `greeted`. */
  heard(message: Message): void;
}

/** How often an unanswered greeting is repeated, in milliseconds. A board behind a bootloader takes a while. */
const GREETING_MS = 300;
/** Unanswered requests for hello after which a board that speaks Firmata is taken for stock Firmata. */
const HELLOS_MAX = 4;
/** Firmata 2.5, the messages of its greeting. */
const REPORT_VERSION = 0xf9;
const QUERY_FIRMWARE = [0xf0, 0x79, 0xf7];
const QUERY_CAPABILITIES = [0xf0, 0x6b, 0xf7];
const QUERY_ANALOG_MAPPING = [0xf0, 0x69, 0xf7];
/** Firmata's pin mode. */
const OUTPUT = 1;
/** Every Board of the process, for modules that are given none; it grows with each, and its types do not know it. */
const { cache: BOARDS } = five.Board as unknown as {
  readonly cache: { readonly io: unknown }[];
};
const STATUS_LED = Number(pins.statusLed.arduino.slice(1));

/**
 * One conversation with one boot of a board, over an open transport that outlives it. johnny-five knows no
 * reconnect, so each boot gets a Firmata and a Board of its own, and
 * each Board is taken out of johnny-five's list of all Boards when its boot is over.
 */
export class Session {
  readonly #transport: Transport;
  readonly #listener: SessionListener;
  /** What firmata-io takes for its transport. */
  readonly #line: EventEmitter & { write(bytes: Uint8Array, done: () => void): void };
  readonly #io: Firmata;
  readonly #stopReceiving: () => void;
  readonly #greeting: NodeJS.Timeout;
  #received: (readonly number[])[] = [];
  #sequence: number;
  #hellosAsked = 0;
  #foreignFrames = 0;
  #hello: Hello | null = null;
  #board: five.Board | null = null;
  #ledLit = false;
  #phase: 'greeting' | 'mounting' | 'greeted' | 'over' = 'greeting';

  /** @param sequence of the first message; sequences run on from session to session, so that a late ack fits none */
  constructor(transport: Transport, sequence: number, listener: SessionListener) {
    this.#transport = transport;
    this.#sequence = sequence;
    this.#listener = listener;
    this.#line = Object.assign(new EventEmitter(), {
      write: (bytes: Uint8Array, done: () => void) => {
        if (this.#phase === 'over') done();
        else this.#transport.write(bytes, done);
      },
    });
    this.#io = new firmataIo.Firmata(this.#line);
    // It would ask for the version once, after 5 s; this asks at once, and again for whatever is still missing.
    clearTimeout(this.#io.reportVersionTimeoutId);
    this.#stopReceiving = receiveSysex(this.#io, (payload) => this.#received.push(payload));
    this.#greeting = setInterval(() => this.#greet(), GREETING_MS);
    this.#greet();
  }

  /** The sequence number that the next message will bear. */
  get nextSequence(): number {
    return this.#sequence;
  }

  /** What answered so far, for the operator: a firmware's name and version, or that nothing did. */
  get described(): string {
    const { name, version } = this.#io.firmware;
    if (name === undefined) return 'nothing that speaks Firmata answers';
    return `"${name}" ${version?.major ?? 0}.${version?.minor ?? 0}`;
  }

  /** Puts one of our messages on the line and returns its sequence number. Lost if the line is. */
  send<Name extends HostMessageName>(type: Name, fields: MessageFields[Name]): number {
    const sequence = this.#sequence;
    // Zero is what an ack bears for a message that could not be read.
    this.#sequence = (sequence % 0xffff) + 1;
    this.#io.sysexCommand([...encodeMessage(type, sequence, fields).subarray(1, -1)]);
    return sequence;
  }

  /** Takes bytes of the transport. Noise may make firmata-io throw; it costs the message it hit, nothing else. */
  take(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (this.#phase === 'over') return;
      try {
        this.#line.emit('data', [byte]);
      } catch {
        this.#io.buffer.length = 0;
      }
      this.#deliver();
    }
  }

  /** Toggles the board's own LED: it blinks as long as the host hears the board. */
  blink(): void {
    this.#ledLit = !this.#ledLit;
    // No five.Led: johnny-five keeps each one, and with it the Board, for the life of the process.
    this.#board?.digitalWrite(STATUS_LED, Number(this.#ledLit));
  }

  /** Ends the conversation; nothing is told or sent after it. The transport stays as it is. */
  end(): void {
    this.#phase = 'over';
    clearInterval(this.#greeting);
    this.#stopReceiving();
    this.#line.removeAllListeners();
    this.#io.removeAllListeners();
    const cached = BOARDS.findIndex(({ io }) => io === this.#io);
    if (cached >= 0) BOARDS.splice(cached, 1);
  }

  #greet(): void {
    if (this.#phase === 'mounting') {
      this.send('status-request', {});
      return;
    }
    if (!this.#io.isReady) {
      for (const query of this.#missing()) this.#line.write(Uint8Array.from(query), () => undefined);
      return;
    }
    if (this.#hello === null && this.#hellosAsked >= HELLOS_MAX) {
      this.#refuse(
        this.#foreignFrames > 0
          ? `${this.described} speaks another version of our protocol than ${protocol.version}`
          : `${this.described} is not our firmware (protocol ${protocol.version}) and must not hold a lock`,
      );
      return;
    }
    this.#hellosAsked += 1;
    this.send('hello-request', {});
  }

  /** The queries that firmata-io's own greeting waits for: it asks each of them once, and noise may eat one. */
  #missing(): readonly (readonly number[])[] {
    if (this.#io.firmware.name === undefined) return [[REPORT_VERSION], QUERY_FIRMWARE];
    return [this.#io.pins.length === 0 ? QUERY_CAPABILITIES : QUERY_ANALOG_MAPPING];
  }

  /** Runs outside of firmata-io's stack, so that only its own errors are taken for noise. */
  #deliver(): void {
    if (this.#received.length === 0) return;
    const received = this.#received;
    this.#received = [];
    for (const payload of received) {
      const message = decodeMessage(payload);
      if ('error' in message) {
        if (message.error !== 'bad-crc') this.#foreignFrames += 1;
      } else if (protocol.messages[message.type].from === 'controller') {
        this.#hear(message);
      }
    }
  }

  #hear(message: Message): void {
    if (this.#phase === 'over') return;
    this.#listener.heard(message);
    if (message.type === 'hello') this.#welcome(message.fields);
    if (message.type !== 'status' || this.#phase !== 'mounting' || this.#board === null) return;
    if (this.#hello === null || message.fields.bootNonce !== this.#hello.bootNonce) return;
    this.#phase = 'greeted';
    clearInterval(this.#greeting);
    this.#listener.greeted(this.#hello, message);
  }

  #welcome(hello: Hello): void {
    if (this.#phase === 'greeted' || this.#phase === 'over') return;
    if (hello.protocolVersion !== protocol.version) {
      const firmware = `${hello.firmwareMajor}.${hello.firmwareMinor}`;
      this.#refuse(
        `firmware ${firmware} speaks protocol ${hello.protocolVersion}, the gateway ${protocol.version}`,
      );
      return;
    }
    this.#hello = hello;
    if (this.#phase === 'greeting') this.#mount();
  }

  #mount(): void {
    if (!this.#io.isReady) {
      this.#io.once('ready', () => this.#mount());
      return;
    }
    // A damaged capability answer has no check sum; without the LED's pin the next opening asks anew.
    if (this.#phase !== 'greeting' || this.#io.pins[STATUS_LED] === undefined) return;
    this.#phase = 'mounting';
    const options = { io: this.#io, repl: false, debug: false, sigint: false };
    const board = new five.Board(options);
    board.on('ready', () => {
      if (this.#phase !== 'mounting') return;
      this.#io.pinMode(STATUS_LED, OUTPUT);
      this.#board = board;
      this.send('status-request', {});
    });
  }

  #refuse(reason: string): void {
    this.end();
    this.#listener.refused(reason);
  }
}
