/**
 * An Arduino Uno in the process, running the real firmware in virtual time. Nothing happens between calls of
 * `runFor` and `runUntil`; use `pace` to let it live in real time.
 */
import type { DoorInput } from '../ports.ts';
import { pins } from '../pins.generated.ts';
import type { PinName } from '../pins.generated.ts';
import { protocol } from '../protocol.generated.ts';
import { Avr, CLOCK_HZ, EEPROM_BYTES, SRAM_BYTES } from './avr.ts';
import type { PortLetter, ResetReason } from './avr.ts';
import { committedFirmware, loadHex } from './hex.ts';
import { NOMINAL_SUPPLY_MV, SUPPLY_DIVIDER, levelOf, pinOfInput, unpoweredRam } from './machine.ts';
import type { BoardOptions, Machine, Unsubscribe } from './machine.ts';

const CYCLES_PER_MS = CLOCK_HZ / 1000;
const CYCLES_PER_BYTE = (CLOCK_HZ * 10) / protocol.baudRate;
const UNTIL_STEP_CYCLES = CYCLES_PER_MS / 10;

const inputs = Object.keys(pinOfInput) as DoorInput[];
const pinNames = Object.keys(pins) as PinName[];

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A board with the committed firmware, in an emulator. */
export class EmulatedBoard implements Machine {
  readonly #flash: Uint16Array;
  readonly #eeprom: Uint8Array;
  readonly #levels = new Map<PinName, boolean>();
  readonly #seen = new Map<PinName, boolean>();
  readonly #serialListeners = new Set<(bytes: Uint8Array) => void>();
  readonly #pinListeners = new Set<{ name: PinName; listener: (level: boolean, cycles: number) => void }>();
  readonly #resetListeners = new Set<(reason: ResetReason, cycles: number) => void>();
  readonly #timers: Timer[] = [];
  #avr: Avr;
  #cyclesBefore = 0;
  #supplyMv = NOMINAL_SUPPLY_MV;
  #lineFreeAt = 0;
  #resets = 0;

  /** Powered on, at its first instruction; every input inactive, 12 V at the supply. */
  constructor(options: BoardOptions = {}) {
    this.#flash = loadHex(options.hex ?? committedFirmware);
    this.#eeprom = options.eeprom ?? new Uint8Array(EEPROM_BYTES).fill(0xff);
    for (const input of inputs) this.#levels.set(pinOfInput[input], levelOf(input, false));
    this.#avr = this.#boot(options.sram ?? unpoweredRam(SRAM_BYTES), 'power-on');
  }

  /** Cycles since the first power-on, at 16 MHz; never goes back, whatever resets there were. */
  get cycles(): number {
    return this.#cyclesBefore + this.#avr.cycles;
  }

  /** `cycles` in milliseconds. */
  get ms(): number {
    return this.cycles / CYCLES_PER_MS;
  }

  /** Resets since the first power-on, the watchdog's among them. */
  get resets(): number {
    return this.#resets;
  }

  /** Lets the board live for so many milliseconds of its own time, to within an instruction. */
  runFor(ms: number): void {
    this.#runTo(this.cycles + ms * CYCLES_PER_MS);
  }

  /** Lets the board live until the predicate holds, looked at every 0.1 ms. False if `maxMs` went by first. */
  runUntil(predicate: () => boolean, maxMs: number): boolean {
    const end = this.cycles + maxMs * CYCLES_PER_MS;
    while (!predicate()) {
      if (this.cycles >= end) return false;
      this.#runTo(Math.min(end, this.cycles + UNTIL_STEP_CYCLES));
    }
    return true;
  }

  /** Calls back when the board has lived for so many milliseconds more. Resets do not stop it. */
  after(ms: number, run: () => void): void {
    const at = Math.ceil(this.cycles + ms * CYCLES_PER_MS);
    const index = this.#timers.findIndex((timer) => timer.at > at);
    this.#timers.splice(index === -1 ? this.#timers.length : index, 0, { at, run });
    this.#avr.pauseAt(at - this.#cyclesBefore);
  }

  /** Puts bytes on the line to the board. They arrive one by one at the line's speed, also across a reset. */
  serialWrite(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.#lineFreeAt = Math.max(this.#lineFreeAt, this.cycles) + CYCLES_PER_BYTE;
      this.after((this.#lineFreeAt - this.cycles) / CYCLES_PER_MS, () => this.#avr.receive(byte));
    }
  }

  /** What the board sends, byte by byte, while it runs. */
  onSerial(listener: (bytes: Uint8Array) => void): Unsubscribe {
    this.#serialListeners.add(listener);
    return () => this.#serialListeners.delete(listener);
  }

  /**
   * Resets the board now. RAM survives all but `power-on`; EEPROM and program always do. `bootloader` is a reset
   * button or DTR on a stock Uno, after Optiboot has handed over.
   */
  reset(reason: ResetReason): void {
    this.#avr.unjam();
    this.#cyclesBefore = this.cycles;
    this.#resets += 1;
    this.#avr = this.#boot(reason === 'power-on' ? unpoweredRam(SRAM_BYTES) : this.#avr.sram(), reason);
    for (const listener of this.#resetListeners) listener(reason, this.cycles);
    for (const name of pinNames) this.#notice(name);
  }

  /** Wires one input. `active` means what `DoorInput` says: door open, bolt thrown, button pressed. */
  setInput(input: DoorInput, active: boolean): void {
    const name = pinOfInput[input];
    const level = levelOf(input, active);
    this.#levels.set(name, level);
    this.#avr.setPin(pins[name].port, pins[name].bit, level);
  }

  /** Millivolts at the lock's supply, 0–55,000, in front of the divider. */
  setSupplyMv(millivolts: number): void {
    this.#supplyMv = millivolts;
    this.#avr.setVolts(pins.supplySense.bit, millivolts / 1000 / SUPPLY_DIVIDER);
  }

  /** The level at a pin: of an output whether it is driven high, of an input what is wired to it. */
  pin(name: PinName): boolean {
    const { direction, port, bit } = pins[name];
    return direction === 'output' ? this.#avr.drivesHigh(port, bit) : (this.#levels.get(name) ?? false);
  }

  /** A copy of the RAM as it is now, 2,048 bytes. */
  ram(): Uint8Array {
    return this.#avr.sram();
  }

  /** Every change of an output's level, with the cycle it happened in. */
  onPin(name: PinName, listener: (level: boolean, cycles: number) => void): Unsubscribe {
    const entry = { name, listener };
    this.#pinListeners.add(entry);
    return () => this.#pinListeners.delete(entry);
  }

  /** Every reset, the watchdog's among them, with the cycle it happened in; the new boot has not begun yet. */
  onReset(listener: (reason: ResetReason, cycles: number) => void): Unsubscribe {
    this.#resetListeners.add(listener);
    return () => this.#resetListeners.delete(listener);
  }

  /** A program that hangs: in its main loop only, or with interrupts off too. The watchdog should end it. */
  hang(what: 'loop' | 'everything'): void {
    this.#avr.hang(what);
  }

  #boot(sram: Uint8Array, reason: ResetReason): Avr {
    const memory = this.#eeprom;
    const avr = new Avr(
      this.#flash,
      sram,
      {
        readMemory: (address) => memory[address] ?? 0xff,
        writeMemory: (address, value) => {
          memory[address] = (memory[address] ?? 0xff) & value;
        },
        eraseMemory: (address) => {
          memory[address] = 0xff;
        },
      },
      reason,
    );
    for (const [name, level] of this.#levels) avr.setPin(pins[name].port, pins[name].bit, level);
    avr.setVolts(pins.supplySense.bit, this.#supplyMv / 1000 / SUPPLY_DIVIDER);
    avr.onTransmit = (byte) => {
      for (const listener of this.#serialListeners) listener(Uint8Array.of(byte));
    };
    avr.onPort = (letter: PortLetter) => {
      for (const name of pinNames) if (pins[name].port === letter) this.#notice(name);
    };
    return avr;
  }

  #notice(name: PinName): void {
    if (pins[name].direction !== 'output') return;
    const level = this.pin(name);
    if (level === (this.#seen.get(name) ?? false)) return;
    this.#seen.set(name, level);
    for (const entry of this.#pinListeners) if (entry.name === name) entry.listener(level, this.cycles);
  }

  #runTo(until: number): void {
    // Whole cycles only: after a reset, sums of fractions could fall short of their own end for ever.
    const end = Math.ceil(until);
    while (this.cycles < end) {
      const timer = this.#timers[0];
      this.#avr.run(Math.min(end, timer?.at ?? end) - this.#cyclesBefore);
      if (this.#avr.watchdogBit) this.reset('watchdog');
      if (timer !== undefined && timer.at <= this.cycles && timer === this.#timers[0]) {
        this.#timers.shift();
        timer.run();
      }
    }
  }
}
