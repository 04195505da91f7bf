import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { StorageFault } from '../gateway/journal/fault.ts';
import { Journal } from '../gateway/journal/journal.ts';
import { Sqlite } from '../gateway/journal/sqlite.ts';

/** The epoch of the tests' journals. */
export const EPOCH = '01JD0000000000000000000000';

/** Base of the tests' lease ids. */
export const LEASE_BASE = 1_000;

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'genkan-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a journal of the venue `shibuya-1`, new or as it was left. */
export function openJournal(path: string, options: { readonly presentationsMax?: number } = {}): Journal {
  return new Journal({
    ...options,
    path,
    venue: 'shibuya-1',
    gateway: 'gw-1',
    timeZone: 'Asia/Tokyo',
    birth: () => ({ epoch: EPOCH, leaseBase: LEASE_BASE }),
  });
}

/**
 * Opens a journal whose disk is nearly full: SQLite may not add a page to its file. The limit belongs to a
 * connection, so it is set when the journal prepares its first statement.
 */
export function openNearlyFull(path: string): Journal {
  openJournal(path).close();
  const original = Object.getOwnPropertyDescriptor(Sqlite.prototype, 'prepare');
  if (original === undefined) throw new Error('better-sqlite3 has no prepare');
  const restore = () => Object.defineProperty(Sqlite.prototype, 'prepare', original);
  Object.defineProperty(Sqlite.prototype, 'prepare', {
    ...original,
    value(this: Database.Database, sql: string): unknown {
      restore();
      this.pragma(`max_page_count = ${String(this.pragma('page_count', { simple: true }))}`);
      return this.prepare(sql);
    },
  });
  try {
    return openJournal(path);
  } finally {
    restore();
  }
}

/** Writes events of a door until the disk is full; gives the fault and the number of the last event that was kept. */
export function fillUp(journal: Journal): { fault: StorageFault; kept: number } {
  const data = { door: 'front', detail: 'x'.repeat(200) };
  for (let n = 0; n < 1_000; n += 1) {
    const kept = journal.lastSeq;
    try {
      journal.write((writer) =>
        writer.append({ name: 'door.lock-fault', subject: 'front', data }, 0, 'trusted'),
      );
    } catch (fault) {
      if (fault instanceof StorageFault) return { fault, kept };
      throw fault;
    }
  }
  throw new Error('the disk never filled up');
}
