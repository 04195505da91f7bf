import pino from 'pino';
import type { Scanner, ScannerEvent, Unsubscribe } from '../../device/ports.ts';
import type { Outcome } from '../../gateway/door/attendant.ts';
import type { Birth } from '../../gateway/journal/takeover.ts';
import { createCore, type Core } from '../../gateway/core.ts';
import type { IssuerKeys, KeyRing } from '../../gateway/tokens/key-ring.ts';
import { Journal, type JournalOptions, type JournalWriter } from '../../gateway/journal/journal.ts';
import type { DoorConfig, GatewayConfig } from '../../shared/contract/config.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import type { Seeded } from '../seeded.ts';
import type { SimBroker } from './broker.ts';
import { SimController, type Board, type SerialLine } from './controller.ts';
import { beginEpoch } from '../../gateway/journal/successor.ts';
import { Disk, fillDisk, forgetConnection, type WalEnd } from './disk.ts';
import { Life, SimClock, type HostTime } from './life.ts';
import type { Oracle } from './oracle.ts';
import { settled } from './signatures.ts';
import type { World } from './world.ts';

/**
 * Chances of a crash at one call of a port. The stretch between commit and pulse is short, so that it is aimed at; the
 * clock is asked all the time.
 */
const CRASH_CHANCES: Readonly<Record<string, number>> = {
  clock: 1 / 60_000,
  'before commit': 1 / 500,
  'after commit': 1 / 250,
  pulse: 1 / 60,
  'pulse sent': 1 / 60,
  signal: 1 / 150,
  scan: 1 / 300,
};
const CRASH_CHANCE_ELSEWHERE = 1 / 3_000;

/** What a power cut is beside the end of the process. */
interface PowerCut {
  /** The end of the log before the write that was under way. */
  readonly before: WalEnd;
}

export interface MachineOptions {
  readonly world: World;
  readonly config: GatewayConfig;
  readonly door: DoorConfig;
  readonly issuerKeys: IssuerKeys;
  readonly cloudKeys: KeyRing;
  readonly board: Board;
  readonly serial: SerialLine;
  readonly broker: SimBroker;
  readonly oracle: Oracle;
  readonly folder: string;
}

interface Running {
  readonly life: Life;
  readonly journal: Journal;
  readonly core: Core;
  readonly scanners: readonly SimScanner[];
  readonly controller: SimController;
}

/** The host that the gateway runs on: it is started, crashes at any call of a port, and is started again. */
export class Machine {
  readonly time: HostTime = { offsetMs: 0, trust: 'trusted' };
  /** While `false`, nothing crashes by chance. */
  crashes = true;
  /** A trouble that waits for the gateway to ask for the lock. */
  atNextPulse: (() => void) | null = null;
  /** For how long the power is cut when the gateway is next about to ask for the lock: between commit and pulse. */
  cutAtNextPulseMs: number | null = null;
  readonly #options: MachineOptions;
  #config: GatewayConfig;
  readonly #disk: Disk;
  readonly #random: Seeded;
  readonly #log = pino({ level: 'silent' });
  #running: Running | null = null;
  #isWanted = false;
  /** What the next start begins a new epoch from. */
  #succeeds: 'damaged file' | 'older copy' | null = null;
  /** Epochs of which nothing more will come: an older copy took their place. */
  readonly abandonedEpochs: string[] = [];
  /** When an older copy was last put in place, and when it was made, true time. */
  restoredMs: number | null = null;
  copiedMs: number | null = null;
  #backupMs: number | null = null;
  /** From the filling of the disk to the next start. */
  #isDiskFull = false;
  #lives = 0;
  #lastSeq = 0;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#disk = new Disk(options.folder);
    this.#random = options.world.stream('machine');
  }

  get core(): Core | null {
    return this.#running?.life.isAlive() === true ? this.#running.core : null;
  }

  get journal(): Journal | null {
    return this.#running?.life.isAlive() === true ? this.#running.journal : null;
  }

  get disk(): Disk {
    return this.#disk;
  }

  /** Whether the gateway has its controller. */
  get controllerOnline(): boolean {
    return this.#running?.life.isAlive() === true && this.#running.controller.online;
  }

  /** Number of the newest event that any life wrote. */
  get lastSeq(): number {
    return this.journal?.lastSeq ?? this.#lastSeq;
  }

  /** Counts starts. */
  get lives(): number {
    return this.#lives;
  }

  start(): void {
    this.#isWanted = false;
    if (this.#running !== null) return;
    const { world, door, board, serial, broker, oracle, issuerKeys, cloudKeys } = this.#options;
    const config = this.#config;
    this.#lives += 1;
    this.#isDiskFull = false;
    world.trace(`gateway starts, life ${this.#lives}`);
    const life = new Life((port) => this.#maybeCrash(port));
    const clock = new SimClock(world, this.time, life);
    const random = world.stream(`life ${this.#lives}`);
    const birth = () => ({
      epoch: epochAt(clock.wallMs(), this.#lives),
      leaseBase: random.between(1, 2 ** 31 - 1),
    });
    if (this.#succeeds !== null) this.#beginEpoch(this.#succeeds, birth());
    const journal = new SimJournal(
      {
        path: this.#disk.path,
        venue: config.venue.id,
        gateway: config.gateway.id,
        timeZone: config.venue.timeZone,
        birth,
      },
      {
        begins: () => this.#beginCommit(life),
        ended: (torn) => this.#endCommit(life, torn),
      },
    );
    const scanners = (['entry', 'exit'] as const).map((side) => new SimScanner(door.id, side));
    const controller = new SimController({
      world,
      board,
      line: serial,
      life,
      random: world.stream(`controller ${this.#lives}`),
      onPulse: (lease) => {
        oracle.pulsed(lease, this.#disk.path, this.#lives, this.#isDiskFull);
        this.atNextPulse?.();
        this.atNextPulse = null;
      },
      onAnswer: (leaseId) => oracle.acknowledged(leaseId, life),
      onSignal: (signal) => oracle.signalled(signal, this.#isDiskFull),
    });
    // Everything that the core has in hand when it crashes while it starts is the void's.
    this.#running = { life, journal, scanners, controller, core: null as unknown as Core };
    let sessions = 0;
    const core = createCore({
      config,
      doors: [{ config: door, controller, scanners }],
      journal,
      issuerKeys,
      cloudKeys,
      clock,
      uplink: { connect: broker.connect(life), eventsPerSecond: 90 },
      chance: () => random.next(),
      newSession: () => `session-${this.#lives}-${(sessions += 1)}`,
      nonceSecret: Buffer.alloc(32, this.#lives),
      log: this.#log,
    });
    if (!life.isAlive()) return;
    this.#running = { life, journal, scanners, controller, core };
    core.start();
  }

  /** Holds a code under a reader. */
  scan(side: Side, text: string): void {
    const running = this.#running;
    running?.life.port('scan');
    if (running?.life.isAlive() !== true) return;
    running.scanners
      .find((scanner) => scanner.side === side)
      ?.emit({ kind: 'code', bytes: Buffer.from(text) });
  }

  /** A tap on the page: asks for a nonce, and comes again with it. `null` where nobody answered. */
  async tap(
    side: Side,
    sign: (nonce: string) => { pass: string; proof: string },
    url: string,
  ): Promise<Outcome | null> {
    const running = this.#running;
    running?.life.port('tap');
    if (running?.life.isAlive() !== true) return null;
    const request = { ...sign(running.core.nonces.issue()), method: 'POST', url };
    const outcome = await running.core.attendant.request(this.#options.door.id, side, request);
    running.life.port('answer');
    return running.life.isAlive() ? outcome : null;
  }

  /** Keeps a copy of the journal, as an operator does before an upgrade. */
  backup(): void {
    if (this.#running?.life.isAlive() !== true || this.#isDiskFull) return;
    this.#options.world.trace('journal copied');
    this.#disk.backup();
    this.#backupMs = this.#options.world.nowMs;
  }

  /**
   * The journal is put aside, and the next start begins a new epoch from what is there: the file that is damaged, all of
   * which can still be read, or the older copy.
   */
  succeed(from: 'damaged file' | 'older copy'): void {
    if (this.#running?.life.isAlive() !== true || (from === 'older copy' && !this.#disk.hasCopy)) return;
    this.#options.world.trace(`a new epoch from the ${from}`);
    this.#succeeds = from;
    if (from === 'older copy') {
      this.abandonedEpochs.push(this.#running.journal.epoch);
      this.restoredMs = this.#options.world.nowMs;
      this.copiedMs = this.#backupMs;
    }
    this.crash(null, 2_000);
  }

  #beginEpoch(from: 'damaged file' | 'older copy', birth: Birth): void {
    const { path, copyPath } = this.#disk;
    const isCopy = from === 'older copy';
    beginEpoch({ path, from: isCopy ? copyPath : path, aside: `${path}.aside`, birth, isCopy });
    this.#succeeds = null;
  }

  /** Somebody changes the configuration and starts the gateway anew. */
  configure(config: GatewayConfig): void {
    this.#options.world.trace('configuration changed');
    this.#config = config;
    this.crash(null, 2_000);
  }

  /** @param power the whole machine loses its power, not the process alone */
  crash(power: PowerCut | null, downMs: number): void {
    const running = this.#running;
    if (running?.life.isAlive() !== true) return;
    const { world, broker } = this.#options;
    world.trace(power === null ? 'gateway killed' : 'power cut');
    running.life.endedMs = world.nowMs;
    this.#lastSeq = running.journal.lastSeq;
    broker.abandon(running.life, power !== null);
    this.#disk.cut(power === null ? null : { before: power.before, random: this.#random });
    this.#isWanted = true;
    world.after(0, () => this.#bury(running));
    world.after(Math.max(1, downMs), () => {
      if (this.#isWanted) this.start();
    });
  }

  fillDisk(): void {
    this.#options.world.trace('disk full');
    this.#isDiskFull = true;
    fillDisk(this.#disk.path);
  }

  walEnd(): WalEnd {
    return this.#disk.walEnd();
  }

  /** Ends the last life in good order. */
  async close(): Promise<void> {
    const running = this.#running;
    if (running?.life.isAlive() === true) {
      this.#lastSeq = running.journal.lastSeq;
      running.life.endedMs = this.#options.world.nowMs;
      await settled();
      running.journal.close();
    }
    this.#disk.close();
  }

  /** Once everything that the code still did in the turn of its crash is through. */
  #bury({ journal }: Running): void {
    // First: SQLite spends no checkpoint on a file that has no name any more.
    this.#disk.forgetOld();
    journal.close();
    this.#running = null;
  }

  #maybeCrash(port: string): void {
    if (!this.crashes) return;
    if (port === 'pulse' && this.cutAtNextPulseMs !== null) {
      const downMs = this.cutAtNextPulseMs;
      this.cutAtNextPulseMs = null;
      this.crash({ before: this.walEnd() }, downMs);
      return;
    }
    if (!this.#random.chance(CRASH_CHANCES[port] ?? CRASH_CHANCE_ELSEWHERE)) return;
    this.#options.world.trace(`crash at ${port}`);
    this.crash(this.#random.chance(0.3) ? { before: this.walEnd() } : null, this.#downMs());
  }

  /** @returns where the log ended, if the power is cut while this commit is under way */
  #beginCommit(life: Life): WalEnd | null {
    life.port('before commit');
    const isCut = life.isAlive() && this.crashes && this.#random.chance(1 / 400);
    return isCut ? this.walEnd() : null;
  }

  /** All of a commit that the power cut met may be lost, or a part, which is worth as little. */
  #endCommit(life: Life, before: WalEnd | null): void {
    if (before === null) life.port('after commit');
    else if (life.isAlive()) {
      this.#options.world.trace('power cut within a commit');
      this.crash({ before }, this.#downMs());
    }
  }

  #downMs(): number {
    return this.#random.chance(0.7)
      ? this.#random.between(300, 8_000)
      : this.#random.between(8_000, 20 * 60_000);
  }
}

interface CommitPort {
  begins(): WalEnd | null;
  ended(torn: WalEnd | null): void;
}

/** The real journal on the real file, with a port before and after each commit. */
class SimJournal extends Journal {
  readonly #path: string;
  readonly #port: CommitPort;

  constructor(options: JournalOptions, port: CommitPort) {
    super(options);
    this.#path = options.path;
    this.#port = port;
  }

  override write<T>(work: (writer: JournalWriter) => T): T {
    const torn = this.#port.begins();
    const result = super.write(work);
    this.#port.ended(torn);
    return result;
  }

  override close(): void {
    super.close();
    forgetConnection(this.#path);
  }
}

/** A reader at the port. */
class SimScanner implements Scanner {
  readonly door: string;
  readonly side: Side;
  readonly #listeners = new Set<(event: ScannerEvent) => void>();

  constructor(door: string, side: Side) {
    this.door = door;
    this.side = side;
  }

  start(): void {
    // Stands there already.
  }

  emit(event: ScannerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  onEvent(listener: (event: ScannerEvent) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID of an instant whose random part is a number. */
function epochAt(atMs: number, number: number): string {
  let time = '';
  for (let rest = atMs, digit = 0; digit < 10; digit += 1, rest = Math.floor(rest / 32))
    time = (CROCKFORD[rest % 32] ?? '0') + time;
  return time + String(number).padStart(16, '0');
}
