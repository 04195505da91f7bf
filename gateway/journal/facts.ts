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

/** The facts of a journal: few, asked for all the time, and put by nobody else, so that they are read once. */
export interface FactStore extends Store<FactReader, FactWriter> {
  /** To be called when a transaction was rolled back: what it had put is not there. */
  forget(): void;
}

/** Prepares the statements on facts once. */
export function prepareFacts(db: Database.Database): FactStore {
  const all = db.prepare<[], { key: string; value: string }>('SELECT key, value FROM meta');
  const put = db.prepare<[string, string]>(
    'INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  let read: Map<string, string> | null = null;
  const known = () => (read ??= new Map(all.all().map(({ key, value }) => [key, value])));
  return {
    reader: { get: (name) => known().get(name) ?? null },
    writer: {
      put(name, value) {
        put.run(name, value);
        known().set(name, value);
      },
    },
    forget: () => {
      read = null;
    },
  };
}
