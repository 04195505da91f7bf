import type Database from 'better-sqlite3';
import type { Store } from './store.ts';

/** What parts of the gateway know, each under a name of its own. */
export interface FactReader {
  /** What was kept under a name, or `null`. */
  get(name: string): string | null;
}

/** Keeps facts, within a transaction of the journal. */
export interface FactWriter {
  /** Takes the place of what was kept under this name. */
  put(name: string, value: string): void;
}

/** Prepares the statements on facts once. */
export function prepareFacts(db: Database.Database): Store<FactReader, FactWriter> {
  const get = db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?');
  const put = db.prepare<[string, string]>(
    'INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  return {
    reader: { get: (name) => get.get(name)?.value ?? null },
    writer: {
      put(name, value) {
        put.run(name, value);
      },
    },
  };
}
