import type Database from 'better-sqlite3';
import { sqliteCode } from './fault.ts';

/**
 * The rows of a table: where a page is bad, those before it, and those behind it from the end.
 *
 * @param above for a table whose first column is a number: only rows above it, and nothing behind a bad page
 */
export function readable<T>(db: Database.Database, table: string, above?: number): T[] {
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

/** What a journal knows of itself, as far as it can be read. */
export function factsOf(db: Database.Database): Map<string, string> {
  return new Map(readable<{ key: string; value: string }>(db, 'meta').map(({ key, value }) => [key, value]));
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
