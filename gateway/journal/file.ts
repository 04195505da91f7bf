import type Database from 'better-sqlite3';
import { prepareAlarms } from './alarms.ts';
import { prepareCarried } from './carried.ts';
import { openDatabase } from './database.ts';
import { prepareDecisions } from './decisions.ts';
import { prepareDoorOrders } from './door-orders.ts';
import { prepareFacts } from './facts.ts';
import { sqliteCode } from './fault.ts';
import { prepareLedger } from './ledger.ts';
import { preparePresentations } from './presentations.ts';
import { prepareSignedHeads } from './signed-heads.ts';
import { prepareStays } from './stays.ts';
import { prepareSynced } from './synced.ts';
import { prepareUsedCommands } from './used-commands.ts';

/** The stores of a journal, each prepared once on its file. */
type Stores = ReturnType<typeof prepareStores>;

/** The open file with everything that is prepared on it. */
export interface JournalFile extends Stores {
  readonly db: Database.Database;
  /** Runs the work in one transaction that nobody else writes beside; it is on disk when this returns. */
  transact<T>(work: () => T): T;
}

/**
 * Opens the file, or makes it.
 *
 * @param fail what SQLite's error at a statement is thrown as, reads included: a page may be bad that was never written
 */
export function openFile(path: string, fail: (code: string, error: unknown) => Error): JournalFile {
  const opened = openDatabase(path);
  const db = guarded(opened, fail);
  // Made once: it costs as much as a statement.
  const transaction = opened.transaction((work: () => unknown) => work());
  return {
    db: opened,
    transact: <T>(work: () => T) => transaction.immediate(work) as T,
    ...prepareStores(db),
  };
}

function prepareStores(db: Database.Database) {
  const facts = prepareFacts(db);
  return {
    ledger: prepareLedger(db),
    decisions: prepareDecisions(db),
    presentations: preparePresentations(db),
    stays: prepareStays(db),
    synced: prepareSynced(db, facts),
    doorOrders: prepareDoorOrders(db),
    usedCommands: prepareUsedCommands(db),
    alarms: prepareAlarms(db),
    carried: prepareCarried(db),
    signedHeads: prepareSignedHeads(db),
    facts,
  };
}

/** A connection that has failed may fail at its end as well; nothing of it is needed any more. */
export function closeQuietly(db: Database.Database): void {
  try {
    db.close();
  } catch (error) {
    if (sqliteCode(error) === null) throw error;
  }
}

const GUARDED = ['get', 'all', 'run', 'iterate'] as const;

/**
 * Every statement that is prepared by the result is compiled when it is first run, for a start waits for none of them, and
 * throws its faults as `fail` has them.
 */
function guarded(db: Database.Database, fail: (code: string, error: unknown) => Error): Database.Database {
  const guard = Object.create(db) as Database.Database;
  guard.prepare = ((sql: string) => {
    let compiled: Database.Statement | null = null;
    const run =
      (verb: (typeof GUARDED)[number]) =>
      (...values: unknown[]): unknown => {
        try {
          compiled ??= db.prepare(sql);
          return compiled[verb](...values);
        } catch (error) {
          const code = sqliteCode(error);
          throw code === null ? error : fail(code, error);
        }
      };
    return Object.fromEntries(GUARDED.map((verb) => [verb, run(verb)]));
  }) as unknown as Database.Database['prepare'];
  return guard;
}
