import type Database from 'better-sqlite3';
import { chainGenesis, chainNext } from '../../../shared/chain.ts';
import { sha256 } from '../../../gateway/journal/sha256.ts';

interface Row {
  seq: number;
  body: string;
  head: Buffer;
}

/** What somebody did to a ledger, and where. */
export interface Mutation {
  readonly kind: string;
  /** The first row that is not what it was. */
  readonly seq: number;
  /** Whether the hashes were left as they were, so that the very row is named. */
  readonly exact: boolean;
  readonly apply: (db: Database.Database) => void;
}

const rowsOf = (db: Database.Database): Row[] =>
  db.prepare<[], Row>('SELECT seq, body, head FROM events ORDER BY seq').all();

function replace(db: Database.Database, rows: readonly Row[]): void {
  db.exec('DELETE FROM events');
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?)');
  for (const { seq, body, head } of rows) insert.run(seq, body, head);
}

/** Chains the rows from a number on as if they had always been so: the work of somebody who knows how. */
function chained(db: Database.Database, rows: readonly Row[], fromSeq: number): Row[] {
  const { value: epoch } = db
    .prepare<[], { value: string }>(`SELECT value FROM meta WHERE key = 'epoch'`)
    .get() ?? {
    value: '',
  };
  let head: Uint8Array = chainGenesis(sha256, epoch);
  return rows.map((row) => {
    head = row.seq < fromSeq ? row.head : chainNext(sha256, head, row.body);
    return { ...row, head: Buffer.from(head) };
  });
}

/** Takes away the signatures and the receipt that would tell. */
function strip(db: Database.Database, fromSeq: number): void {
  db.prepare('DELETE FROM checkpoints WHERE seq >= ?').run(fromSeq);
  db.exec(`DELETE FROM meta WHERE key IN ('custodySeq', 'custodyHead', 'receipt')`);
}

const altered = (body: string, random: () => number): string => {
  const at = Math.floor(random() * body.length);
  return `${body.slice(0, at)}${body[at] === 'x' ? 'y' : 'x'}${body.slice(at + 1)}`;
};

const renumbered = (rows: readonly Row[]): Row[] => rows.map((row, index) => ({ ...row, seq: index + 1 }));

type Maker = (
  seq: number,
  other: number,
  random: () => number,
) => Omit<Mutation, 'kind' | 'seq'> & { seq?: number };

const edit = (change: (rows: Row[], db: Database.Database) => readonly Row[]) => (db: Database.Database) => {
  replace(db, change(rowsOf(db), db));
};

/** Every way to lie that somebody with the file and without the key has. */
const MAKERS: Readonly<Record<string, Maker>> = {
  'change a body': (seq, _, random) => ({
    exact: true,
    apply: edit((rows) =>
      rows.map((row) => (row.seq === seq ? { ...row, body: altered(row.body, random) } : row)),
    ),
  }),
  'change a head': (seq) => ({
    exact: true,
    apply: edit((rows) => rows.map((row) => (row.seq === seq ? { ...row, head: sha256(row.head) } : row))),
  }),
  'change and chain all that follows': (seq, _, random) => ({
    exact: false,
    apply: edit((rows, db) =>
      chained(
        db,
        rows.map((row) => (row.seq === seq ? { ...row, body: altered(row.body, random) } : row)),
        seq,
      ),
    ),
  }),
  'delete a row': (seq) => ({ exact: true, apply: edit((rows) => rows.filter((row) => row.seq !== seq)) }),
  'delete a row and close the gap': (seq) => ({
    exact: false,
    apply: edit((rows, db) => chained(db, renumbered(rows.filter((row) => row.seq !== seq)), seq)),
  }),
  'swap two bodies': (seq, other) => ({
    exact: true,
    apply: edit((rows) => swapped(rows, seq, other)),
  }),
  'swap two bodies and chain all that follows': (seq, other) => ({
    exact: false,
    apply: edit((rows, db) => chained(db, swapped(rows, seq, other), seq)),
  }),
  'cut the end off': (seq) => ({ exact: true, apply: edit((rows) => rows.filter((row) => row.seq < seq)) }),
  'cut the end off with its signatures': (seq) => ({
    exact: true,
    apply(db) {
      replace(
        db,
        rowsOf(db).filter((row) => row.seq < seq),
      );
      strip(db, seq);
    },
  }),
  'insert a row': (seq) => ({
    exact: false,
    apply: edit((rows, db) =>
      chained(db, renumbered(rows.flatMap((row) => (row.seq === seq ? [{ ...row }, row] : [row]))), seq + 1),
    ),
    seq: seq + 1,
  }),
  'fork: another history from a row on, without its signatures': (seq, _, random) => ({
    exact: false,
    apply(db) {
      const rows = rowsOf(db).map((row) =>
        row.seq >= seq ? { ...row, body: altered(row.body, random) } : row,
      );
      replace(db, chained(db, rows, seq));
      strip(db, seq);
    },
  }),
};

function swapped(rows: readonly Row[], seq: number, other: number): Row[] {
  const a = rows[seq - 1];
  const b = rows[other - 1];
  if (a === undefined || b === undefined) return [...rows];
  return rows.map((row) =>
    row.seq === seq ? { ...row, body: b.body } : row.seq === other ? { ...row, body: a.body } : row,
  );
}

/** A random lie at a row between 1 and `receivedSeq`. */
export function randomMutation(receivedSeq: number, random: () => number): Mutation {
  const kinds = Object.keys(MAKERS);
  const kind = kinds[Math.floor(random() * kinds.length)] ?? '';
  const first = 1 + Math.floor(random() * (receivedSeq - 1));
  const second = first + 1 + Math.floor(random() * (receivedSeq - first));
  const made = MAKERS[kind]?.(first, second, random);
  if (made === undefined) throw new Error(kind);
  return { seq: first, ...made, kind };
}

export const MUTATION_KINDS = Object.keys(MAKERS);
