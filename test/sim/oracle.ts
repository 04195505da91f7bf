import type Database from 'better-sqlite3';
import type { DoorSignal, Lease } from '../../device/ports.ts';
import type { Outcome } from '../../gateway/door/attendant.ts';
import { Sqlite } from '../../gateway/journal/sqlite.ts';
import type { Entitlement } from '../../shared/contract/pass.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import { parseInstant } from '../../shared/time.ts';
import type { Release } from './controller.ts';
import type { Life } from './life.ts';
import type { World } from './world.ts';

/** How long a lease may be offered. */
const LEASE_OFFERED_MS = 10_000;

/** How long a decision stands for whoever tries again, who may ask for the lease a second time. */
export const RETRY_WITHIN_MS = 10_000;

/** How much later than its end a lease may still hold the lock. */
const OVERRUN_MS = 50;

/** Leases without a grant lie half the range away from those with one. */
const LET_OUT_FROM = 0x8000_0000;

/** One showing of a code or tap on the page, as its member knows it. */
export interface Presentation {
  readonly sub: string;
  readonly side: Side;
  readonly via: 'scanner' | 'page';
  /** SHA-256 of device and `jti`, as the contract names a credential. */
  readonly identity: string;
  /** A code that was shown before, here or elsewhere. */
  readonly isCopy: boolean;
  readonly ents: readonly Entitlement[];
  /** When the proof was signed, epoch seconds of true time. */
  readonly signedS: number;
  readonly atMs: number;
  /** What the gateway's clock said then. */
  readonly wallMs: number;
  readonly trust: string;
  readonly life: number;
  readonly controllerOnline: boolean;
  readonly storageWritable: boolean;
  told: 'granted' | 'denied' | null;
  /** Let out although nothing could be put on disk: the ledger may never hear of it. */
  isLetOut: boolean;
  outcome: Outcome | null;
}

/** A granted access as it stands in the journal. */
interface Granted {
  readonly door: string;
  readonly presentation: string;
  readonly leaseMs: number;
  /** When it was decided, epoch milliseconds by the gateway's clock. */
  readonly atMs: number;
}

interface Witness {
  readonly path: string;
  readonly db: Database.Database;
  readonly eventsAfter: Database.Statement<[number], { seq: number; body: string }>;
}

/** Looks on while a simulation runs: through a connection of its own, and at the board. */
export class Oracle {
  readonly violations: string[] = [];
  readonly presentations: Presentation[] = [];
  /** Leases whose obedience the gateway was told of, and the life that was told. */
  readonly acknowledgements = new Map<number, { readonly life: Life; readonly atMs: number }>();
  /** How often the wall clock was moved. */
  clockSteps = 0;
  readonly #world: World;
  /** Who was let out by a lease without a grant. */
  readonly #letOut = new Map<number, Presentation>();
  readonly #stepsAt = new Map<Presentation, number>();
  #current: Presentation | null = null;
  #witness: Witness | null = null;
  #seenSeq = 0;
  #granted = new Map<number, Granted>();
  #base = 0;
  #epoch = '';
  /** What each lease belongs to, as `<epoch> <grant>`: another epoch counts by another base. */
  readonly #grantOf = new Map<number, string>();

  constructor(world: World) {
    this.#world = world;
  }

  complain(what: string): void {
    this.#world.trace(`VIOLATION ${what}`);
    this.violations.push(what);
  }

  presented(presentation: Presentation): void {
    this.presentations.push(presentation);
    this.#stepsAt.set(presentation, this.clockSteps);
    this.#current = presentation;
  }

  /** A signal at the door is about whoever has just shown a code there. */
  signalled(signal: DoorSignal, isDiskFull: boolean): void {
    if (this.#current === null || (signal !== 'granted' && signal !== 'denied')) return;
    this.#current.told = signal;
    if (isDiskFull && this.#current.side === 'exit') this.#current.isLetOut = true;
    this.#world.trace(`${signal} ${this.#current.sub} ${this.#current.side}`);
  }

  acknowledged(leaseId: number, life: Life): void {
    this.acknowledgements.set(leaseId, { life, atMs: this.#world.nowMs });
  }

  /**
   * The gateway asks for the lock: the grant must be on disk, for anybody to read; unless the disk is full and somebody
   * wants to leave.
   */
  pulsed(lease: Lease, path: string, life: number, isDiskFull: boolean): void {
    this.#readCommitted(path);
    const offset = (lease.id - this.#base) >>> 0;
    const grant = offset >>> 1;
    const granted = this.#granted.get(grant);
    if (granted !== undefined) this.#grantOf.set(lease.id, `${this.#epoch} ${grant}`);
    if (granted === undefined && offset >= LET_OUT_FROM && this.#isLetOut(lease.id, isDiskFull)) return;
    if (granted === undefined) {
      this.complain(`pulse ${lease.id} without a committed grant`);
      return;
    }
    if (lease.durationMs !== granted.leaseMs)
      this.complain(`pulse of ${lease.durationMs} ms, granted were ${granted.leaseMs}`);
    const shown = this.presentations.filter(({ identity }) => identity === granted.presentation);
    // The same code may be shown once more later: the grant is the first one's.
    const about = shown.find(({ wallMs }) => Math.floor(wallMs) === granted.atMs) ?? shown.at(-1);
    if (about === undefined) {
      this.complain(`pulse for grant ${grant}, which nobody asked for`);
      return;
    }
    const ageMs = this.#world.nowMs - about.atMs;
    const isRetry = offset % 2 === 1;
    const allowedMs = LEASE_OFFERED_MS + (isRetry ? RETRY_WITHIN_MS : 0) + OVERRUN_MS;
    // Over a restart, and of a retry, the wall clock tells the age; where it was moved in between, nobody can.
    const isByWall = isRetry || about.life !== life;
    const isMeasurable = !isByWall || this.#stepsAt.get(about) === this.clockSteps;
    if (isMeasurable && ageMs > allowedMs) this.complain(`pulse for a grant ${ageMs} ms after its decision`);
  }

  /** A lease of its own for whoever has just shown a code at the exit; the same again until it is obeyed. */
  #isLetOut(leaseId: number, isDiskFull: boolean): boolean {
    const isRecent = ({ atMs }: Presentation) => this.#world.nowMs - atMs <= LEASE_OFFERED_MS + OVERRUN_MS;
    const known = this.#letOut.get(leaseId);
    if (known !== undefined) return isRecent(known);
    const about = this.presentations.findLast(({ side }) => side === 'exit');
    if (!isDiskFull || about === undefined || !isRecent(about)) return false;
    about.isLetOut = true;
    this.#letOut.set(leaseId, about);
    return true;
  }

  /** The grant that a lease belongs to, `<epoch> <grant>`; `null` for who was let out without one. */
  grantOf(leaseId: number): string | null {
    return this.#grantOf.get(leaseId) ?? null;
  }

  /** No lock is energised past its lease, and no grant releases it more than twice. */
  judgeReleases(releases: readonly Release[], pulseMs: number): void {
    const counts = new Map<string, number>();
    for (const { leaseId, atMs, endMs } of releases) {
      const grant = this.grantOf(leaseId);
      if (grant !== null) counts.set(grant, (counts.get(grant) ?? 0) + 1);
      if ((endMs ?? Infinity) - atMs > pulseMs + OVERRUN_MS)
        this.complain(`the lock was energised past lease ${leaseId}`);
    }
    // Obeyed once a boot: a board that was reset obeys the same lease once more.
    for (const [grant, count] of counts)
      if (count > 4) this.complain(`grant ${grant} released the lock ${count} times`);
  }

  close(): void {
    this.#witness?.db.close();
    this.#witness = null;
  }

  #readCommitted(path: string): void {
    if (this.#witness?.path !== path) {
      this.close();
      const db = new Sqlite(path, { readonly: true });
      const eventsAfter = db.prepare<[number], { seq: number; body: string }>(
        'SELECT seq, body FROM events WHERE seq > ? ORDER BY seq',
      );
      this.#witness = { path, db, eventsAfter };
      this.#seenSeq = 0;
      this.#granted = new Map();
      const base = db.prepare<[], { value: string }>(`SELECT value FROM meta WHERE key = 'leaseBase'`).get();
      this.#base = Number(base?.value);
      const epoch = db.prepare<[], { value: string }>(`SELECT value FROM meta WHERE key = 'epoch'`).get();
      this.#epoch = epoch?.value ?? '';
    }
    for (const { seq, body } of this.#witness.eventsAfter.all(this.#seenSeq)) {
      this.#seenSeq = seq;
      if (!body.includes('"genkan.access.granted.v1"')) continue;
      const { data, time } = JSON.parse(body) as {
        data: Omit<Granted, 'atMs'> & { grant: number };
        time: string;
      };
      this.#granted.set(data.grant, { ...data, atMs: parseInstant(time) });
    }
  }
}
