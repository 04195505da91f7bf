import type Database from 'better-sqlite3';
import type { Side } from '../../shared/contract/primitives.ts';
import type { Store } from './store.ts';

/**
 * Presentations that are remembered. Each stays until a day after it is refused for its age anyway; a busy venue has some
 * thousands. Full means that nobody new is let in, never that one is forgotten which could still be shown again.
 */
export const PRESENTATIONS_MAX = 100_000;

/** A credential that was decided on. */
export interface StoredPresentation {
  readonly identity: string;
  readonly door: string;
  readonly side: Side;
  readonly atMs: number;
  readonly expiresMs: number;
}

/** Single-use credentials that were shown, as they are on disk. */
export interface PresentationReader {
  get(identity: string): StoredPresentation | null;
  /** At most so many are remembered: one that was rolled back is counted until some are forgotten. */
  count(): number;
}

/** Remembers and forgets credentials, within a transaction of the journal. */
export interface PresentationWriter {
  /** `false` when the identity was there already. */
  insert(presentation: StoredPresentation): boolean;
  /** Those that expired before an instant. */
  forget(expiredBeforeMs: number): void;
}

/** Prepares the statements on presentations once. */
export function preparePresentations(db: Database.Database): Store<PresentationReader, PresentationWriter> {
  const get = db.prepare<[string], StoredPresentation>(
    'SELECT identity, door, side, at_ms AS atMs, expires_ms AS expiresMs FROM presentations WHERE identity = ?',
  );
  const insert = db.prepare<[string, string, string, number, number]>(
    'INSERT INTO presentations VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const count = db.prepare<[], { count: number }>('SELECT count(*) AS count FROM presentations');
  const forget = db.prepare<[number]>('DELETE FROM presentations WHERE expires_ms < ?');
  const counted = () => count.get()?.count ?? 0;
  // Asked at every scan: counting the rows would read the whole index.
  let remembered = counted();
  const reader: PresentationReader = {
    get: (identity) => get.get(identity) ?? null,
    count: () => remembered,
  };
  const writer: PresentationWriter = {
    insert({ identity, door, side, atMs, expiresMs }) {
      const { changes } = insert.run(identity, door, side, atMs, expiresMs);
      remembered += changes;
      return changes === 1;
    },
    forget(expiredBeforeMs) {
      forget.run(expiredBeforeMs);
      remembered = counted();
    },
  };
  return { reader, writer };
}
