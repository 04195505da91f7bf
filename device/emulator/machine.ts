import type { DoorInput } from '../ports.ts';
import { pins } from '../pins.generated.ts';
import type { PinName } from '../pins.generated.ts';
import type { ResetReason } from './avr.ts';

/** Stops the listener it was returned for. */
export type Unsubscribe = () => void;

/** The terminal that each input is wired to. */
export const pinOfInput: Readonly<Record<DoorInput, PinName>> = {
  contact: 'doorContact',
  bolt: 'boltSense',
  'exit-button': 'exitButton',
  fire: 'fireInput',
  tamper: 'tamper',
  'relay-readback': 'relayReadback',
};

/** The level at the terminal of an input that is, or is not, active. */
export function levelOf(input: DoorInput, active: boolean): boolean {
  return active === (pins[pinOfInput[input]].active === 'high');
}

/** The divider in front of the supply's analog input, and what is there unless something else is said. */
export const SUPPLY_DIVIDER = 11;
/** The lock’s supply where nothing else is said, in millivolts. */
export const NOMINAL_SUPPLY_MV = 12_000;

/** What a static RAM holds after power-on: nothing in particular. */
export function unpoweredRam(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (i * 167 + 91) & 0xff);
}

/**
 * A board with the real firmware, in time of its own: nothing happens between calls of `runFor` and `runUntil`. What
 * a scenario needs of an emulator, whichever it is.
 */
export interface Machine {
  /** Cycles since the first power-on, at 16 MHz; never goes back, whatever resets there were. */
  readonly cycles: number;
  /** `cycles` in milliseconds. */
  readonly ms: number;
  /** Resets since the first power-on, the watchdog's among them. */
  readonly resets: number;
  /** Lets the board live for so many milliseconds of its own time, to within an instruction. */
  runFor(ms: number): void;
  /** Lets the board live until the predicate holds. False if `maxMs` went by first. */
  runUntil(predicate: () => boolean, maxMs: number): boolean;
  /** Calls back when the board has lived for so many milliseconds more. Resets do not stop it. */
  after(ms: number, run: () => void): void;
  /** Puts bytes on the line to the board. They arrive one by one at the line's speed, also across a reset. */
  serialWrite(bytes: Uint8Array): void;
  /** What the board sends, byte by byte, while it runs. */
  onSerial(listener: (bytes: Uint8Array) => void): Unsubscribe;
  /** Resets the board now. RAM survives all but `power-on`; EEPROM and program always do. */
  reset(reason: ResetReason): void;
  /** Wires one input. `active` means what `DoorInput` says: door open, bolt thrown, button pressed. */
  setInput(input: DoorInput, active: boolean): void;
  /** Millivolts at the lock's supply, 0–55,000, in front of the divider. */
  setSupplyMv(millivolts: number): void;
  /** The level at a pin: of an output whether it is driven high, of an input what is wired to it. */
  pin(name: PinName): boolean;
  /** Every change of an output's level, with the cycle it happened in. */
  onPin(name: PinName, listener: (level: boolean, cycles: number) => void): Unsubscribe;
  /** A program that hangs: in its main loop only, or with interrupts off too. The watchdog should end it. */
  hang(what: 'loop' | 'everything'): void;
}

/** How a board is powered on. */
export interface BoardOptions {
  /** An Intel HEX file; default the committed firmware. */
  readonly hex?: URL | string;
  /** RAM at power-on, 2,048 bytes; default a pattern, as a real RAM is never all zero. */
  readonly sram?: Uint8Array;
  /** EEPROM at power-on, 1,024 bytes, written to in place; default erased. */
  readonly eeprom?: Uint8Array;
}
