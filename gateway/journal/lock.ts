import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import * as z from 'zod';
import { formatInstant } from '../../shared/time.ts';
import { sqliteCode } from './fault.ts';
import { Sqlite } from './sqlite.ts';

/** Two that come at the same instant keep each other off for a moment; then one of them is first. */
const WAIT_MS = 500;

const holderSchema = z.object({ pid: z.int().positive(), since: z.string().max(64) });
type Holder = z.infer<typeof holderSchema>;

/** Somebody else has the journal. The message names the file and, where it is known, the process. */
export class JournalInUse extends Error {
  override readonly name = 'JournalInUse';

  constructor(journal: string, holder: Holder | null) {
    const who = holder === null ? 'another process' : `process ${holder.pid} since ${holder.since}`;
    super(`${journal}: in use by ${who}; stop it first`);
  }
}

/** Kept here, so that no lock ends because nobody looks at it any more. */
const held = new Set<Database.Database>();

/** A journal of one's own. */
export interface JournalLock {
  /** Gives it back. The end of the process does as well, however it ends. */
  release(): void;
}

/**
 * Takes a journal for this process alone: before anything of it is written, and before it is looked at for damage. It is
 * read, and copied by `journal backup`, without it.
 *
 * The lock is SQLite's own, an exclusive transaction that stays open on an empty file beside the journal (`….lock`): the
 * kernel lets go of it with the process, so that a kill leaves nothing behind, and it takes no room on a full disk. That
 * file is never opened by other means: POSIX drops a process's locks on a file as soon as the process closes it once.
 * Who has it stands in another file (`….holder`), which is believed only while the lock is held.
 *
 * @param path the journal's file, there or not yet
 * @throws JournalInUse where another has it, in this process or in any of the machine
 * @throws Error naming the lock's file where it cannot be made or locked: then the journal could not be written either
 */
export function lockJournal(path: string): JournalLock {
  mkdirSync(dirname(path), { recursive: true });
  const real = existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
  const [lockFile, holderFile] = [`${real}.lock`, `${real}.holder`];
  let db: Database.Database | null = null;
  try {
    db = new Sqlite(lockFile, { timeout: WAIT_MS });
    // In memory: or SQLite would lay a further file beside this one.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    // Where it may only read the file, SQLite begins without a lock and says nothing before a write. Nothing of it is kept.
    db.exec('PRAGMA user_version = 1');
  } catch (error) {
    db?.close();
    const code = sqliteCode(error);
    if (code === null) throw error;
    if (/^SQLITE_BUSY/.test(code)) throw new JournalInUse(path, holderOf(holderFile));
    throw new Error(`${lockFile}: cannot be locked (${code})`, { cause: error });
  }
  tellHolder(holderFile);
  const taken = db;
  held.add(taken);
  return {
    release: () => {
      if (!held.delete(taken)) return;
      forgetHolder(holderFile);
      taken.close();
    },
  };
}

function tellHolder(file: string): void {
  const holder: Holder = { pid: process.pid, since: formatInstant(Math.floor(Date.now() / 1000) * 1000) };
  try {
    writeFileSync(file, `${JSON.stringify(holder)}\n`);
  } catch {
    // A full disk: the lock holds all the same, and the next one is told less.
  }
}

function forgetHolder(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The disk has become read-only: what the file says is not believed without the lock.
  }
}

/** `null` where it is not told, or by one who is dead: then the new holder has not told yet. */
function holderOf(file: string): Holder | null {
  try {
    const holder = holderSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return isAlive(holder.pid) ? holder : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
