import { existsSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { receivedPlace, walkChain } from './chain.ts';
import { factsOf } from './damaged-file.ts';
import { isCorrupt, sqliteCode } from './fault.ts';
import { Sqlite } from './sqlite.ts';
import { finishSuccession } from './successor.ts';

/** Why a journal is not used, or `null` for one that is sound as far as it was looked at. */
export type JournalDefect = string | null;

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

function chainDefect(db: Database.Database): JournalDefect {
  if (db.pragma('user_version', { simple: true }) === 0) return null;
  const facts = factsOf(db);
  if (!facts.has('epoch')) return null;
  const from = receivedPlace(facts);
  const rows = db
    .prepare<[number], { seq: number; body: Buffer; head: Buffer }>(
      'SELECT seq, CAST(body AS BLOB) AS body, head FROM events WHERE seq > ? ORDER BY seq',
    )
    .iterate(from.seq);
  for (const { seq, is } of walkChain(rows, from))
    if (is !== 'sound') return `the chain of events is broken at ${seq}`;
  return null;
}
