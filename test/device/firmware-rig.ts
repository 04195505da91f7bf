import { EmulatedBoard } from '../../device/emulator/board.ts';
import type { BoardOptions, Machine } from '../../device/emulator/machine.ts';
import { decodeMessage, encodeMessage } from '../../device/protocol.ts';
import type { DecodeFailure, Message } from '../../device/protocol.ts';
import { protocol } from '../../device/protocol.generated.ts';
import type { HostMessageName, MessageFields, MessageName, Result } from '../../device/protocol.generated.ts';

type Fields<Name extends MessageName> = MessageFields[Name];

/** Cycles of the board's clock in a millisecond. */
export const MS = 16_000;

/** Where scenarios get their boards from: one emulator or the other. */
export interface Bench {
  /** Just powered on. */
  rig(options?: BoardOptions): Rig;
  /** Has booted and said hello. */
  booted(options?: BoardOptions): Rig;
}

/** A board with the real firmware and the simplest host there can be, both in virtual time. */
export class Rig {
  readonly board: Machine;
  /** Every message of ours that the board has sent. */
  readonly messages: Message[] = [];
  readonly failures: DecodeFailure[] = [];
  /** Every byte that the board has sent. */
  readonly bytes: number[] = [];
  /** Every change of the relay, with its cycle. */
  readonly relay: { level: boolean; cycles: number }[] = [];
  /** How often this host has secured the door. */
  fence = 0;
  #frame: number[] | undefined;
  #sequence = 0;

  constructor(options: BoardOptions = {}, board: Machine = new EmulatedBoard(options)) {
    this.board = board;
    this.board.onPin('lockRelay', (level, cycles) => this.relay.push({ level, cycles }));
    this.board.onSerial((bytes) => bytes.forEach((byte) => this.#take(byte)));
  }

  /** A rig whose board has booted and said hello. */
  static booted(options: BoardOptions = {}, board?: Machine): Rig {
    const rig = new Rig(options, board);
    rig.greeting();
    return rig;
  }

  /** Waits for the next hello of the board. */
  greeting(): Fields<'hello'> {
    return this.next('hello', 200);
  }

  /** Waits for the next message of this name, from now on. */
  next<Name extends MessageName>(name: Name, maxMs = 100): Fields<Name> {
    const from = this.messages.length;
    const found = (): Message | undefined => this.messages.slice(from).find(({ type }) => type === name);
    if (!this.board.runUntil(() => found() !== undefined, maxMs))
      throw new Error(`no ${name} in ${maxMs} ms`);
    return found()?.fields as Fields<Name>;
  }

  all<Name extends MessageName>(name: Name): Fields<Name>[] {
    return this.messages.filter(({ type }) => type === name).map(({ fields }) => fields as Fields<Name>);
  }

  get bootNonce(): number {
    return this.all('hello').at(-1)?.bootNonce ?? 0;
  }

  /** Sends without waiting; returns the sequence number. */
  send<Name extends HostMessageName>(name: Name, fields: Fields<Name>): number {
    this.#sequence += 1;
    this.board.serialWrite(encodeMessage(name, this.#sequence, fields));
    return this.#sequence;
  }

  /** Sends and waits for the answer. */
  ask<Name extends HostMessageName>(name: Name, fields: Fields<Name>): Result {
    const sequence = this.send(name, fields);
    const answer = (): Fields<'ack'> | undefined => this.all('ack').find((ack) => ack.sequence === sequence);
    if (!this.board.runUntil(() => answer() !== undefined, 100)) throw new Error(`no answer to ${name}`);
    return answer()?.result ?? 'unknown-type';
  }

  lease(leaseId: number, durationMs: number): Result {
    return this.ask('lease', { bootNonce: this.bootNonce, fence: this.fence, leaseId, durationMs });
  }

  holdOpen(): Result {
    return this.ask('hold-open', { bootNonce: this.bootNonce, fence: this.fence });
  }

  secure(): Result {
    this.fence += 1;
    return this.ask('secure', { bootNonce: this.bootNonce, fence: this.fence });
  }

  status(): Fields<'status'> {
    this.send('status-request', {});
    return this.next('status');
  }

  /** How long the relay was released, in milliseconds, at its nth time from 0. Throws if it has not ended. */
  pulseMs(n = 0): number {
    const [on, off] = this.relay.slice(2 * n);
    if (on?.level !== true || off?.level !== false) throw new Error('the relay did not pulse');
    return (off.cycles - on.cycles) / MS;
  }

  /** Puts so many milliseconds of bytes on the line, at its full speed. */
  flood(ms: number, byteAt: (i: number) => number): void {
    this.board.serialWrite(Uint8Array.from({ length: Math.ceil(ms * 5.76) }, (_, i) => byteAt(i)));
  }

  #take(byte: number): void {
    this.bytes.push(byte);
    if (byte === 0xf0) this.#frame = [];
    else if (byte === 0xf7 && this.#frame !== undefined) {
      const [command, ...payload] = this.#frame;
      this.#frame = undefined;
      if (command !== protocol.sysexCommand) return;
      const message = decodeMessage(payload);
      if ('error' in message) this.failures.push(message);
      else this.messages.push(message);
    } else this.#frame?.push(byte);
  }
}
