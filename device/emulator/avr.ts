/**
 * The microcontroller of one boot: an ATmega328P of avr8js with the peripherals that the firmware uses, and with
 * what avr8js 0.21.1 gets wrong put right. A reset is a new one of these around the old RAM and EEPROM.
 */
import {
  AVRADC,
  AVRClock,
  AVREEPROM,
  AVRIOPort,
  AVRTimer,
  AVRUSART,
  AVRWatchdog,
  CPU,
  PinState,
  adcConfig,
  avrInstruction,
  clockConfig,
  portBConfig,
  portCConfig,
  portDConfig,
  timer1Config,
  usart0Config,
  watchdogConfig,
} from 'avr8js';
import type { EEPROMBackend } from 'avr8js';

/** Cycles per second of the board's crystal. */
export const CLOCK_HZ = 16_000_000;
/** Words of program memory. */
export const FLASH_WORDS = 0x4000;
/** Bytes of RAM, which begins at data address 0x100. */
export const SRAM_BYTES = 2048;
/** Bytes of EEPROM. */
export const EEPROM_BYTES = 1024;

/** Bits of MCUSR, by what they tell. `bootloader` stands for Optiboot, which hands over with all of them cleared. */
const resetFlags = { 'power-on': 1, external: 2, 'brown-out': 4, watchdog: 8, bootloader: 0 } as const;
/** Why the emulated chip starts. */
export type ResetReason = keyof typeof resetFlags;

/** A port of the ATmega328P. */
export type PortLetter = 'B' | 'C' | 'D';

const SRAM_START = 0x100;
const SLEEP_OPCODE = 0x9588;
const RJMP_TO_ITSELF = 0xcfff;
const SREG = 0x5f;
const GLOBAL_INTERRUPTS = 0x80;
const SMCR = 0x53;
const SLEEP_ENABLED = 1;
const WDTCSR_WDCE_WDE = 0x18;
const WDTCSR_WDE = 0x08;
const UCSRA_RXC = 0x80;

/** What avr8js keeps to itself and we have to reach. */
interface CpuInside {
  readonly nextClockEvent: { readonly cycles: number } | null;
}
interface UsartInside {
  readonly UDRE: { constant?: boolean };
  readonly RXC: Parameters<CPU['setInterruptFlag']>[0];
}

/** The emulated chip: memory, clock, pins and the UART. */
export class Avr {
  readonly #cpu: CPU;
  readonly #usart: AVRUSART;
  readonly #adc: AVRADC;
  readonly #ports: Readonly<Record<PortLetter, AVRIOPort>>;
  #until = 0;
  #asleep = false;
  #watchdogBit = false;
  #hang: 'loop' | 'everything' | undefined;
  /** Where the program was jammed, and what stood there; a jammed one can be jammed again, in an interrupt. */
  readonly #jammed: { readonly at: number; readonly word: number }[] = [];

  /** Called for every byte that the program hands to its UART. */
  onTransmit: (byte: number) => void = () => undefined;
  /** Called when the output levels of a port may have changed. */
  onPort: (letter: PortLetter) => void = () => undefined;

  constructor(flash: Uint16Array, sram: Uint8Array, eeprom: EEPROMBackend, reason: ResetReason) {
    const cpu = new CPU(flash, SRAM_BYTES);
    this.#cpu = cpu;
    cpu.data.set(sram, SRAM_START);
    new AVRTimer(cpu, timer1Config);
    new AVREEPROM(cpu, eeprom);
    this.#adc = new AVRADC(cpu, adcConfig);
    this.#usart = new AVRUSART(cpu, usart0Config, CLOCK_HZ);
    this.#repairUsart();
    this.#usart.onByteTransmit = (byte) => this.onTransmit(byte);
    this.#ports = {
      B: new AVRIOPort(cpu, portBConfig),
      C: new AVRIOPort(cpu, portCConfig),
      D: new AVRIOPort(cpu, portDConfig),
    };
    for (const letter of ['B', 'C', 'D'] as const) this.#ports[letter].addListener(() => this.onPort(letter));
    new AVRWatchdog(cpu, watchdogConfig, new AVRClock(cpu, CLOCK_HZ, clockConfig));
    // avr8js restarts the program in place and leaves every I/O register as it was: the relay would stay on.
    cpu.reset = () => {
      this.#watchdogBit = true;
    };
    cpu.data[watchdogConfig.MCUSR] = resetFlags[reason];
    if (reason === 'watchdog') {
      // As on the chip, the watchdog that has just bitten runs on, with its shortest period.
      cpu.writeData(watchdogConfig.WDTCSR, WDTCSR_WDCE_WDE);
      cpu.writeData(watchdogConfig.WDTCSR, WDTCSR_WDE);
    }
  }

  /** Cycles since this boot. */
  get cycles(): number {
    return this.#cpu.cycles;
  }

  /** The watchdog has ended this boot: make a new one. */
  get watchdogBit(): boolean {
    return this.#watchdogBit;
  }

  /** A copy of the RAM, to be kept over a reset. */
  sram(): Uint8Array {
    return this.#cpu.data.slice(SRAM_START, SRAM_START + SRAM_BYTES);
  }

  /** Runs until at least `untilCycles`, or until the watchdog bites. Sleep is skipped, not simulated. */
  run(untilCycles: number): void {
    const cpu = this.#cpu;
    const inside = cpu as unknown as CpuInside;
    const flash = cpu.progMem;
    this.#until = untilCycles;
    while (cpu.cycles < this.#until && !this.#watchdogBit) {
      if (this.#asleep) {
        this.#sleep();
        continue;
      }
      const sleeps = flash[cpu.pc] === SLEEP_OPCODE && ((cpu.data[SMCR] ?? 0) & SLEEP_ENABLED) !== 0;
      if (this.#hang !== undefined) this.#tryToHang();
      avrInstruction(cpu);
      // A pending interrupt is taken right after SLEEP and wakes the chip again.
      this.#asleep = sleeps && !(cpu.nextInterrupt >= 0 && cpu.interruptsEnabled);
      // Most instructions have neither a peripheral's event nor an interrupt to see to.
      const event = inside.nextClockEvent;
      if (cpu.nextInterrupt >= 0 || (event !== null && event.cycles <= cpu.cycles)) this.#tick();
    }
  }

  /** Ends the present `run` earlier: something outside of the chip has to happen then. */
  pauseAt(cycles: number): void {
    this.#until = Math.min(this.#until, cycles);
  }

  /** A received byte, complete now. Lost if the receiver is off. */
  receive(byte: number): void {
    this.#usart.writeByte(byte, true);
  }

  setPin(letter: PortLetter, bit: number, level: boolean): void {
    this.#ports[letter].setPin(bit, level);
  }

  /** Whether the pin is an output at high level. In reset every pin is an input and external pull-downs win. */
  drivesHigh(letter: PortLetter, bit: number): boolean {
    return this.#ports[letter].pinState(bit) === PinState.High;
  }

  /** Volts at an analog input, 0–5. */
  setVolts(channel: number, volts: number): void {
    this.#adc.channelValues[channel] = volts;
  }

  /**
   * Jams the program: `loop` where it next runs with interrupts on (the main program hangs, interrupts go on),
   * `everything` at once and with interrupts off. Only a reset ends it.
   */
  hang(what: 'loop' | 'everything'): void {
    this.#hang = what;
  }

  /** Takes the jam out of the program memory again. */
  unjam(): void {
    // The last one first: the same place may have been jammed twice.
    for (const { at, word } of this.#jammed.splice(0).reverse()) this.#cpu.progMem[at] = word;
  }

  #tryToHang(): void {
    const cpu = this.#cpu;
    if (this.#hang === 'loop' && !cpu.interruptsEnabled) return;
    if (this.#hang === 'everything') cpu.data[SREG] = (cpu.data[SREG] ?? 0) & ~GLOBAL_INTERRUPTS;
    this.#jammed.push({ at: cpu.pc, word: cpu.progMem[cpu.pc] ?? 0 });
    cpu.progMem[cpu.pc] = RJMP_TO_ITSELF;
    this.#hang = undefined;
    this.#asleep = false;
  }

  /** To the next event of a peripheral; an interrupt that it raises ends the sleep. */
  #sleep(): void {
    const cpu = this.#cpu;
    if (this.#hang !== undefined) {
      this.#asleep = false;
      return;
    }
    const event = (cpu as unknown as CpuInside).nextClockEvent;
    cpu.cycles = Math.max(cpu.cycles, Math.min(event?.cycles ?? this.#until, this.#until));
    this.#tick();
  }

  /** One event of a peripheral, one interrupt; the latter ends a sleep. */
  #tick(): void {
    const cpu = this.#cpu;
    const before = cpu.pc;
    cpu.tick();
    if (cpu.pc !== before) this.#asleep = false;
  }

  #repairUsart(): void {
    const cpu = this.#cpu;
    const usart = this.#usart as unknown as UsartInside;
    // The data-register-empty interrupt is a level, not an edge: it comes again until it is disabled.
    usart.UDRE.constant = true;
    // Any write to UCSR0B would drop a received byte's pending interrupt.
    const write = cpu.writeHooks[usart0Config.UCSRB];
    cpu.writeHooks[usart0Config.UCSRB] = (value, oldValue, address, mask) => {
      const received = ((cpu.data[usart0Config.UCSRA] ?? 0) & UCSRA_RXC) !== 0;
      const handled = write?.(value, oldValue, address, mask);
      if (received) cpu.setInterruptFlag(usart.RXC);
      return handled;
    };
  }
}
