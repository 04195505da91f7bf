import type Database from 'better-sqlite3';
import { prepareAlarms } from './alarms.ts';
import { prepareCarried } from './carried.ts';
import { openDatabase } from './database.ts';
import { prepareDoorOrders } from './door-orders.ts';
import { sqliteCode } from './fault.ts';
import { prepareStatements } from './statements.ts';
import { prepareStays } from './stays.ts';
import { prepareSynced } from './synced.ts';

/** The open file with everything that is prepared on it. */
export interface JournalFile {
  readonly db: Database.Database;
  readonly sql: ReturnType<typeof prepareStatements>;
  readonly stays: ReturnType<typeof prepareStays>;
  readonly synced: ReturnType<typeof prepareSynced>;
  readonly doorOrders: ReturnType<typeof prepareDoorOrders>;
  readonly alarms: ReturnType<typeof prepareAlarms>;
  readonly carried: ReturnType<typeof prepareCarried>;
}

/**
 * Opens the file, or makes it.
 *
 * @param fail what SQLite's error at a statement is thrown as, reads included: a page may be bad that was never written
 */
export function openFile(path: string, fail: (code: string, error: unknown) => Error): JournalFile {
  const opened = openDatabase(path);
  const db = guarded(opened, fail);
  return {
    db: opened,
    sql: prepareStatements(db),
    stays: prepareStays(db),
    synced: prepareSynced(db),
    doorOrders: prepareDoorOrders(db),
    alarms: prepareAlarms(db),
    carried: prepareCarried(db),
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

/** Every statement that is prepared by the result throws its faults as `fail` has them. */
function guarded(db: Database.Database, fail: (code: string, error: unknown) => Error): Database.Database {
  const guard = Object.create(db) as Database.Database;
  guard.prepare = ((sql: string) => {
    const statement = db.prepare(sql);
    for (const verb of GUARDED) {
      const run = statement[verb].bind(statement) as (...values: readonly unknown[]) => unknown;
      Object.defineProperty(statement, verb, {
        value: (...values: readonly unknown[]) => {
          try {
            return run(...values);
          } catch (error) {
            const code = sqliteCode(error);
            throw code === null ? error : fail(code, error);
          }
        },
      });
    }
    return statement;
  }) as Database.Database['prepare'];
  return guard;
}
