import type {
  ControllerEvent,
  ControllerReport,
  DoorController,
  DoorSignal,
  Lease,
  LeaseOutcome,
  ReleaseCause,
  Unsubscribe,
} from '../../device/ports.ts';
import { UNKNOWN } from '../../device/door/knowledge.ts';
import type { Seeded } from '../seeded.ts';
import type { Life } from './life.ts';
import type { World } from './world.ts';

/** How long the host waits for the firmware's word. */
const ANSWER_WITHIN_MS = 500;

/** How long an exit button releases the lock. */
const EGRESS_MS = 5_000;

/** One release of the lock by a lease. */
export interface Release {
  readonly leaseId: number;
  readonly atMs: number;
  /** When the lock fell again; `null` while it has not. */
  endMs: number | null;
}

/** The board at the door: what its firmware promises at the protocol, no more. It lives on when the gateway dies. */
export class Board {
  readonly door: string;
  bootNonce = 1;
  hasPower = true;
  leafOpen = false;
  lastLeaseId: number | null = null;
  lease: Release | null = null;
  buttonUntilMs = 0;
  readonly releases: Release[] = [];
  readonly listeners = new Set<() => void>();
  readonly #world: World;
  #obeyed = new Set<number>();
  #cancel: () => void = () => undefined;

  constructor(door: string, world: World) {
    this.door = door;
    this.#world = world;
  }

  get released(): boolean {
    return this.hasPower && this.causes.length > 0;
  }

  get causes(): readonly ReleaseCause[] {
    return [
      ...(this.lease === null ? [] : (['lease'] as const)),
      ...(this.buttonUntilMs > this.#world.nowMs ? (['exit-button'] as const) : []),
    ];
  }

  /** A lease frame that arrived whole. An id is obeyed once a boot; the firmware ends the release by its own timer. */
  obey({ id, durationMs }: Lease): 'accepted' | 'repeated' | 'refused' {
    if (durationMs > 10_000) return 'refused';
    if (this.#obeyed.has(id)) return 'repeated';
    this.#obeyed.add(id);
    this.lastLeaseId = id;
    this.#endLease();
    const release: Release = { leaseId: id, atMs: this.#world.nowMs, endMs: null };
    this.lease = release;
    this.releases.push(release);
    this.#world.trace(`lock released by lease ${id}`);
    this.#cancel = this.#world.after(durationMs, () => this.#endLease());
    this.#changed();
    return 'accepted';
  }

  pressButton(): void {
    this.buttonUntilMs = this.#world.nowMs + EGRESS_MS;
    this.#world.after(EGRESS_MS, () => this.#changed());
    this.#changed();
  }

  moveLeaf(open: boolean): void {
    if (this.leafOpen === open) return;
    this.leafOpen = open;
    this.#world.trace(`leaf ${open ? 'open' : 'shut'}`);
    this.#changed();
  }

  /** The firmware starts anew: no lease outlives it. */
  reset(): void {
    this.#endLease();
    this.buttonUntilMs = 0;
    this.bootNonce += 1;
    this.#obeyed = new Set();
    this.lastLeaseId = null;
    this.#world.trace('board reset');
    this.#changed();
  }

  #endLease(): void {
    if (this.lease === null) return;
    this.#cancel();
    this.lease.endMs = this.#world.nowMs;
    this.lease = null;
    this.#world.trace('lock secured');
    this.#changed();
  }

  /** Something about the board or its wire is not as it was. */
  poke(): void {
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.listeners) listener();
  }
}

/** The wire between gateway and board, and the faults on it. */
export interface SerialLine {
  /** Unplugged: nothing gets through either way. */
  isCut: boolean;
  /** Chance that a frame is lost or spoilt. */
  loss: number;
  /** How long a board takes to say hello when its line is opened, and the firmware to answer a frame, in milliseconds. */
  helloMs: number;
  answerMs: number;
}

export interface ControllerOptions {
  readonly world: World;
  readonly board: Board;
  readonly line: SerialLine;
  readonly life: Life;
  readonly random: Seeded;
  /** Called when the gateway asks for the lock, before the frame leaves. */
  readonly onPulse: (lease: Lease) => void;
  /** Called when the firmware's word that it obeyed has come back. */
  readonly onAnswer: (leaseId: number) => void;
  readonly onSignal: (signal: DoorSignal) => void;
}

/** The driver's side of the wire, at the port of the gateway. */
export class SimController implements DoorController {
  readonly door: string;
  online = false;
  report: ControllerReport = UNKNOWN.report;
  readonly #options: ControllerOptions;
  readonly #listeners = new Set<(event: ControllerEvent) => void>();
  #nonce = 0;
  #isLooking = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.door = options.board.door;
  }

  start(): void {
    const { board, line, random } = this.#options;
    board.listeners.add(() => this.#lookSoon(random.between(5, 20)));
    this.#after(random.between(line.helloMs / 4, line.helloMs), () => this.#poll());
  }

  pulse(lease: Lease): Promise<LeaseOutcome> {
    const { world, board, line, life, random, onPulse, onAnswer } = this.#options;
    life.port('pulse');
    if (!life.isAlive() || !this.online) return Promise.resolve('unreachable');
    onPulse(lease);
    world.trace(`pulse ${lease.id}`);
    const nonce = this.#nonce;
    return new Promise((resolve) => {
      const giveUp = this.#after(ANSWER_WITHIN_MS, () => resolve('unreachable'));
      const isStalled = random.chance(0.01);
      // The frame is on its way, whether or not whoever sent it lives.
      world.after(isStalled ? random.between(450, 900) : random.between(2, 12), () => {
        if (line.isCut || !board.hasPower || random.chance(line.loss)) return;
        const word = board.bootNonce === nonce ? board.obey(lease) : 'refused';
        this.#after(random.between(2, line.answerMs), () => {
          if (line.isCut || random.chance(line.loss)) return;
          giveUp();
          if (word !== 'refused') onAnswer(lease.id);
          resolve(word);
        });
      });
      life.port('pulse sent');
    });
  }

  /** Nobody commands anything here. */
  holdOpen(): Promise<LeaseOutcome> {
    return Promise.resolve('refused');
  }

  secure(): Promise<LeaseOutcome> {
    return Promise.resolve('refused');
  }

  testWatchdog(): Promise<LeaseOutcome> {
    throw new Error('the watchdog is tested at commissioning');
  }

  signal(signal: DoorSignal): void {
    const { life, onSignal } = this.#options;
    life.port('signal');
    if (life.isAlive()) onSignal(signal);
  }

  onEvent(listener: (event: ControllerEvent) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #after(delayMs: number, task: () => void): () => void {
    const { world, life } = this.#options;
    return world.after(delayMs, () => {
      if (life.isAlive()) task();
    });
  }

  /** Quick while something is going on, else once in a while: a report says the same all night. */
  #poll(): void {
    this.#beat();
    this.#after(this.online && !this.#options.board.released ? 20_000 : 1_000, () => this.#poll());
  }

  /** A board that does not answer is lost. */
  #beat(): void {
    if (this.#answers()) this.#look();
    else if (this.online) this.#lose('the board is silent');
  }

  #answers(): boolean {
    const { board, line } = this.#options;
    return board.hasPower && !line.isCut;
  }

  #lookSoon(delayMs: number): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#after(delayMs, () => {
      this.#isLooking = false;
      const { line, random } = this.#options;
      if (!this.#answers()) this.#after(1_000, () => this.#beat());
      else if (random.chance(line.loss)) this.#lookSoon(250);
      else this.#look();
    });
  }

  /** Compares what is known with what is. */
  #look(): void {
    const { board } = this.#options;
    if (board.bootNonce !== this.#nonce || !this.online) {
      if (this.online) this.#emit({ kind: 'reset', resetCause: 'watchdog' });
      this.#nonce = board.bootNonce;
      this.online = true;
      this.report = this.#reportNow();
      this.#emit({ kind: 'online', bootNonce: board.bootNonce, firmware: 'sim', resetCause: 'power-on' });
      return;
    }
    const before = this.report;
    const now = this.#reportNow();
    this.report = now;
    const atMs = this.#options.world.nowMs;
    if (before.released !== now.released || String(before.causes) !== String(now.causes)) {
      const { released, causes } = board;
      this.#emit({ kind: 'lock', released, causes, leaseId: board.lease?.leaseId ?? null, atMs });
    }
    if (before.inputs?.contact !== now.inputs?.contact)
      this.#emit({ kind: 'input', input: 'contact', active: board.leafOpen, atMs });
  }

  #lose(reason: string): void {
    this.online = false;
    this.report = UNKNOWN.report;
    this.#emit({ kind: 'offline', reason });
  }

  #reportNow(): ControllerReport {
    const { released, causes, leafOpen, lastLeaseId } = this.#options.board;
    return {
      released,
      causes: [...causes],
      inputs: {
        contact: leafOpen,
        bolt: !released && !leafOpen,
        'exit-button': false,
        fire: false,
        tamper: false,
        'relay-readback': released,
      },
      supplyMv: 12_000,
      lastLeaseId,
      doorState: null,
      faults: [],
    };
  }

  #emit(event: ControllerEvent): void {
    const { life } = this.#options;
    life.port('controller event');
    if (life.isAlive()) for (const listener of this.#listeners) listener(event);
  }
}
