import { EmulatedBoard } from '../../device/emulator/board.ts';
import type { BoardOptions } from '../../device/emulator/machine.ts';
import { CLOCK_HZ } from '../../device/emulator/avr.ts';
import { decodeMessage, encodeMessage } from '../../device/protocol.ts';
import type { Message } from '../../device/protocol.ts';
import { protocol } from '../../device/protocol.generated.ts';
import type { HostMessageName, MessageFields } from '../../device/protocol.generated.ts';
import type { Trace } from './door-trace.ts';
import { Seeded } from '../seeded.ts';

const MS_PER_BYTE = 10_000 / protocol.baudRate;
/** Most trials last this long, from power-on, before the last press of the exit button. */
const TRIAL_MS = { min: 300, max: 1100 };
/** How long that press lasts, and what is looked at after it. */
const LAST_PRESS_MS = 150;
/** When an order is sent again that may or may not have been answered. */
const RESEND_MS = 150;
/** One trial in so many goes on until everything that can run out has run out. */
const TO_THE_END_ONE_IN = 12;

type Writable<T> = {
  -readonly [Key in keyof T]: T[Key] extends readonly (infer Each)[]
    ? Each[]
    : T[Key] extends ReadonlyMap<infer Of, infer Each>
      ? Map<Of, Each>
      : T[Key];
};

/**
 * A board, a careless host and a hostile world for a second of virtual time. The host sends what a gateway sends; it
 * is killed, stopped and started again, and its line and the board suffer whatever the dice say.
 */
class Trial {
  readonly #dice: Seeded;
  readonly #board: EmulatedBoard;
  readonly #trace: Writable<Trace> = {
    bytes: [],
    places: new Map(),
    said: [],
    wires: [],
    relay: [],
    resets: [],
    hangs: [],
    endMs: 0,
  };
  /** Every frame that the host has ever sent whole, to be repeated; some of them were meant for another boot. */
  readonly #sent: Uint8Array[] = [];
  #heard: number[] | undefined;
  #host: 'running' | 'stopped' | 'dead' = 'running';
  /** What a stopped host will send when it goes on. */
  readonly #held: Uint8Array[] = [];
  /** What the host takes for the present boot; it may be wrong for a while. */
  #nonce = 0;
  #sequence: number;
  #leaseId: number;
  /** How often the host has secured the door, as far as it knows. */
  #fence = 0;
  /** Everything that the host has wanted so far, counted. */
  #orders = 0;
  #lineFreeMs = 0;

  constructor(seed: number, options: BoardOptions) {
    this.#dice = new Seeded(seed);
    this.#sequence = this.#dice.between(1, 0x7fff);
    this.#leaseId = this.#dice.between(1, 1_000_000);
    this.#board = new EmulatedBoard(options);
    const trace = this.#trace;
    this.#board.onPin('lockRelay', (released) => trace.relay.push({ atMs: this.#board.ms, released }));
    this.#board.onReset((reason, cycles) => {
      trace.resets.push({ atMs: (cycles / CLOCK_HZ) * 1000, reason });
      this.#heard = undefined;
    });
    this.#board.onSerial((bytes) => bytes.forEach((byte) => this.#hear(byte)));
  }

  run(): Trace {
    const dice = this.#dice;
    const lengthMs = dice.between(TRIAL_MS.min, TRIAL_MS.max);
    const deeds = Array.from({ length: dice.between(4, 12) }, () => ({
      atMs: dice.next() * lengthMs,
      deed: weighted(dice),
    })).sort((a, b) => a.atMs - b.atMs);
    for (const { atMs, deed } of deeds) {
      this.#board.runFor(Math.max(0, atMs - this.#board.ms));
      this.#do(deed);
    }
    this.#board.runFor(Math.max(0, lengthMs - this.#board.ms));
    // Whatever has been done to it, somebody wants to leave now.
    this.#wire('exit-button', LAST_PRESS_MS);
    this.#board.runFor(2 * LAST_PRESS_MS);
    if (dice.between(1, TO_THE_END_ONE_IN) === 1) {
      this.#host = 'dead';
      this.#board.runFor(protocol.limits.exitButtonMs + protocol.limits.leaseMsMin);
    }
    this.#trace.endMs = this.#board.ms;
    return this.#trace;
  }

  #do(deed: Deed): void {
    const dice = this.#dice;
    const bootNonce = this.#nonce;
    const fence = this.#fence;
    switch (deed) {
      case 'lease':
        this.#leaseId += 1;
        this.#say('lease', { bootNonce, fence, leaseId: this.#leaseId, durationMs: dice.between(200, 700) });
        return;
      case 'same lease':
        this.#say('lease', { bootNonce, fence, leaseId: this.#leaseId, durationMs: dice.between(200, 700) });
        return;
      case 'hold-open':
        this.#say('hold-open', { bootNonce, fence });
        return;
      case 'secure':
        this.#say('secure', { bootNonce, fence: this.#raised() });
        return;
      case 'crossing':
        this.#cross();
        return;
      case 'status':
        this.#say('status-request', {});
        return;
      case 'settings':
        // EEPROM is written beside everything else; the exit button's time stays what the oracle takes it for.
        this.#say('settings-write', {
          bootNonce,
          exitButtonMs: protocol.limits.exitButtonMs,
          doorOpenS: dice.between(5, 3600),
          egressSensing: dice.pick(['none', 'button', 'handle-switch'] as const),
          buzzer: dice.chance(0.5),
          monitored: ['contact'],
          lockToleranceMs: 1000,
        });
        return;
      case 'old frame':
        if (this.#sent.length > 0) this.#put(dice.pick(this.#sent));
        return;
      case 'half a frame': {
        const frame = this.#lease();
        this.#put(frame.subarray(0, dice.between(1, frame.length - 1)));
        return;
      }
      case 'bit errors':
        this.#put(this.#damaged(this.#lease()));
        return;
      case 'garbage':
        this.#put(Uint8Array.from({ length: dice.between(1, 60) }, () => dice.between(0, 255)));
        return;
      case 'flood':
        this.#flood();
        return;
      case 'host killed':
        // In the middle of a frame, as likely as not. The next one asks who is there and sends the lease again.
        if (this.#host === 'running') this.#put(this.#lease().subarray(0, dice.between(0, 20)));
        this.#host = 'dead';
        this.#held.length = 0;
        this.#board.after(dice.between(20, 400), () => this.#restart());
        return;
      case 'host stopped':
        if (this.#host !== 'running') return;
        this.#host = 'stopped';
        this.#board.after(dice.between(20, 600), () => this.#goOn());
        return;
      case 'reset':
        this.#board.reset(
          dice.pick(['power-on', 'external', 'brown-out', 'watchdog', 'bootloader'] as const),
        );
        return;
      case 'hang': {
        const what = dice.pick(['loop', 'everything'] as const);
        this.#trace.hangs.push({ atMs: this.#board.ms, what });
        this.#board.hang(what);
        return;
      }
      case 'press':
        this.#wire('exit-button', dice.between(50, 300));
        return;
      case 'glitch':
        this.#wire('exit-button', dice.between(1, 17));
        return;
      case 'fire':
        this.#wire('fire', dice.between(60, 400));
        return;
    }
  }

  /** A lease that would be obeyed if it arrived whole. Its id is never used again. */
  #lease(): Uint8Array {
    this.#leaseId += 1;
    const fields = { bootNonce: this.#nonce, fence: this.#fence, leaseId: this.#leaseId, durationMs: 400 };
    return this.#frame('lease', fields, (this.#orders += 1));
  }

  #frame<Name extends HostMessageName>(name: Name, fields: MessageFields[Name], place: number): Uint8Array {
    this.#sequence += 1;
    this.#trace.places.set(this.#sequence, place);
    return encodeMessage(name, this.#sequence, fields);
  }

  #say<Name extends HostMessageName>(
    name: Name,
    fields: MessageFields[Name],
    place = (this.#orders += 1),
    line: (frame: Uint8Array) => void = (frame) => this.#put(frame),
  ): void {
    if (this.#host === 'dead') return;
    const frame = this.#frame(name, fields, place);
    if (this.#host === 'stopped') this.#held.push(frame);
    else this.#send(frame, line);
  }

  #send(frame: Uint8Array, line: (frame: Uint8Array) => void = (whole) => this.#put(whole)): void {
    this.#sent.push(frame);
    line(frame);
  }

  /** An order that crosses with a `secure` on a bad line, by a host that says both twice whatever came of the first. */
  #cross(): void {
    const dice = this.#dice;
    const order = { bootNonce: this.#nonce, fence: this.#fence };
    if (dice.chance(0.3)) this.#insist('hold-open', order);
    else {
      this.#leaseId += 1;
      this.#insist('lease', { ...order, leaseId: this.#leaseId, durationMs: dice.between(200, 700) });
    }
    this.#board.after(dice.between(0, 200), () =>
      this.#insist('secure', { bootNonce: this.#nonce, fence: this.#raised() }),
    );
  }

  #raised(): number {
    this.#fence += 1;
    return this.#fence;
  }

  #insist<Name extends HostMessageName>(name: Name, fields: MessageFields[Name]): void {
    const place = (this.#orders += 1);
    const say = (): void => this.#say(name, fields, place, (frame) => this.#carryBadly(frame));
    say();
    this.#board.after(RESEND_MS, say);
  }

  #carryBadly(frame: Uint8Array): void {
    const dice = this.#dice;
    switch (dice.pick(['whole', 'whole', 'lost', 'damaged', 'twice', 'late'] as const)) {
      case 'whole':
        this.#put(frame);
        return;
      case 'lost':
        return;
      case 'damaged':
        this.#put(this.#damaged(frame));
        return;
      case 'twice':
        this.#put(frame);
        this.#put(frame);
        return;
      case 'late':
        this.#board.after(dice.between(5, 300), () => this.#put(frame));
        return;
    }
  }

  #damaged(frame: Uint8Array): Uint8Array {
    const dice = this.#dice;
    const damaged = frame.slice();
    for (let errors = dice.between(1, 8); errors > 0; errors -= 1) {
      const at = dice.between(0, frame.length - 1);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << dice.between(0, 7));
    }
    return damaged;
  }

  #goOn(): void {
    if (this.#host !== 'stopped') return;
    this.#host = 'running';
    for (const frame of this.#held.splice(0)) this.#send(frame);
  }

  #restart(): void {
    this.#host = 'running';
    this.#fence = 0;
    this.#say('hello-request', {});
    this.#say('status-request', {});
    const leaseId = this.#leaseId;
    this.#board.after(30, () =>
      this.#say('lease', { bootNonce: this.#nonce, fence: this.#fence, leaseId, durationMs: 300 }),
    );
  }

  #flood(): void {
    const dice = this.#dice;
    const cycle = dice.pick([
      [0],
      [0xf0],
      [0xf0, 0x6b, 0xf7],
      [0xf0, protocol.sysexCommand],
      [0xf0, protocol.sysexCommand, 0xf7],
      [0x95, 0x7f, 0x7f, 0xf9],
      [...this.#lease().subarray(0, 19), 0x11, 0xf7],
    ]);
    const length = Math.ceil(dice.between(20, 150) / MS_PER_BYTE);
    this.#put(Uint8Array.from({ length }, (_, i) => cycle[i % cycle.length] ?? 0));
  }

  /** Puts bytes on the line, which carries them one after the other. */
  #put(bytes: Uint8Array): void {
    this.#lineFreeMs = Math.max(this.#lineFreeMs, this.#board.ms);
    for (const byte of bytes) {
      this.#lineFreeMs += MS_PER_BYTE;
      this.#trace.bytes.push({ atMs: this.#lineFreeMs, byte });
    }
    this.#board.serialWrite(bytes);
  }

  #wire(input: 'exit-button' | 'fire', ms: number): void {
    const set = (active: boolean): void => {
      this.#trace.wires.push({ atMs: this.#board.ms, input, active });
      this.#board.setInput(input, active);
    };
    const mine = this.#trace.wires.length;
    set(true);
    this.#board.after(ms, () => {
      // A later press of the same button goes on in its own time.
      if (!this.#trace.wires.slice(mine + 1).some((change) => change.input === input)) set(false);
    });
  }

  #hear(byte: number): void {
    if (byte === 0xf0) this.#heard = [];
    else if (byte !== 0xf7) this.#heard?.push(byte);
    else if (this.#heard !== undefined) {
      const [command, ...payload] = this.#heard;
      this.#heard = undefined;
      if (command !== protocol.sysexCommand) return;
      const message = decodeMessage(payload);
      if (!('error' in message)) this.#understand(message);
    }
  }

  #understand(message: Message): void {
    this.#trace.said.push({ atMs: this.#board.ms, message });
    // A dead or a stopped host learns nothing: what it sends next bears the nonce of a former boot.
    if (this.#host !== 'running') return;
    if (message.type === 'hello') this.#nonce = message.fields.bootNonce;
    if (message.type === 'status') this.#fence = Math.max(this.#fence, message.fields.fence);
  }
}

/** How often, among each other, these things happen. */
const deeds = {
  lease: 8,
  'same lease': 3,
  'hold-open': 1,
  secure: 1,
  crossing: 3,
  status: 3,
  settings: 1,
  'old frame': 4,
  'half a frame': 2,
  'bit errors': 3,
  garbage: 3,
  flood: 1,
  'host killed': 2,
  'host stopped': 2,
  reset: 4,
  hang: 1,
  press: 0.7,
  glitch: 2,
  fire: 0.5,
} as const;
type Deed = keyof typeof deeds;

const deedNames = Object.keys(deeds) as Deed[];
const weightOfAll = deedNames.reduce((sum, deed) => sum + deeds[deed], 0);

function weighted(dice: Seeded): Deed {
  let left = dice.next() * weightOfAll;
  for (const deed of deedNames) {
    left -= deeds[deed];
    if (left < 0) return deed;
  }
  return 'lease';
}

/** One trial, the same for the same seed. `options` may give the board another firmware than the committed one. */
export function runTrial(seed: number, options: BoardOptions = {}): Trace {
  return new Trial(seed, options).run();
}
