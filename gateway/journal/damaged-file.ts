import type Database from 'better-sqlite3';
import { sqliteCode } from './fault.ts';

/** What can be read of a table. */
export interface Readable<T> {
  readonly rows: readonly T[];
  /** Whether they are all that there are. */
  readonly isWhole: boolean;
}

/**
 * The rows of a table: where a page is bad, those before it, and those behind it from the end.
 *
 * @param above for a table whose first column is a number: only rows above it, and nothing behind a bad page
 */
export function readable<T>(db: Database.Database, table: string, above?: number): Readable<T> {
  const rows: T[] = [];
  const read = (clause: string) =>
    quietly(() => {
      for (const row of db.prepare<[], T>(`SELECT * FROM ${table} ${clause}`).iterate()) rows.push(row);
      return true;
    });
  const isWhole = read(above === undefined ? 'ORDER BY 1' : `WHERE seq > ${above} ORDER BY seq`) === true;
  if (!isWhole && above === undefined) read('ORDER BY 1 DESC');
  return { rows, isWhole };
}

/** What a journal knows of itself, as far as it can be read. */
export function factsOf(db: Database.Database): Map<string, string> {
  const { rows } = readable<{ key: string; value: string }>(db, 'meta');
  return new Map(rows.map(({ key, value }) => [key, value]));
}

/** What a read gives; `undefined` where SQLite cannot read it. */
export function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (sqliteCode(error) === null) throw error;
    return undefined;
  }
}
