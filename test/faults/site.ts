import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { stringify } from 'yaml';
import { EmulatedBoard } from '../../device/emulator/board.ts';
import { EmulatedDoor } from '../../device/emulator/door.ts';
import { pace } from '../../device/emulator/pace.ts';
import { openBoardPort, openPty, type BoardPort, type Pty } from '../../device/emulator/pty.ts';
import { LEASES_PER_GRANT } from '../../gateway/access/grant.ts';
import { Sqlite } from '../../gateway/journal/sqlite.ts';
import { gatewayConfigSchema, type VenueConfig } from '../../shared/contract/config.ts';
import type { Reservation } from '../../shared/contract/pass.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import { formatInstant } from '../../shared/time.ts';
import { MovableClock } from '../venue/clock.ts';
import { createIssuer, type Issuer } from '../venue/issuer.ts';
import type { Signer } from '../venue/signer.ts';
import { until } from '../venue/until.ts';
import { createWallet, type Wallet } from '../venue/wallet.ts';
import { GatewayProcess } from './gateway-process.ts';
import { LeaseTap } from './leases.ts';

const HOUR_MS = 3600_000;

/** The shortest pulse there is: many visits fit into a second. */
const PULSE_MS = 200;

const clock = new MovableClock();

/** A member with a phone and a reservation of their own. */
export interface Visitor {
  readonly sub: string;
  readonly wallet: Wallet;
}

/** One row of a ledger, with the digest of its bytes. */
interface LedgerDigest {
  readonly seq: number;
  readonly digest: string;
}

export interface SiteOptions {
  readonly venue: string;
  /** Ports, configuration, and the journal where `journalFolder` does not say otherwise. */
  readonly folder: string;
  /** Where the journal lies: a file system that the trial breaks. */
  readonly journalFolder?: string;
  /** Where the broker is; several of one cluster. */
  readonly brokerUrl: string | readonly string[];
  readonly cloudKey: Pick<Signer, 'publicKey'>;
  /** The gateway's built command. Default: its sources. */
  readonly program?: string;
  /** Further doors of the configuration, whose boards are not plugged in. Default: none. */
  readonly absentDoors?: number;
  /** What differs of the reservation of the member of this number, from 1. Default: nothing. */
  readonly reserved?: (member: number, hourMs: number) => Partial<Reservation>;
  /** Merged into the configuration, below the top level's members. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * One venue under trial: the real gateway in a process of its own, a door with the real firmware on an emulated board,
 * both readers on pseudo-terminals. It keeps what a witness outside would swear to: every event that was on disk when
 * somebody looked, and every rise of the lock's relay.
 */
export class Site {
  readonly venue: string;
  readonly board: EmulatedBoard;
  readonly door: EmulatedDoor;
  readonly terms: VenueConfig;
  readonly journalFile: string;
  /** Rises of the relay so far, whatever released it. */
  rises = 0;
  /** Leases that went to the board without their grant on disk, and rises of the relay without any cause. */
  risesWithoutGrant = 0;
  /** Whether the gateway can write: while it cannot, a member's code at the exit may move the lock without a grant. */
  canWrite = true;
  #presses = 0;
  #leases = 0;
  /** A code at the exit is before the gateway, and its lease has not come yet. */
  #isLeaving = false;
  readonly #letOut = new Set<number>();
  readonly #options: SiteOptions;
  readonly #issuer: Issuer;
  readonly #configFile: string;
  readonly #ports: { readonly board: BoardPort; readonly entry: Pty; readonly exit: Pty };
  readonly #stopBoard: () => void;
  readonly #sold: Reservation[] = [];
  readonly #witnessed: LedgerDigest[] = [];
  #members = 0;
  #gateway: GatewayProcess | null = null;
  #watching = true;
  #reader: Database.Database | null = null;

  private constructor(
    options: SiteOptions,
    issuer: Issuer,
    parts: { board: EmulatedBoard; ports: { board: BoardPort; entry: Pty; exit: Pty } },
  ) {
    const { venue, folder, journalFolder = folder, brokerUrl, cloudKey } = options;
    this.venue = venue;
    this.#options = options;
    this.#issuer = issuer;
    this.#ports = parts.ports;
    this.board = parts.board;
    this.door = new EmulatedDoor(this.board);
    this.journalFile = join(journalFolder, 'journal.sqlite');
    this.#configFile = join(folder, 'genkan.yaml');
    const config = {
      venue: {
        id: venue,
        name: venue,
        kind: 'h1t',
        hours: null,
        capacity: 10_000,
        ...options.config?.['venue'],
      },
      gateway: { id: 'gw-1', journal: this.journalFile, ...options.config?.['gateway'] },
      http: { port: 0, publicOrigin: 'http://localhost' },
      doors: [
        {
          id: 'front',
          pulseMs: PULSE_MS,
          takenWithinMs: 0,
          controller: { path: parts.ports.board.path },
          scanners: [
            { kind: 'serial', side: 'entry', path: parts.ports.entry.path },
            { kind: 'serial', side: 'exit', path: parts.ports.exit.path },
          ],
        },
        ...Array.from({ length: options.absentDoors ?? 0 }, (_, number) => ({
          id: `absent-${number + 1}`,
          role: 'inner',
          controller: { path: join(folder, `absent-${number + 1}`) },
        })),
      ],
      uplink: { url: brokerUrl, eventsPerSecond: 10_000, ...options.config?.['uplink'] },
      trust: { issuers: [{ iss: issuer.iss, keys: [issuer.publicKey] }], cloud: [cloudKey.publicKey] },
      clock: { source: 'host' },
    };
    this.terms = gatewayConfigSchema.parse(config).venue;
    writeFileSync(this.#configFile, stringify(config));
    this.#stopBoard = pace(this.board);
    this.board.onPin('lockRelay', (level) => {
      if (level) this.#rose();
    });
  }

  static async open(options: SiteOptions): Promise<Site> {
    const { folder, venue } = options;
    mkdirSync(folder, { recursive: true });
    const issuer = await createIssuer({ venue, clock });
    const board = new EmulatedBoard();
    let site: Site | null = null;
    const tap = new LeaseTap((id) => {
      if (site !== null) site.#leased(id);
    });
    const line = {
      serialWrite: (bytes: Uint8Array) => {
        tap.take(bytes);
        board.serialWrite(bytes);
      },
      onSerial: (listener: (bytes: Uint8Array) => void) => board.onSerial(listener),
    };
    const [boardPort, entry, exit] = await Promise.all([
      openBoardPort(line, join(folder, 'board')),
      openPty(join(folder, 'entry')),
      openPty(join(folder, 'exit')),
    ]);
    site = new Site(options, issuer, { board, ports: { board: boardPort, entry, exit } });
    return site;
  }

  get gateway(): GatewayProcess {
    if (this.#gateway === null) throw new Error('the gateway is not running');
    return this.#gateway;
  }

  /** Starts the gateway's process. Returns before it is ready. */
  launch(env: Readonly<Record<string, string>> = {}): GatewayProcess {
    this.#gateway = this.launchSecond(env);
    return this.#gateway;
  }

  /** Starts a process with the configuration of the gateway that runs already. Its end is the caller's. */
  launchSecond(env: Readonly<Record<string, string>> = {}): GatewayProcess {
    const { program } = this.#options;
    return new GatewayProcess(this.#configFile, { env, ...(program !== undefined && { program }) });
  }

  /** Starts the gateway and waits until its controller answers. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.launch(env).online();
  }

  async kill(): Promise<void> {
    await this.#gateway?.kill();
    this.#gateway = null;
    this.#reader?.close();
    this.#reader = null;
  }

  async member(): Promise<Visitor> {
    this.#members += 1;
    const sub = `member-${this.#members}`;
    const { venue } = this;
    const wallet = await createWallet(venue, clock);
    const nowMs = clock.wallMs();
    const startMs = nowMs - (nowMs % HOUR_MS);
    const entitlement = {
      kind: 'reservation',
      id: `${venue}-r-${this.#members}`,
      venue,
      space: { id: `seat-${this.#members}`, kind: 'seat' },
      start: formatInstant(startMs),
      end: formatInstant(startMs + 4 * HOUR_MS),
      yenPer30Min: 500,
      role: 'user',
      ...this.#options.reserved?.(this.#members, startMs),
    } as const;
    this.#sold.push(entitlement);
    wallet.keep(await this.#issuer.issue({ sub, jkt: wallet.jkt, entitlements: [entitlement] }));
    return { sub, wallet };
  }

  /** Every reservation so far, each member's one. */
  get sold(): readonly Reservation[] {
    return this.#sold;
  }

  /** Holds a fresh code of the member under a reader. Nothing is waited for. */
  async show(side: Side, { wallet }: Visitor): Promise<void> {
    this.hold(side, await wallet.code());
  }

  /** Holds a code under a reader. Nothing is waited for. */
  hold(side: Side, code: string): void {
    this.#isLeaving = side === 'exit';
    this.#ports[side].write(Buffer.from(`${code}\r`));
  }

  /** Somebody inside presses the exit button. Rejects when the lock is not released for it. */
  async pressExit(): Promise<void> {
    await until('the lock is at rest', () => !this.door.released);
    this.#presses += 1;
    this.door.pressExit(100);
    await until('the exit button releases the lock', () => this.door.released);
    await until('the lock is at rest again', () => !this.door.released);
  }

  /**
   * Looks into the journal by a connection of its own. It is gone before the next process of the gateway starts: with
   * another connection there, SQLite would not have to recover the file.
   */
  look<T>(read: (journal: Database.Database) => T): T {
    this.#reader ??= new Sqlite(this.journalFile, { readonly: true });
    return read(this.#reader);
  }

  /** Remembers what is on disk now: from here on it may never be missing. */
  witness(): void {
    const after = this.#witnessed.at(-1)?.seq ?? 0;
    this.#witnessed.push(...this.ledger(after).map(({ seq, body }) => ({ seq, digest: digestOf(body) })));
  }

  /** Stops looking: the file system under the journal is about to be broken, or to go. */
  lookAway(): void {
    this.#watching = false;
    this.#reader?.close();
    this.#reader = null;
  }

  lookAgain(): void {
    this.#watching = true;
  }

  /** Everything sworn to so far, oldest first. */
  get witnessed(): readonly LedgerDigest[] {
    return this.#witnessed;
  }

  /** The ledger's rows above a number. */
  ledger(after = 0): readonly { readonly seq: number; readonly body: string }[] {
    return this.look((journal) =>
      journal
        .prepare<[number], { seq: number; body: string }>(
          'SELECT seq, body FROM events WHERE seq > ? ORDER BY seq',
        )
        .all(after),
    );
  }

  /** Number of the newest event. */
  get lastSeq(): number {
    return (
      this.look((journal) => journal.prepare<[], number>('SELECT max(seq) FROM events').pluck().get()) ?? 0
    );
  }

  /** Up to which number the gateway holds a receipt. */
  get custodySeq(): number {
    const value = this.look((journal) =>
      journal.prepare<[], string>(`SELECT value FROM meta WHERE key = 'custodySeq'`).pluck().get(),
    );
    return Number(value ?? 0);
  }

  get epoch(): string {
    return (
      this.look((journal) =>
        journal.prepare<[], string>(`SELECT value FROM meta WHERE key = 'epoch'`).pluck().get(),
      ) ?? ''
    );
  }

  /** Members whose stay is open. */
  inside(): readonly string[] {
    return this.look((journal) =>
      journal.prepare<[], string>(`SELECT sub FROM stays WHERE state = 'open' ORDER BY id`).pluck().all(),
    );
  }

  /** Whether no grant waits for its door any more. */
  concluded(): boolean {
    return this.look(
      (journal) =>
        journal
          .prepare<[], number>(`SELECT count(*) FROM decisions WHERE state IN ('pending', 'released')`)
          .pluck()
          .get() === 0,
    );
  }

  async close(): Promise<void> {
    await this.kill();
    this.#stopBoard();
    const { board, entry, exit } = this.#ports;
    await Promise.all([board.close(), entry.close(), exit.close()]);
  }

  /** The board is about to have a lease: at this instant its grant must be on disk. */
  #leased(id: number): void {
    this.#leases += 1;
    if (!this.#watching || this.#letOut.has(id) || this.#isGranted(id)) return;
    if (!this.canWrite && this.#isLeaving) {
      this.#isLeaving = false;
      this.#letOut.add(id);
    } else this.risesWithoutGrant += 1;
  }

  #isGranted(lease: number): boolean {
    return this.look((journal) => {
      const base = Number(journal.prepare(`SELECT value FROM meta WHERE key = 'leaseBase'`).pluck().get());
      const grant = Math.floor(((lease - base) >>> 0) / LEASES_PER_GRANT);
      const sql = 'SELECT 1 FROM decisions WHERE id = ? AND state IS NOT NULL';
      return journal.prepare<[number]>(sql).get(grant) !== undefined;
    });
  }

  /** What is on disk now must stay. */
  #rose(): void {
    this.rises += 1;
    if (this.rises > this.#leases + this.#presses) this.risesWithoutGrant += 1;
    if (this.#watching) this.witness();
  }
}

/** What two ledgers are compared by. */
export function digestOf(body: string | Buffer): string {
  return createHash('sha256').update(body).digest('base64');
}
