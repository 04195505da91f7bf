import { chainGenesis, chainNext } from '../../shared/chain.ts';
import { formatEvent, type ClockTrust, type DomainEvent } from '../../shared/contract/events.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import { formatInstant } from '../../shared/time.ts';
import type { GrantState } from '../access/grant.ts';
import type { Answer } from '../access/record.ts';
import type { RefusedExit } from '../access/settle.ts';
import { closeQuietly, openFile, type JournalFile } from './file.ts';
import { sqliteCode, StorageFault, tryWrite } from './fault.ts';
import { sha256 } from './sha256.ts';
import type { DecisionRow, LedgerRow, StoredCheckpoint } from './statements.ts';
import type { Birth, LostEvents } from './takeover.ts';
export type { LedgerRow };
import type { AlarmReader, AlarmWriter } from './alarms.ts';
import type { CarriedReader, CarriedWriter } from './carried.ts';
import type { DoorOrderReader, DoorOrderWriter } from './door-orders.ts';
import type { StayReader, StayWriter } from './stays.ts';
import type { SyncedReader, SyncedWriter } from './synced.ts';

export { StorageFault };

/** Rows that leave the ledger in one transaction at most: the door must not wait for it. */
const REMOVED_AT_ONCE = 5_000;

/** Commits after which their count is kept. */
const COMMITS_KEPT_EVERY = 100;

/**
 * Presentations that are remembered. Each stays until a day after it is refused for its age anyway; a busy venue has some
 * thousands. Full means that nobody new is let in, never that one is forgotten which could still be shown again.
 */
const PRESENTATIONS_MAX = 100_000;

/** A decision as it was committed. A granted one is the grant. */
export interface StoredDecision {
  readonly id: number;
  readonly atMs: number;
  readonly door: string;
  readonly side: Side;
  readonly sub: string;
  readonly answer: Answer;
  readonly stay: string | null;
  /** `null` for a denial. */
  readonly state: GrantState | null;
  /** Leases used so far. */
  readonly leases: number;
}

/** A credential that was decided on. */
export interface StoredPresentation {
  readonly identity: string;
  readonly door: string;
  readonly side: Side;
  readonly atMs: number;
  readonly expiresMs: number;
}

/** The cloud's word on what it holds. */
export interface Custody {
  /** Everything up to this number is held by the cloud. 0: nothing yet. */
  readonly seq: number;
  /** The chain head there as the cloud computed it, hexadecimal; `null` at 0. */
  readonly head: string | null;
}

export interface JournalOptions {
  /** File path. */
  readonly path: string;
  readonly venue: string;
  readonly gateway: string;
  readonly timeZone: string;
  /** Asked once, when the file is new. */
  readonly birth: () => Birth;
  /** Presentations that are remembered at most. Default: 100,000. */
  readonly presentationsMax?: number;
}

/** What one transaction may write. Nothing else writes. */
export interface JournalWriter {
  readonly stays: StayWriter;
  readonly synced: SyncedWriter;
  readonly doorOrders: DoorOrderWriter;
  readonly alarms: AlarmWriter;
  readonly carried: CarriedWriter;
  /** Gives the event its number, chains it, and puts it into the outbox. */
  append(event: DomainEvent, atMs: number, clock: ClockTrust): void;
  /** The number that the next decision will have. */
  nextDecision(): number;
  insertDecision(decision: Omit<StoredDecision, 'leases'>): void;
  setGrant(id: number, state: GrantState, leases: number): void;
  /** `false` when the identity was there already. */
  insertPresentation(presentation: StoredPresentation): boolean;
  /** `false` when the command was used before. */
  useCommand(jti: string, expiresMs: number): boolean;
  putCheckpoint(checkpoint: StoredCheckpoint): void;
  /** Keeps what a part of the gateway knows under a name of its own. */
  putFact(name: string, value: string): void;
}

/**
 * The journal of one gateway: one SQLite file, one writer, every commit on disk before it returns. The ledger
 * of events is gapless and hash-chained from its first row; only a receipt of the cloud moves the outbox on.
 */
export class Journal {
  readonly epoch: string;
  readonly leaseBase: number;
  readonly isNew: boolean;
  /** It took over from a damaged file or a restored copy, and this is its first run. */
  readonly isSuccessor: boolean;
  #file: JournalFile;
  readonly #options: JournalOptions;
  readonly #listeners = new Set<() => void>();
  readonly #faultListeners = new Set<(fault: StorageFault) => void>();
  #seq: number;
  #head: Uint8Array;
  #custody: Custody;
  #fault: StorageFault | null = null;
  #telling = false;
  #commits = 0;
  /** Presentations that are remembered, at most so many: one that was rolled back is counted until the next count. */
  #presentations: number;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#file = this.#open();
    const known = this.#meta('epoch');
    this.isNew = known === null;
    if (known === null) {
      const { epoch, leaseBase } = options.birth();
      this.#file.db.transaction(() => {
        this.#setMeta('epoch', epoch);
        this.#setMeta('leaseBase', String(leaseBase));
      })();
    }
    this.epoch = this.#meta('epoch') ?? '';
    this.isSuccessor = this.#meta('successor') === 'unseen';
    if (this.isSuccessor) this.#setMeta('successor', 'seen');
    this.leaseBase = Number(this.#meta('leaseBase'));
    const last = this.#file.sql.lastEvent.get();
    this.#seq = last?.seq ?? 0;
    this.#head = last?.head ?? chainGenesis(sha256, this.epoch);
    this.#commits = Number(this.#meta('commits') ?? 0);
    this.#custody = { seq: Number(this.#meta('custodySeq') ?? 0), head: this.#meta('custodyHead') };
    this.#presentations = this.#countPresentations();
  }

  get stays(): StayReader {
    return this.#file.stays.reader;
  }

  get synced(): SyncedReader {
    return this.#file.synced.reader;
  }

  get doorOrders(): DoorOrderReader {
    return this.#file.doorOrders.reader;
  }

  get alarms(): AlarmReader {
    return this.#file.alarms.reader;
  }

  /** Number of the newest event; 0 for an empty ledger. */
  get lastSeq(): number {
    return this.#seq;
  }

  /** The chain head at the newest event, hexadecimal. */
  get head(): string {
    return Buffer.from(this.#head).toString('hex');
  }

  /** The epoch that this one took over from; `null` for a gateway's first. */
  get previousEpoch(): string | null {
    return this.#meta('previousEpoch');
  }

  get custody(): Custody {
    return this.#custody;
  }

  /** Events of an earlier epoch that are still to be sent. */
  get carried(): CarriedReader {
    return this.#file.carried.reader;
  }

  /** Events of the epoch before this one that nobody can send any more, until they are told; `null`: none. */
  get lost(): LostEvents | null {
    const text = this.#meta('lost');
    return text === null || text === '' ? null : (JSON.parse(text) as LostEvents);
  }

  /** Counts transactions: what was read of the journal holds until it changes. */
  get commits(): number {
    return this.#commits;
  }

  /** Whether the last commit reached the disk. Latched: SQLite goes on acknowledging after a failed fsync. */
  get fault(): StorageFault | null {
    return this.#fault;
  }

  /**
   * Runs the work in one transaction and returns after it is on disk.
   *
   * @throws StorageFault when it could not be committed; nothing of it is there then
   */
  write<T>(work: (writer: JournalWriter) => T): T {
    if (this.#fault !== null) throw this.#fault;
    const before = { seq: this.#seq, head: this.#head };
    let result: T;
    try {
      result = this.#file.db
        .transaction(() => {
          const done = work(this.#writerTo(this.#file));
          this.#countCommit();
          return done;
        })
        .immediate();
    } catch (error) {
      this.#seq = before.seq;
      this.#head = before.head;
      const code = sqliteCode(error);
      if (code === null) throw error;
      throw this.#failed(code, error);
    }
    if (this.#seq !== before.seq) this.#tell();
    return result;
  }

  #writerTo({ sql, stays, synced, doorOrders, alarms, carried }: JournalFile): JournalWriter {
    return {
      stays: stays.writer,
      synced: synced.writer,
      doorOrders: doorOrders.writer,
      alarms: alarms.writer,
      carried: carried.writer,
      append: (event, atMs, clock) => this.#append(event, atMs, clock),
      nextDecision: () => (sql.lastDecision.get()?.id ?? 0) + 1,
      insertDecision: ({ id, atMs, door, side, sub, answer, stay, state }) => {
        sql.insertDecision.run(id, atMs, door, side, sub, JSON.stringify(answer), stay, state);
      },
      setGrant: (id, state, leases) => {
        sql.setGrant.run(state, leases, id);
      },
      insertPresentation: ({ identity, door, side, atMs, expiresMs }) => {
        const { changes } = sql.insertPresentation.run(identity, door, side, atMs, expiresMs);
        this.#presentations += changes;
        return changes === 1;
      },
      putCheckpoint: ({ seq, atMs, token }) => {
        sql.insertCheckpoint.run(seq, atMs, token);
      },
      putFact: (name, value) => {
        this.#setMeta(name, value);
      },
      useCommand: (jti, expiresMs) => sql.useCommand.run(jti, expiresMs).changes === 1,
    };
  }

  #append(event: DomainEvent, atMs: number, clock: ClockTrust): void {
    const { venue, gateway, timeZone } = this.#options;
    const seq = this.#seq + 1;
    const body = formatEvent(
      event,
      { venue, gateway, epoch: this.epoch, seq },
      formatInstant(atMs, timeZone),
      clock,
    );
    const head = chainNext(sha256, this.#head, body);
    this.#file.sql.insertEvent.run(seq, body, head);
    this.#seq = seq;
    this.#head = head;
  }

  presentation(identity: string): StoredPresentation | null {
    const row = this.#file.sql.presentation.get(identity);
    return row === undefined
      ? null
      : { identity, door: row.door, side: row.side, atMs: row.at_ms, expiresMs: row.expires_ms };
  }

  /** The newest decision on this member at this side of this door since an instant. */
  recentDecision(sub: string, door: string, side: Side, sinceMs: number): StoredDecision | null {
    const row = this.#file.sql.recentDecision.get(sub, door, side, sinceMs);
    return row === undefined ? null : decisionOf(row);
  }

  decision(id: number): StoredDecision | null {
    const row = this.#file.sql.decision.get(id);
    return row === undefined ? null : decisionOf(row);
  }

  /** When the last decision on a credential was made, epoch milliseconds; `null` where there was none. */
  lastDecisionMs(): number | null {
    return this.#file.sql.lastDecision.get()?.at_ms ?? null;
  }

  /** Whether a door was released for this stay by another grant than this one, or still may be. */
  hasOtherGrant(stay: string, grant: number): boolean {
    return this.#file.sql.otherGrant.get(stay, grant) !== undefined;
  }

  /** Whether this member was turned away since an instant, and until another, for a fault of our equipment. */
  wasTurnedAway(sub: string, sinceMs: number, untilMs: number): boolean {
    return this.#file.sql.turnedAway.get(sub, sinceMs, untilMs) !== undefined;
  }

  /** The last time that this member was refused at an exit for want of a stay, between two instants. */
  refusedExit(sub: string, sinceMs: number, untilMs: number): RefusedExit | null {
    const row = this.#file.sql.refusedExit.get(sub, sinceMs, untilMs);
    return row === undefined ? null : { door: row.door, atMs: row.at_ms };
  }

  /** Grants whose door has not answered yet, oldest first. */
  unfinishedGrants(): readonly StoredDecision[] {
    return this.#file.sql.unfinished.all().map(decisionOf);
  }

  /** Events above a number, oldest first. */
  eventsAfter(seq: number, limit: number): readonly LedgerRow[] {
    return this.#file.sql.eventsAfter.all(seq, limit);
  }

  /** The chain head at a number of this epoch, hexadecimal, or `null` where there is no such event. */
  headAt(seq: number): string | null {
    const row = this.#file.sql.headAt.get(seq);
    return row === undefined ? null : Buffer.from(row.head).toString('hex');
  }

  /**
   * Takes a receipt into account. Older ones change nothing.
   *
   * @param token the receipt as the cloud signed it, kept for whoever verifies the journal
   * @returns `false` when the cloud's chain head is not ours: the two ledgers disagree
   */
  acceptCustody(seq: number, head: string, token?: string): boolean {
    if (seq <= this.#custody.seq) return true;
    if (this.headAt(seq) !== head) return false;
    this.write(() => {
      this.#setMeta('custodySeq', String(seq));
      this.#setMeta('custodyHead', head);
      if (token !== undefined) this.#setMeta('receipt', token);
    });
    this.#custody = { seq, head };
    return true;
  }

  /** The cloud has events of an earlier epoch. `false` when it holds others than were carried. */
  releaseCarried({
    epoch,
    seq,
    head,
  }: {
    readonly epoch: string;
    readonly seq: number;
    readonly head: string;
  }) {
    const first = this.carried.first();
    if (first?.epoch !== epoch || seq < first.seq) return true;
    return this.write((writer) => writer.carried.received(epoch, seq, head));
  }

  /** What was kept under a name, or `null`. */
  fact(name: string): string | null {
    return this.#meta(name);
  }

  /** The newest signed head, or `null` where none was signed yet. */
  newestCheckpoint(): StoredCheckpoint | null {
    return this.#file.sql.newestCheckpoint.get() ?? null;
  }

  /**
   * Up to which row everything may be removed: signed, received by the cloud, and older than an instant; `null` where
   * nothing may. The newest row stays.
   */
  removableTo(beforeMs: number): { readonly seq: number; readonly head: string } | null {
    const to = Math.min(this.#custody.seq, this.#seq - 1);
    const checkpoint = this.#file.sql.removableTo.get(beforeMs, to, REMOVED_AT_ONCE);
    const head = checkpoint === undefined ? null : this.headAt(checkpoint.seq);
    return checkpoint === undefined || head === null ? null : { seq: checkpoint.seq, head };
  }

  /**
   * Removes the rows up to a number, and the decisions and ended stays before an instant.
   *
   * @param anchor the signed word on the chain head there
   * @returns how many events went
   */
  remove({
    seq,
    beforeMs,
    anchor,
  }: {
    readonly seq: number;
    readonly beforeMs: number;
    readonly anchor: string;
  }) {
    const { sql } = this.#file;
    return this.write(() => {
      this.#setMeta('anchor', anchor);
      sql.removeCheckpoints.run(seq);
      sql.removeDecisions.run(beforeMs);
      sql.removeStays.run(beforeMs);
      return sql.removeEvents.run(seq).changes;
    });
  }

  /** Forgets credentials and commands that are refused for their age anyway. */
  forgetPresentations(expiredBeforeMs: number): void {
    this.write(() => {
      this.#file.sql.forgetPresentations.run(expiredBeforeMs);
      this.#file.sql.forgetCommands.run(expiredBeforeMs);
    });
    this.#presentations = this.#countPresentations();
  }

  /** Whether no presentation can be remembered any more, so that none may be let in by. */
  get isReplayStoreFull(): boolean {
    return this.#presentations >= (this.#options.presentationsMax ?? PRESENTATIONS_MAX);
  }

  #countPresentations(): number {
    return this.#file.sql.countPresentations.get()?.count ?? 0;
  }

  /**
   * Ends a fault: opens the file anew, makes sure that everything which was acknowledged is there, and has all of it
   * written out once more, for what a failed fsync left in memory may never have reached the disk.
   *
   * @throws StorageFault where the file is not usable; what can be read is still read from the old connection
   */
  recover(): void {
    if (this.#fault === null) return;
    let file: JournalFile | null = null;
    try {
      file = this.#open();
      const acknowledged = this.#seq === 0 ? null : file.sql.headAt.get(this.#seq);
      const isThere = this.#seq === 0 || acknowledged?.head.equals(this.#head) === true;
      if (!isThere) throw new StorageFault('LEDGER_LOST', null);
      // The old connection stays until this has worked: from it is read as long as nothing can be written.
      file.db.pragma('wal_checkpoint(TRUNCATE)');
      closeQuietly(this.#file.db);
    } catch (error) {
      if (file !== null) closeQuietly(file.db);
      const code = sqliteCode(error);
      if (code === null && !(error instanceof StorageFault)) throw error;
      this.#fault = error instanceof StorageFault ? error : new StorageFault(code ?? '', error);
      throw this.#fault;
    }
    this.#file = file;
    // A commit that was reported as failed may be on disk all the same: then it is taken up, as after a crash.
    const last = file.sql.lastEvent.get();
    this.#seq = last?.seq ?? 0;
    this.#head = last?.head ?? chainGenesis(sha256, this.epoch);
    this.#fault = null;
    this.#tell();
  }

  /** Called when a fault is latched. */
  onFault(listener: (fault: StorageFault) => void): () => void {
    this.#faultListeners.add(listener);
    return () => this.#faultListeners.delete(listener);
  }

  /** Another connection to the file has found it damaged: this is no sounder. */
  foundDamaged(code: string, error: unknown): StorageFault {
    return this.#failed(code, error);
  }

  #open(): JournalFile {
    return openFile(this.#options.path, (code, error) => this.#failed(code, error));
  }

  /** Latches a fault, of a commit or of a read. Told again only when it is another one. */
  #failed(code: string, error: unknown): StorageFault {
    if (this.#fault?.code === code) return this.#fault;
    const fault = new StorageFault(code, error);
    this.#fault = fault;
    queueMicrotask(() => {
      for (const listener of this.#faultListeners) listener(fault);
    });
    return fault;
  }

  /** Called soon after a commit that appended events, and once for several in a row. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A journal that was not closed is looked at page by page before it is used again. */
  close(): void {
    if (!this.#file.db.open) return;
    if (this.#fault === null)
      tryWrite(
        () => this.#setMeta('opened', 'no'),
        () => undefined,
      );
    closeQuietly(this.#file.db);
  }

  /** For the wear of the card. Kept with every hundredth commit: a cut loses a few of the count, and nothing else. */
  #countCommit(): void {
    this.#commits += 1;
    if (this.#commits % COMMITS_KEPT_EVERY === 0) this.#setMeta('commits', String(this.#commits));
  }

  /** Once the caller is through: the pulse of a grant goes before anybody who looks on. */
  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      for (const listener of this.#listeners) listener();
    });
  }

  #meta(key: string): string | null {
    return this.#file.sql.meta.get(key)?.value ?? null;
  }

  #setMeta(key: string, value: string): void {
    this.#file.sql.setMeta.run(key, value);
  }
}

function decisionOf(row: DecisionRow): StoredDecision {
  const { id, door, side, sub, stay, state, leases } = row;
  return {
    id,
    atMs: row.at_ms,
    door,
    side,
    sub,
    answer: JSON.parse(row.answer) as Answer,
    stay,
    state,
    leases,
  };
}
