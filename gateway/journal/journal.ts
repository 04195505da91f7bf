import { formatEvent, type ClockTrust, type DomainEvent } from '../../shared/contract/events.ts';
import type { ReceiptClaims } from '../../shared/contract/receipt.ts';
import { formatInstant, SECOND_MS } from '../../shared/time.ts';
import { leaseIdOf } from '../access/grant.ts';
import { closeQuietly, openFile, type JournalFile } from './file.ts';
import { sqliteCode, StorageFault, tryWrite } from './fault.ts';
import type { AlarmReader, AlarmWriter } from './alarms.ts';
import type { CarriedReader, CarriedWriter } from './carried.ts';
import type { DecisionReader, DecisionWriter, StoredDecision } from './decisions.ts';
import type { DoorOrderReader, DoorOrderWriter } from './door-orders.ts';
import type { FactReader, FactWriter } from './facts.ts';
import { lastNumberOf } from './inheritance.ts';
import type { LedgerEnd, LedgerRow } from './ledger.ts';
import { PRESENTATIONS_MAX, type PresentationReader, type PresentationWriter } from './presentations.ts';
import type { SignedHeadReader, SignedHeadWriter } from './signed-heads.ts';
import type { StayReader, StayWriter } from './stays.ts';
import type { SyncedReader, SyncedWriter } from './synced.ts';
import {
  INHERITED_LEASES,
  NO_LEASES,
  type Birth,
  type InheritedLeases,
  type LostEvents,
} from './takeover.ts';
import type { UsedCommandWriter } from './used-commands.ts';

/** Commits after which their count is kept. */
const COMMITS_KEPT_EVERY = 100;

/** The cloud's word on what it holds. */
export interface Custody {
  /** Everything up to this number is held by the cloud. 0: nothing yet. */
  readonly seq: number;
  /** The chain head there as the cloud computed it, hexadecimal; `null` at 0. */
  readonly head: string | null;
}

/** The cloud's word as it signed it, and when, epoch milliseconds. */
export interface SignedReceipt {
  readonly token: string;
  readonly atMs: number;
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
  readonly decisions: DecisionWriter;
  readonly presentations: PresentationWriter;
  readonly stays: StayWriter;
  readonly synced: SyncedWriter;
  readonly doorOrders: DoorOrderWriter;
  readonly usedCommands: UsedCommandWriter;
  readonly alarms: AlarmWriter;
  readonly carried: CarriedWriter;
  readonly signedHeads: SignedHeadWriter;
  readonly facts: FactWriter;
  /** Gives the event its number, chains it, and puts it into the outbox. */
  append(event: DomainEvent, atMs: number, clock: ClockTrust): void;
  /** Removes the events up to a number, and says how many went. */
  removeEventsTo(seq: number): number;
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
  /** Nothing changes them while the journal is open, and every lease asks. */
  readonly #inheritedLeases: InheritedLeases;
  #file: JournalFile;
  readonly #options: JournalOptions;
  readonly #listeners = new Set<() => void>();
  readonly #faultListeners = new Set<(fault: StorageFault) => void>();
  #end: LedgerEnd;
  #custody: Custody;
  #fault: StorageFault | null = null;
  #telling = false;
  #commits = 0;
  #visitWrites = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#file = this.#open();
    const known = this.#meta('epoch');
    this.isNew = known === null;
    if (known === null) {
      const { epoch, leaseBase } = options.birth();
      this.#file.transact(() => {
        this.#setMeta('epoch', epoch);
        this.#setMeta('leaseBase', String(leaseBase));
      });
    }
    this.epoch = this.#meta('epoch') ?? '';
    this.isSuccessor = this.#meta('successor') === 'unseen';
    if (this.isSuccessor) this.#setMeta('successor', 'seen');
    this.leaseBase = Number(this.#meta('leaseBase'));
    const inherited = this.#meta(INHERITED_LEASES);
    this.#inheritedLeases = inherited === null ? NO_LEASES : (JSON.parse(inherited) as InheritedLeases);
    this.#end = this.#file.ledger.reader.end(this.epoch);
    this.#commits = Number(this.#meta('commits') ?? 0);
    this.#custody = { seq: Number(this.#meta('custodySeq') ?? 0), head: this.#meta('custodyHead') };
  }

  get decisions(): DecisionReader {
    return this.#file.decisions.reader;
  }

  get presentations(): PresentationReader {
    return this.#file.presentations.reader;
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

  get signedHeads(): SignedHeadReader {
    return this.#file.signedHeads.reader;
  }

  get facts(): FactReader {
    return this.#file.facts.reader;
  }

  /** Number of the newest event; 0 for an empty ledger. */
  get lastSeq(): number {
    return this.#end.seq;
  }

  /** The chain head at the newest event, hexadecimal. */
  get head(): string {
    return Buffer.from(this.#end.head).toString('hex');
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

  /** Events of earlier epochs that nobody can send any more, until they are told. */
  get lost(): readonly LostEvents[] {
    return JSON.parse(this.#meta('lost') ?? '[]') as readonly LostEvents[];
  }

  /** Counts transactions: what was read of the journal holds until it changes. */
  get commits(): number {
    return this.#commits;
  }

  /**
   * Counts what was written of decisions, stays and reservations: what was read of them holds until it changes. Most
   * transactions are receipts and alarms, which change none of them.
   */
  get visitWrites(): number {
    return this.#visitWrites;
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
    const before = this.#end;
    let result: T;
    try {
      result = this.#file.transact(() => {
        const done = work(this.#writerTo(this.#file));
        this.#countCommit();
        return done;
      });
    } catch (error) {
      this.#end = before;
      this.#file.facts.forget();
      const code = sqliteCode(error);
      if (code === null) throw error;
      throw this.#failed(code, error);
    }
    if (this.#end !== before) this.#tell();
    return result;
  }

  #writerTo(file: JournalFile): JournalWriter {
    const counted = <W>(writer: W): W => {
      this.#visitWrites += 1;
      return writer;
    };
    return {
      get decisions() {
        return counted(file.decisions.writer);
      },
      presentations: file.presentations.writer,
      get stays() {
        return counted(file.stays.writer);
      },
      get synced() {
        return counted(file.synced.writer);
      },
      doorOrders: file.doorOrders.writer,
      usedCommands: file.usedCommands.writer,
      alarms: file.alarms.writer,
      carried: file.carried.writer,
      signedHeads: file.signedHeads.writer,
      facts: file.facts.writer,
      append: (event, atMs, clock) => this.#append(event, atMs, clock),
      removeEventsTo: (seq) => file.ledger.writer.removeTo(seq),
    };
  }

  #append(event: DomainEvent, atMs: number, clock: ClockTrust): void {
    const { venue, gateway, timeZone } = this.#options;
    const place = { venue, gateway, epoch: this.epoch, seq: this.#end.seq + 1 };
    const body = formatEvent(event, place, formatInstant(atMs, timeZone), clock);
    this.#end = this.#file.ledger.writer.append(this.#end, body);
    if (event.name === 'stay.checked-in' && event.data.visit.kind === 'ticket')
      this.#file.stays.writer.putTold(event.data.stay, this.#end.seq);
  }

  /** Events above a number, oldest first. */
  eventsAfter(seq: number, limit: number): readonly LedgerRow[] {
    // Asked after each append, and nearly always at the end.
    return seq >= this.#end.seq ? [] : this.#file.ledger.reader.after(seq, limit);
  }

  /** The chain head at a number of this epoch, hexadecimal, or `null` where there is no such event. */
  headAt(seq: number): string | null {
    return this.#file.ledger.reader.headAt(seq);
  }

  /** Whether a charge of this stay was told under this epoch. */
  isCharged(stay: string): boolean {
    return this.#file.ledger.reader.isCharged(stay);
  }

  /**
   * Takes a receipt into account. Older ones change nothing.
   *
   * @param signed the receipt as the cloud signed it, kept for whoever verifies the journal, and when, epoch milliseconds
   * @returns `false` when the cloud's chain head is not ours: the two ledgers disagree
   */
  acceptCustody(seq: number, head: string, signed?: SignedReceipt): boolean {
    if (seq < this.#custody.seq) return true;
    if (seq === this.#custody.seq) return head === this.#custody.head;
    if (this.headAt(seq) !== head) return false;
    this.write(() => {
      this.#setMeta('custodySeq', String(seq));
      this.#setMeta('custodyHead', head);
      if (signed === undefined) return;
      this.#setMeta('receipt', signed.token);
      // Not by the writer: that a stay was received changes nothing of the visit.
      this.#file.stays.writer.putReceived(this.epoch, seq, signed.atMs);
    });
    this.#custody = { seq, head };
    return true;
  }

  /**
   * Takes the cloud's word that it holds less than it did. Events up to there count as received, and no others.
   *
   * @param place in this epoch, below `custody.seq`
   * @param tell what is written with it
   */
  returnCustody({ seq, head }: Custody, receipt: string, tell: (writer: JournalWriter) => void): void {
    this.write((writer) => {
      this.#setMeta('custodySeq', String(seq));
      this.#setMeta('custodyHead', head ?? '');
      this.#setMeta('receipt', receipt);
      tell(writer);
    });
    this.#custody = { seq, head };
  }

  /** The id of a grant's newest lease. A grant that was taken over keeps those of the journal that gave it. */
  leaseId({ id, leases }: Pick<StoredDecision, 'id' | 'leases'>): number {
    const { base, upTo } = this.#inheritedLeases;
    return leaseIdOf(id <= upTo ? base : this.leaseBase, id, leases - 1);
  }

  /**
   * The cloud has events of an earlier epoch. `false` when it holds others than were carried, or more than there ever were.
   *
   * @param isSent all of them were sent on this connection: before that nothing leaves on a head that cannot be compared
   */
  releaseCarried(
    { epoch, seq, head, iat }: Pick<ReceiptClaims, 'epoch' | 'seq' | 'head' | 'iat'>,
    isSent = true,
  ): boolean {
    const first = this.carried.first();
    if (first?.epoch !== epoch || seq < first.seq) return true;
    if (seq > (lastNumberOf(this, epoch) ?? Infinity)) return false;
    if (!isSent && !this.carried.has(epoch, seq)) return true;
    return this.write(({ carried, stays }) => {
      if (!carried.received(epoch, seq, head)) return false;
      stays.putReceived(epoch, seq, iat * SECOND_MS);
      return true;
    });
  }

  /** Whether no presentation can be remembered any more, so that none may be let in by. */
  get isReplayStoreFull(): boolean {
    return this.presentations.count() >= (this.#options.presentationsMax ?? PRESENTATIONS_MAX);
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
      const isThere = this.#end.seq === 0 || file.ledger.reader.headAt(this.#end.seq) === this.head;
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
    this.#end = file.ledger.reader.end(this.epoch);
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
    return this.#file.facts.reader.get(key);
  }

  #setMeta(key: string, value: string): void {
    this.#file.facts.writer.put(key, value);
  }
}
