import { existsSync, renameSync, rmSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { chainGenesis } from '../../shared/chain.ts';
import { openDatabase } from './database.ts';
import { sqliteCode } from './fault.ts';
import { sha256 } from './sha256.ts';
import { Sqlite } from './sqlite.ts';

/** What a new journal is born with. */
export interface Birth {
  /** A ULID. */
  readonly epoch: string;
  /** A random base of lease ids, 1 to 2^31 − 1. */
  readonly leaseBase: number;
}

/** Numbers of an earlier epoch that nobody can send any more. */
export interface LostEvents {
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
}

/** What became of a journal that another one took over from. */
export interface Succession {
  /** Where the old file lies now. */
  readonly aside: string;
  /** `null` where the old file says nothing any more. */
  readonly previousEpoch: string | null;
  /** Rows that were taken over, the events that the cloud has not received among them. */
  readonly carriedRows: number;
  readonly carriedEvents: number;
  readonly lost: LostEvents | null;
}

/** Why a journal is not used, or `null` for one that is sound as far as it was looked at. */
export type JournalDefect = string | null;

/** What stands beside a database in WAL mode. */
const BESIDE = ['-wal', '-shm'] as const;

/** Tables whose rows a new journal takes over as they are. */
const TAKEN_OVER = [
  'decisions',
  'presentations',
  'stays',
  'reservations',
  'ticket_uses',
  'commands',
  'door_orders',
  'alarms',
] as const;

/** What a journal knows of itself: of no use to another one. */
const OWN_FACTS = new Set([
  'epoch',
  'leaseBase',
  'previousEpoch',
  'custodySeq',
  'custodyHead',
  'receipt',
  'anchor',
  'commits',
  'opened',
  'lost',
  'successor',
]);

/**
 * Looks at a journal before it is used: whether SQLite can read it, and whether the chain of what the cloud has still to
 * receive is whole. SQLite keeps no checksums; a bit that has tipped in a row is found by the chain alone. One that was
 * not closed, by a power cut or a crash, is looked at page by page, which takes a second for some hundred megabytes.
 *
 * @param isSuspect looks at every page in any case
 */
export function defectOf(path: string, isSuspect = false): JournalDefect {
  finishSuccession(path);
  if (!existsSync(path)) return null;
  let db: Database.Database | null = null;
  try {
    db = new Sqlite(path, { readonly: true });
    if (isSuspect || wasNotClosed(db)) {
      const [found] = db.pragma('quick_check(1)', { simple: false }) as { quick_check: string }[];
      if (found?.quick_check !== 'ok') return found?.quick_check ?? 'unreadable';
    }
    return chainDefect(db);
  } catch (error) {
    const code = sqliteCode(error);
    if (code === null) throw error;
    return isCorrupt(code) ? code : null;
  } finally {
    db?.close();
  }
}

function wasNotClosed(db: Database.Database): boolean {
  return db.pragma('user_version', { simple: true }) !== 0 && factsOf(db).get('opened') !== 'no';
}

/** Whether an error means that the file itself is bad, and no further attempt will mend it. */
export function isCorrupt(code: string): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(code);
}

function chainDefect(db: Database.Database): JournalDefect {
  if (db.pragma('user_version', { simple: true }) === 0) return null;
  const facts = factsOf(db);
  const epoch = facts.get('epoch');
  if (epoch === undefined) return null;
  const received = Number(facts.get('custodySeq') ?? 0);
  let seq = received;
  let head: Uint8Array =
    received === 0 ? chainGenesis(sha256, epoch) : Buffer.from(facts.get('custodyHead') ?? '', 'hex');
  const rows = db
    .prepare<[number], Row>(
      'SELECT seq, CAST(body AS BLOB) AS body, head FROM events WHERE seq > ? ORDER BY seq',
    )
    .iterate(received);
  for (const row of rows) {
    head = sha256(head, row.body);
    if (row.seq !== seq + 1 || !row.head.equals(head)) return `the chain of events is broken at ${seq + 1}`;
    seq = row.seq;
  }
  return null;
}

interface Row {
  readonly seq: number;
  readonly body: Buffer;
  readonly head: Buffer;
}

/**
 * Begins a new epoch in place of a journal that is not used any more: one that is corrupt, or a copy that is restored.
 * What can be read of the old one is taken over: visits, decisions, what the cloud told, credentials that were used, and
 * the events that the cloud has not received. The old file is kept beside, for whoever looks into what happened.
 *
 * @param path where the journal lies, and the new one will
 * @param from the file that is taken over; it is not changed
 * @param aside the name that a file at `path` gets; must not exist
 */
export function succeed({
  path,
  from,
  aside,
  birth,
}: {
  readonly path: string;
  readonly from: string;
  readonly aside: string;
  readonly birth: Birth;
}): Succession {
  const fresh = newNameOf(path);
  for (const end of ['', ...BESIDE]) rmSync(`${fresh}${end}`, { force: true });
  const db = openDatabase(fresh);
  const old = openOld(from);
  let taken;
  try {
    taken = db.transaction(() => takeOver(old, db, birth)).immediate();
    // All of it is in the file itself: what stands beside it does not move with it.
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    old?.close();
    db.close();
  }
  for (const end of ['', '-wal'])
    if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, `${aside}${end}`);
  rmSync(`${path}-shm`, { force: true });
  renameSync(fresh, path);
  return { aside, ...taken };
}

/** The name of a successor until the old file has made room for it. */
function newNameOf(path: string): string {
  return `${path}.new`;
}

/**
 * Ends a succession that the power was cut in: the old file had gone, and the new one was whole. What stood beside the
 * old one may be there still, and SQLite would write it into the new.
 */
function finishSuccession(path: string): void {
  if (existsSync(path) || !existsSync(newNameOf(path))) return;
  for (const end of BESIDE) rmSync(`${path}${end}`, { force: true });
  renameSync(newNameOf(path), path);
}

function openOld(path: string): Database.Database | null {
  try {
    return new Sqlite(path, { readonly: true, fileMustExist: true });
  } catch (error) {
    if (sqliteCode(error) === null) throw error;
    return null;
  }
}

function takeOver(old: Database.Database | null, to: Database.Database, { epoch, leaseBase }: Birth) {
  const facts = old === null ? new Map<string, string>() : factsOf(old);
  const setFact = to.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)');
  const previousEpoch = facts.get('epoch') ?? null;
  for (const [name, value] of facts) if (!OWN_FACTS.has(name)) setFact.run(name, value);
  setFact.run('epoch', epoch);
  setFact.run('successor', 'unseen');
  setFact.run('leaseBase', String(leaseBase));
  if (previousEpoch !== null) setFact.run('previousEpoch', previousEpoch);
  let carriedRows = 0;
  if (old !== null) for (const table of TAKEN_OVER) carriedRows += takeTable(old, to, table);
  const events = old === null || previousEpoch === null ? [] : unreceivedOf(old, facts);
  const carry = to.prepare('INSERT INTO carried VALUES (?, ?, ?, ?, ?)');
  const earlier = old === null ? [] : readable<CarriedRow>(old, 'carried');
  const all = [...earlier, ...events.map((row) => ({ ...row, epoch: previousEpoch ?? '' }))];
  all.forEach((row, index) => carry.run(index - all.length, row.epoch, row.seq, row.body, row.head));
  const lost = old === null || previousEpoch === null ? null : lostOf(old, facts, previousEpoch, events);
  if (lost !== null) setFact.run('lost', JSON.stringify(lost));
  return { previousEpoch, carriedRows, carriedEvents: all.length, lost };
}

interface CarriedRow extends Omit<Row, 'body'> {
  readonly epoch: string;
  readonly body: string;
}

/** Events that the cloud has not received, as far as they chain. */
function unreceivedOf(old: Database.Database, facts: ReadonlyMap<string, string>) {
  const received = Number(facts.get('custodySeq') ?? 0);
  let head: Uint8Array =
    received === 0
      ? chainGenesis(sha256, facts.get('epoch') ?? '')
      : Buffer.from(facts.get('custodyHead') ?? '', 'hex');
  const sound: { seq: number; body: string; head: Buffer }[] = [];
  for (const row of readable<Omit<CarriedRow, 'epoch'>>(old, 'events', received)) {
    head = sha256(head, Buffer.from(row.body));
    if (row.seq !== received + sound.length + 1 || !row.head.equals(head)) break;
    sound.push(row);
  }
  return sound;
}

/**
 * What lies between the last event that can be sent and the last one that is known to have been. A number is believed
 * only where its row says the same: a bad page holds any. Where nothing behind it can be read, the first is named alone.
 */
function lostOf(
  old: Database.Database,
  facts: ReadonlyMap<string, string>,
  epoch: string,
  sound: readonly { readonly seq: number }[],
): LostEvents | null {
  const from = (sound.at(-1)?.seq ?? Number(facts.get('custodySeq') ?? 0)) + 1;
  const events = lastOf(old, `SELECT seq, body AS text FROM events WHERE seq >= ${from}`, (body) =>
    Number((JSON.parse(body) as { sequence?: unknown }).sequence),
  );
  const checkpoints = lastOf(
    old,
    `SELECT seq, token AS text FROM checkpoints WHERE seq >= ${from}`,
    (token) =>
      Number(
        (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { seq?: unknown }).seq,
      ),
  );
  const to = Math.max(events.seq, checkpoints.seq, events.isWhole ? 0 : from);
  return to < from ? null : { epoch, from, to };
}

/** The highest number of a table that its own row bears out, and whether all of its rows can be read. */
function lastOf(old: Database.Database, sql: string, saidBy: (text: string) => number) {
  let seq = 0;
  const look = (order: 'ASC' | 'DESC') =>
    quietly(() => {
      const rows = old.prepare<[], { seq: number; text: unknown }>(`${sql} ORDER BY seq ${order}`).iterate();
      for (const row of rows) if (row.seq > seq && bearsOut(row, saidBy)) seq = row.seq;
      return true;
    }) === true;
  // From both ends: a bad page hides what is behind it.
  const isWhole = look('ASC');
  if (!isWhole) look('DESC');
  return { seq, isWhole };
}

function bearsOut({ seq, text }: { seq: number; text: unknown }, saidBy: (text: string) => number): boolean {
  try {
    return typeof text === 'string' && saidBy(text) === seq;
  } catch {
    // Bytes of a bad page are no JSON.
    return false;
  }
}

function takeTable(
  old: Database.Database,
  to: Database.Database,
  table: (typeof TAKEN_OVER)[number],
): number {
  let taken = 0;
  for (const row of readable<Record<string, unknown>>(old, table)) {
    const names = Object.keys(row);
    const sql = `INSERT OR IGNORE INTO ${table} (${names.join()}) VALUES (${names.map(() => '?').join()})`;
    taken += to.prepare(sql).run(...Object.values(row)).changes;
  }
  return taken;
}

/**
 * The rows of a table: where a page is bad, those before it, and those behind it from the end.
 *
 * @param above for a table whose first column is a number: only rows above it, and nothing behind a bad page
 */
function readable<T>(db: Database.Database, table: string, above?: number): T[] {
  const rows: T[] = [];
  const read = (clause: string) =>
    quietly(() => {
      for (const row of db.prepare<[], T>(`SELECT * FROM ${table} ${clause}`).iterate()) rows.push(row);
      return true;
    });
  if (above !== undefined) read(`WHERE seq > ${above} ORDER BY seq`);
  else if (read('ORDER BY 1') === undefined) read('ORDER BY 1 DESC');
  return rows;
}

function factsOf(db: Database.Database): Map<string, string> {
  return new Map(readable<{ key: string; value: string }>(db, 'meta').map(({ key, value }) => [key, value]));
}

/** `undefined` where SQLite cannot read it. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (sqliteCode(error) === null) throw error;
    return undefined;
  }
}
