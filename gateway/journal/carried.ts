import type Database from 'better-sqlite3';
import type { LedgerRow } from './ledger.ts';
import type { Store } from './store.ts';

/**
 * Events of an earlier epoch that the cloud has not received: this journal took them over from the one that it
 * replaced, and they are sent before its own until the cloud's receipt covers them. Their place is negative, so that in
 * one order they stand before the first number of this epoch.
 */
export interface CarriedReader {
  /** The epoch and number of the first one, or `null` where nothing is carried. */
  first(): { readonly epoch: string; readonly seq: number } | null;
  /** Place of the first one; 0 where nothing is carried. */
  firstPlace(): number;
  /** The epoch and number of what stands at a place, or `null` where nothing does. */
  at(place: number): { readonly epoch: string; readonly seq: number } | null;
  /** Whether that event is carried. */
  has(epoch: string, seq: number): boolean;
  /** Above a place, oldest first; `seq` is the place. */
  after(place: number, limit: number): readonly LedgerRow[];
}

/** Lets go of what is carried, within a transaction of the journal. */
export interface CarriedWriter {
  /**
   * The cloud has everything of that epoch up to a number.
   *
   * @param head the chain head there as the cloud computed it, hexadecimal
   * @returns `false` when it is another than was carried: then nothing is let go
   */
  received(epoch: string, seq: number, head: string): boolean;
}

/** Prepares the statements on what is carried once. */
export function prepareCarried(db: Database.Database): Store<CarriedReader, CarriedWriter> {
  const first = db.prepare<[], { place: number; epoch: string; seq: number }>(
    'SELECT place, epoch, seq FROM carried ORDER BY place LIMIT 1',
  );
  const at = db.prepare<[number], { epoch: string; seq: number }>(
    'SELECT epoch, seq FROM carried WHERE place = ?',
  );
  const after = db.prepare<[number, number], LedgerRow>(
    'SELECT place AS seq, body FROM carried WHERE place > ? ORDER BY place LIMIT ?',
  );
  const headAt = db.prepare<[string, number], { head: Buffer }>(
    'SELECT head FROM carried WHERE epoch = ? AND seq = ?',
  );
  const remove = db.prepare<[string, number]>('DELETE FROM carried WHERE epoch = ? AND seq <= ?');
  // Asked again and again, and nearly always empty; nothing is added to an open journal.
  let isEmpty = false;
  const reader: CarriedReader = {
    first() {
      if (isEmpty) return null;
      const row = first.get();
      isEmpty = row === undefined;
      return row === undefined ? null : { epoch: row.epoch, seq: row.seq };
    },
    firstPlace: () => first.get()?.place ?? 0,
    at: (place) => at.get(place) ?? null,
    has: (epoch, seq) => headAt.get(epoch, seq) !== undefined,
    after: (place, limit) => after.all(place, limit),
  };
  const writer: CarriedWriter = {
    received(epoch, seq, head) {
      const known = headAt.get(epoch, seq);
      if (known !== undefined && known.head.toString('hex') !== head) return false;
      remove.run(epoch, seq);
      return true;
    },
  };
  return { reader, writer };
}
