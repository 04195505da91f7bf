import type Database from 'better-sqlite3';
import type { Store } from './store.ts';

/** A signed head of the ledger. */
export interface SignedHead {
  readonly seq: number;
  readonly atMs: number;
  /** The checkpoint as it is published: a compact JWS. */
  readonly token: string;
}

/** The signed heads of the ledger, as they are on disk. */
export interface SignedHeadReader {
  /** `null` where none was signed yet. */
  newest(): SignedHead | null;
  /** The newest number that was signed before an instant, at most `to` and within the oldest `rows` of the ledger. */
  newestBefore(beforeMs: number, to: number, rows: number): number | null;
}

/** Writes signed heads, within a transaction of the journal. */
export interface SignedHeadWriter {
  put(head: SignedHead): void;
  removeTo(seq: number): void;
}

/** Prepares the statements on signed heads once. */
export function prepareSignedHeads(db: Database.Database): Store<SignedHeadReader, SignedHeadWriter> {
  const newest = db.prepare<[], SignedHead>(
    'SELECT seq, at_ms AS atMs, token FROM checkpoints ORDER BY seq DESC LIMIT 1',
  );
  const newestBefore = db.prepare<[number, number, number], { seq: number }>(
    `SELECT seq FROM checkpoints WHERE at_ms < ? AND seq <= ? AND seq < ? + (SELECT min(seq) FROM events)
       ORDER BY seq DESC LIMIT 1`,
  );
  const put = db.prepare<[number, number, string]>(
    'INSERT INTO checkpoints VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const removeTo = db.prepare<[number]>('DELETE FROM checkpoints WHERE seq <= ?');
  const reader: SignedHeadReader = {
    newest: () => newest.get() ?? null,
    newestBefore: (beforeMs, to, rows) => newestBefore.get(beforeMs, to, rows)?.seq ?? null,
  };
  const writer: SignedHeadWriter = {
    put({ seq, atMs, token }) {
      put.run(seq, atMs, token);
    },
    removeTo(seq) {
      removeTo.run(seq);
    },
  };
  return { reader, writer };
}
