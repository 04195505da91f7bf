import type Database from 'better-sqlite3';
import { chainGenesis, chainNext } from '../../shared/chain.ts';
import { sha256 } from './sha256.ts';
import type { Store } from './store.ts';

/** One event of the ledger, as published. */
export interface LedgerRow {
  readonly seq: number;
  readonly body: string;
}

/** Where the ledger ends: the number of its newest event, 0 for an empty one, and the chain head there. */
export interface LedgerEnd {
  readonly seq: number;
  readonly head: Uint8Array;
}

/** The ledger of events: gapless, and hash-chained from its first row. */
export interface LedgerReader {
  /** Where it ends on disk. */
  end(epoch: string): LedgerEnd;
  /** Events above a number, oldest first. */
  after(seq: number, limit: number): readonly LedgerRow[];
  /** The chain head at a number, hexadecimal, or `null` where there is no such event. */
  headAt(seq: number): string | null;
  /** Whether a charge of this stay is told here. */
  isCharged(stay: string): boolean;
}

/** Writes the ledger, within a transaction of the journal. */
export interface LedgerWriter {
  /** Chains the event to the end, and answers with the new one. */
  append(end: LedgerEnd, body: string): LedgerEnd;
  /** Removes the oldest rows, and says how many went. */
  removeTo(seq: number): number;
}

/** Prepares the statements on the ledger once. */
export function prepareLedger(db: Database.Database): Store<LedgerReader, LedgerWriter> {
  const last = db.prepare<[], LedgerEnd>('SELECT seq, head FROM events ORDER BY seq DESC LIMIT 1');
  const insert = db.prepare<[number, string, Uint8Array]>('INSERT INTO events VALUES (?, ?, ?)');
  const after = db.prepare<[number, number], LedgerRow>(
    'SELECT seq, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?',
  );
  const headAt = db.prepare<[number], { head: Buffer }>('SELECT head FROM events WHERE seq = ?');
  const charged = db.prepare<[string], { seq: number }>(
    `SELECT seq FROM events WHERE body ->> '$.subject' = ? AND body ->> '$.type' GLOB 'genkan.charge.*' LIMIT 1`,
  );
  const removeTo = db.prepare<[number]>('DELETE FROM events WHERE seq <= ?');
  const reader: LedgerReader = {
    end: (epoch) => last.get() ?? { seq: 0, head: chainGenesis(sha256, epoch) },
    after: (seq, limit) => after.all(seq, limit),
    headAt: (seq) => headAt.get(seq)?.head.toString('hex') ?? null,
    isCharged: (stay) => charged.get(stay) !== undefined,
  };
  const writer: LedgerWriter = {
    append(end, body) {
      const next = { seq: end.seq + 1, head: chainNext(sha256, end.head, body) };
      insert.run(next.seq, body, next.head);
      return next;
    },
    removeTo: (seq) => removeTo.run(seq).changes,
  };
  return { reader, writer };
}
