import type Database from 'better-sqlite3';
import { Sqlite } from '../../gateway/journal/sqlite.ts';

/** A numbered event as it arrived. */
export interface ArrivedEvent {
  readonly venue: string;
  readonly epoch: string;
  readonly seq: number;
  readonly id: string;
  /** The exact bytes: the chain is computed over them. */
  readonly body: Buffer;
}

/** `conflict`: its place is taken by other bytes; the ledger forked, or somebody made an event up. */
export type Put = 'stored' | 'duplicate' | 'conflict';

/** Numbers that are missing before a higher one, `from` to `to`. */
export interface Gap {
  readonly venue: string;
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
}

/** A message that is no event of ours. */
export interface Rejected {
  readonly topic: string;
  readonly reason: string;
}

/** Longest piece of a rejected message that is kept, in bytes. */
const REJECTED_BYTES_MAX = 4096;

/** The common store of the consumers: every event by venue, epoch and number exactly once. */
export class EventStore {
  readonly #db: Database.Database;
  readonly #sql;

  /** @param path a file, or `:memory:` */
  constructor(path: string) {
    this.#db = new Sqlite(path);
    this.#db.pragma('journal_mode = WAL');
    // A receipt is a promise: what it names must survive a power cut.
    this.#db.pragma('synchronous = FULL');
    this.#db.exec(`
      CREATE TABLE IF NOT EXISTS events (
        venue TEXT NOT NULL,
        epoch TEXT NOT NULL,
        seq   INTEGER NOT NULL,
        id    TEXT NOT NULL UNIQUE,
        body  BLOB NOT NULL,
        PRIMARY KEY (venue, epoch, seq)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS custody (
        venue TEXT NOT NULL,
        epoch TEXT NOT NULL,
        seq   INTEGER NOT NULL,
        head  BLOB NOT NULL,
        PRIMARY KEY (venue, epoch)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS rejected (
        topic  TEXT NOT NULL,
        reason TEXT NOT NULL,
        body   BLOB NOT NULL
      ) STRICT;
    `);
    this.#sql = prepare(this.#db);
  }

  /** Runs the work in one transaction, on disk when it returns. */
  transaction(work: () => void): void {
    this.#db.transaction(work).immediate();
  }

  put({ venue, epoch, seq, id, body }: ArrivedEvent): Put {
    if (this.#sql.insert.run(venue, epoch, seq, id, body).changes === 1) return 'stored';
    const known = this.#sql.bodyAt.get(venue, epoch, seq);
    return known?.body.equals(body) === true ? 'duplicate' : 'conflict';
  }

  reject(topic: string, reason: string, body: Buffer): void {
    this.#sql.reject.run(topic, reason, body.subarray(0, REJECTED_BYTES_MAX));
  }

  rejected(): readonly Rejected[] {
    return this.#sql.rejected.all();
  }

  /** Events of one epoch above a number, in order, gaps included. */
  after(venue: string, epoch: string, seq: number): readonly ArrivedEvent[] {
    return this.#sql.after.all(venue, epoch, seq);
  }

  /**
   * Moves the custody of a ledger on as far as it has no gap, within the caller's transaction: however many consumers
   * share the store, each event is chained once.
   *
   * @param chain the head after an event, from the head before it and the event's bytes
   */
  advance(
    { venue, epoch }: Pick<ArrivedEvent, 'venue' | 'epoch'>,
    genesis: () => Uint8Array,
    chain: (head: Uint8Array, body: string) => Uint8Array,
  ): { readonly seq: number; readonly head: Uint8Array } {
    const known = this.#sql.custody.get(venue, epoch);
    let seq = known?.seq ?? 0;
    let head: Uint8Array = known?.head ?? genesis();
    for (const row of this.after(venue, epoch, seq)) {
      if (row.seq !== seq + 1) break;
      seq = row.seq;
      head = chain(head, row.body.toString('utf8'));
    }
    if (seq !== known?.seq) this.#sql.setCustody.run(venue, epoch, seq, head);
    return { seq, head };
  }

  /** How many events of one epoch are here. */
  count(venue: string, epoch: string): number {
    return this.#sql.count.get(venue, epoch) ?? 0;
  }

  /** Every epoch of every venue, oldest first: a ULID sorts by the time it was made. */
  ledgers(): readonly { readonly venue: string; readonly epoch: string }[] {
    return this.#sql.ledgers.all();
  }

  gaps(): readonly Gap[] {
    return this.#sql.gaps.all();
  }

  close(): void {
    this.#db.close();
  }
}

function prepare(db: Database.Database) {
  return {
    insert: db.prepare<[string, string, number, string, Buffer]>(
      'INSERT INTO events VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    bodyAt: db.prepare<[string, string, number], { body: Buffer }>(
      'SELECT body FROM events WHERE venue = ? AND epoch = ? AND seq = ?',
    ),
    after: db.prepare<[string, string, number], ArrivedEvent>(
      'SELECT * FROM events WHERE venue = ? AND epoch = ? AND seq > ? ORDER BY seq',
    ),
    custody: db.prepare<[string, string], { seq: number; head: Buffer }>(
      'SELECT seq, head FROM custody WHERE venue = ? AND epoch = ?',
    ),
    setCustody: db.prepare<[string, string, number, Uint8Array]>(
      'INSERT OR REPLACE INTO custody VALUES (?, ?, ?, ?)',
    ),
    count: db
      .prepare<[string, string], number>('SELECT count(*) FROM events WHERE venue = ? AND epoch = ?')
      .pluck(),
    ledgers: db.prepare<[], { venue: string; epoch: string }>(
      'SELECT DISTINCT venue, epoch FROM events ORDER BY venue, epoch',
    ),
    gaps: db.prepare<[], Gap>(
      `SELECT venue, epoch, before + 1 AS "from", seq - 1 AS "to" FROM (
         SELECT venue, epoch, seq, lag(seq, 1, 0) OVER (PARTITION BY venue, epoch ORDER BY seq) AS before FROM events
       ) WHERE seq > before + 1 ORDER BY venue, epoch, seq`,
    ),
    reject: db.prepare<[string, string, Buffer]>('INSERT INTO rejected VALUES (?, ?, ?)'),
    rejected: db.prepare<[], Rejected>('SELECT topic, reason FROM rejected ORDER BY rowid'),
  };
}
