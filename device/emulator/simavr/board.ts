/**
 * The same board in another emulator: simavr, which has nothing in common with avr8js. It runs in a process of its own
 * and is led through two named pipes, a line each way, so that nothing here has to wait for an event loop.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pins } from '../../pins.generated.ts';
import type { PinName } from '../../pins.generated.ts';
import type { DoorInput } from '../../ports.ts';
import { CLOCK_HZ, EEPROM_BYTES, SRAM_BYTES } from '../avr.ts';
import type { ResetReason } from '../avr.ts';
import { committedFirmware } from '../hex.ts';
import { NOMINAL_SUPPLY_MV, SUPPLY_DIVIDER, levelOf, pinOfInput, unpoweredRam } from '../machine.ts';
import type { BoardOptions, Machine, Unsubscribe } from '../machine.ts';

const CYCLES_PER_MS = CLOCK_HZ / 1000;
const folder = fileURLToPath(new URL('.', import.meta.url));
const program = join(folder, 'build', 'genkan-simavr');

/** Bits of MCUSR. `bootloader` stands for Optiboot, which hands over with all of them cleared. */
const flagsOf = { 'power-on': 1, external: 2, 'brown-out': 4, watchdog: 8, bootloader: 0 } as const;

const inputs = Object.keys(pinOfInput) as DoorInput[];
const pinNames = Object.keys(pins) as PinName[];
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Builds the program that holds simavr. Throws where this machine lacks simavr's library or a compiler. */
export function buildSimavr(): void {
  execFileSync('make', ['--directory', folder], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** A board in simavr, a second emulator, by other people. */
export class SimavrBoard implements Machine {
  readonly #toChip: number;
  readonly #fromChip: number;
  readonly #levels = new Map<PinName, boolean>();
  readonly #high: Record<'B' | 'C' | 'D', number> = { B: 0, C: 0, D: 0 };
  readonly #serialListeners = new Set<(bytes: Uint8Array) => void>();
  readonly #pinListeners = new Set<{ name: PinName; listener: (level: boolean, cycles: number) => void }>();
  readonly #timers: { readonly at: number; readonly run: () => void }[] = [];
  #unread = '';
  #cycles = 0;
  #resets = 0;

  /** Powered on, at its first instruction; every input inactive, 12 V at the supply. `close` ends its process. */
  constructor(options: BoardOptions = {}) {
    const hex = options.hex ?? committedFirmware;
    const [toChip, fromChip] = startChip(typeof hex === 'string' ? hex : fileURLToPath(hex));
    this.#toChip = toChip;
    this.#fromChip = fromChip;
    for (const input of inputs) this.setInput(input, false);
    this.setSupplyMv(NOMINAL_SUPPLY_MV);
    this.#ask(`ram ${hexOf(options.sram ?? unpoweredRam(SRAM_BYTES))}`);
    if (options.eeprom !== undefined) this.#ask(`eeprom ${hexOf(options.eeprom.subarray(0, EEPROM_BYTES))}`);
    this.#ask(`reset ${flagsOf['power-on']} 0`);
  }

  get cycles(): number {
    return this.#cycles;
  }

  get ms(): number {
    return this.#cycles / CYCLES_PER_MS;
  }

  get resets(): number {
    return this.#resets;
  }

  runFor(ms: number): void {
    this.#runTo(this.#cycles + Math.round(ms * CYCLES_PER_MS), () => false);
  }

  /** The predicate is looked at after everything that happens: nothing else can change it. */
  runUntil(predicate: () => boolean, maxMs: number): boolean {
    this.#runTo(this.#cycles + Math.round(maxMs * CYCLES_PER_MS), predicate);
    return predicate();
  }

  after(ms: number, run: () => void): void {
    const at = this.#cycles + Math.round(ms * CYCLES_PER_MS);
    const index = this.#timers.findIndex((timer) => timer.at > at);
    this.#timers.splice(index === -1 ? this.#timers.length : index, 0, { at, run });
  }

  serialWrite(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#ask(`rx ${hexOf(bytes)}`);
  }

  onSerial(listener: (bytes: Uint8Array) => void): Unsubscribe {
    this.#serialListeners.add(listener);
    return () => this.#serialListeners.delete(listener);
  }

  reset(reason: ResetReason): void {
    this.#resets += 1;
    if (reason === 'power-on') this.#ask(`ram ${hexOf(unpoweredRam(SRAM_BYTES))}`);
    this.#ask(`reset ${flagsOf[reason]} ${reason === 'power-on' ? 1 : 0}`);
  }

  setInput(input: DoorInput, active: boolean): void {
    const name = pinOfInput[input];
    this.#levels.set(name, levelOf(input, active));
    this.#ask(`in ${pins[name].port} ${pins[name].bit} ${levelOf(input, active) ? 1 : 0}`);
  }

  setSupplyMv(millivolts: number): void {
    this.#ask(`adc ${pins.supplySense.bit} ${Math.round(millivolts / SUPPLY_DIVIDER)}`);
  }

  pin(name: PinName): boolean {
    const { direction, port, bit } = pins[name];
    return direction === 'output' ? (this.#high[port] & (1 << bit)) !== 0 : (this.#levels.get(name) ?? false);
  }

  onPin(name: PinName, listener: (level: boolean, cycles: number) => void): Unsubscribe {
    const entry = { name, listener };
    this.#pinListeners.add(entry);
    return () => this.#pinListeners.delete(entry);
  }

  hang(what: 'loop' | 'everything'): void {
    this.#ask(`hang ${what}`);
  }

  /** Ends the process. Twice is harmless: the second time there is nothing to write to. */
  close(): void {
    closeSync(this.#toChip);
    closeSync(this.#fromChip);
  }

  #runTo(end: number, predicate: () => boolean): void {
    while (this.#cycles < end && !predicate()) {
      const timer = this.#timers[0];
      if (timer !== undefined && timer.at <= this.#cycles) {
        this.#timers.shift();
        timer.run();
        continue;
      }
      this.#ask(`run ${Math.min(end, timer?.at ?? end)}`);
    }
    for (let due = this.#timers[0]; due !== undefined && due.at <= this.#cycles; due = this.#timers[0]) {
      this.#timers.shift();
      due.run();
    }
  }

  /** One command, and everything that happens until it is done. */
  #ask(command: string): void {
    writeSync(this.#toChip, `${command}\n`);
    // Listeners may give commands of their own; they do so after this one is done.
    const happened: (() => void)[] = [];
    for (let line = this.#read(); ; line = this.#read()) {
      const [what, at = '', ...rest] = line.split(' ');
      this.#cycles = Number(at);
      if (what === '.') break;
      if (what === 'w') happened.push(() => this.reset('watchdog'));
      if (what === 't') happened.push(() => this.#sent(Number.parseInt(rest[0] ?? '', 16)));
      if (what === 'o') {
        const cycles = this.#cycles;
        happened.push(() =>
          this.#driven(rest[0] as 'B' | 'C' | 'D', Number.parseInt(rest[1] ?? '', 16), cycles),
        );
      }
    }
    for (const each of happened) each();
  }

  #sent(byte: number): void {
    for (const listener of this.#serialListeners) listener(Uint8Array.of(byte));
  }

  #driven(port: 'B' | 'C' | 'D', high: number, cycles: number): void {
    const changed = this.#high[port] ^ high;
    this.#high[port] = high;
    for (const name of pinNames) {
      if (pins[name].direction !== 'output' || pins[name].port !== port) continue;
      if ((changed & (1 << pins[name].bit)) === 0) continue;
      for (const entry of this.#pinListeners) if (entry.name === name) entry.listener(this.pin(name), cycles);
    }
  }

  #read(): string {
    const chunk = Buffer.alloc(4096);
    while (!this.#unread.includes('\n')) {
      const length = readSync(this.#fromChip, chunk);
      if (length === 0) throw new Error('simavr has ended by itself');
      this.#unread += chunk.toString('latin1', 0, length);
    }
    const end = this.#unread.indexOf('\n');
    const line = this.#unread.slice(0, end);
    this.#unread = this.#unread.slice(end + 1);
    return line;
  }
}

/** Starts the program; returns what to write to and what to read from. It ends when the former is closed. */
function startChip(hex: string): [toChip: number, fromChip: number] {
  const pipes = mkdtempSync(join(tmpdir(), 'genkan-simavr-'));
  const [there, back] = [join(pipes, 'there'), join(pipes, 'back')];
  if (spawnSync('mkfifo', [there, back]).status !== 0) throw new Error(`mkfifo made no pipes in ${pipes}`);
  // Held open both ways for a moment, so that no end has to wait for the other one.
  const held = [there, back].map((path) => openSync(path, constants.O_RDWR));
  const [input, output] = [openSync(there, 'r'), openSync(back, 'w')];
  const [toChip, fromChip] = [openSync(there, 'w'), openSync(back, 'r')];
  const chip = spawn(program, [hex], { stdio: [input, output, 'inherit'] });
  chip.unref();
  for (const descriptor of [...held, input, output]) closeSync(descriptor);
  rmSync(pipes, { recursive: true });
  return [toChip, fromChip];
}
