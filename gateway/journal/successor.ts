import { existsSync, renameSync, rmSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { openDatabase } from './database.ts';
import { sqliteCode } from './fault.ts';
import { Sqlite } from './sqlite.ts';
import { takeOver, type Birth, type LostEvents } from './takeover.ts';

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

/** What stands beside a database in WAL mode. */
const BESIDE = ['-wal', '-shm'] as const;

/**
 * Begins a new epoch in place of a journal that is not used any more: one that is corrupt, or a copy that is restored.
 * What can be read of the old one is taken over: visits, decisions, what the cloud told, credentials that were used, and
 * the events that the cloud has not received. The old file is kept beside, for whoever looks into what happened.
 *
 * @param path where the journal lies, and the new one will
 * @param from the file that is taken over; it is not changed
 * @param aside the name that a file at `path` gets; must not exist
 * @param isCopy the file is a copy whose journal went on, so that the cloud may know of more. Default: it is not
 */
export function beginEpoch({
  path,
  from,
  aside,
  birth,
  isCopy = false,
}: {
  readonly path: string;
  readonly from: string;
  readonly aside: string;
  readonly birth: Birth;
  readonly isCopy?: boolean;
}): Succession {
  const fresh = newNameOf(path);
  for (const end of ['', ...BESIDE]) rmSync(`${fresh}${end}`, { force: true });
  const db = openDatabase(fresh);
  const old = openOld(from);
  let taken;
  try {
    taken = db.transaction(() => takeOver(old, db, { birth, isCopy })).immediate();
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
export function finishSuccession(path: string): void {
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
