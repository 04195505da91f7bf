import type Database from 'better-sqlite3';
import type { Side } from '../../shared/contract/primitives.ts';
import type { GrantState } from '../access/grant.ts';

/** One event of the ledger, as published. */
export interface LedgerRow {
  readonly seq: number;
  readonly body: string;
}

/** A row of `decisions`. */
export interface DecisionRow {
  id: number;
  at_ms: number;
  door: string;
  side: Side;
  sub: string;
  answer: string;
  stay: string | null;
  state: GrantState | null;
  leases: number;
}

/** A signed head of the ledger. */
export interface StoredCheckpoint {
  readonly seq: number;
  readonly atMs: number;
  /** The checkpoint as it is published: a compact JWS. */
  readonly token: string;
}

/** Every statement of the journal but those on stays, prepared once. */
export function prepareStatements(db: Database.Database) {
  return {
    meta: db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?'),
    setMeta: db.prepare<[string, string]>(
      'INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    ),
    lastEvent: db.prepare<[], { seq: number; head: Buffer }>(
      'SELECT seq, head FROM events ORDER BY seq DESC LIMIT 1',
    ),
    insertEvent: db.prepare<[number, string, Uint8Array]>('INSERT INTO events VALUES (?, ?, ?)'),
    eventsAfter: db.prepare<[number, number], { seq: number; body: string }>(
      'SELECT seq, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?',
    ),
    headAt: db.prepare<[number], { head: Buffer }>('SELECT head FROM events WHERE seq = ?'),
    newestCheckpoint: db.prepare<[], StoredCheckpoint>(
      'SELECT seq, at_ms AS atMs, token FROM checkpoints ORDER BY seq DESC LIMIT 1',
    ),
    insertCheckpoint: db.prepare<[number, number, string]>(
      'INSERT INTO checkpoints VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    lastDecision: db.prepare<[], { id: number; at_ms: number }>(
      'SELECT id, at_ms FROM decisions ORDER BY id DESC LIMIT 1',
    ),
    decision: db.prepare<[number], DecisionRow>('SELECT * FROM decisions WHERE id = ?'),
    insertDecision: db.prepare<
      [number, number, string, string, string, string, string | null, string | null]
    >(
      'INSERT INTO decisions (id, at_ms, door, side, sub, answer, stay, state, leases) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)',
    ),
    setGrant: db.prepare<[string, number, number]>('UPDATE decisions SET state = ?, leases = ? WHERE id = ?'),
    recentDecision: db.prepare<[string, string, string, number], DecisionRow>(
      'SELECT * FROM decisions WHERE sub = ? AND door = ? AND side = ? AND at_ms > ? ORDER BY id DESC LIMIT 1',
    ),
    otherGrant: db.prepare<[string, number], { id: number }>(
      `SELECT id FROM decisions WHERE stay = ? AND id <> ?
         AND state IN ('pending', 'released', 'taken', 'not-opened') LIMIT 1`,
    ),
    unfinished: db.prepare<[], DecisionRow>(
      "SELECT * FROM decisions WHERE state IN ('pending', 'released') ORDER BY id",
    ),
    turnedAway: db.prepare<[string, number, number], { id: number }>(
      `SELECT id FROM decisions WHERE sub = ? AND at_ms BETWEEN ? AND ? AND (state = 'pulse-failed' OR
         (state IS NULL AND answer ->> '$.reason' IN ('door-offline', 'storage-degraded'))) LIMIT 1`,
    ),
    refusedExit: db.prepare<[string, number, number], { door: string; at_ms: number }>(
      `SELECT door, at_ms FROM decisions WHERE sub = ? AND at_ms BETWEEN ? AND ? AND side = 'exit' AND state IS NULL
         AND answer ->> '$.reason' = 'no-open-stay' ORDER BY at_ms DESC LIMIT 1`,
    ),
    useCommand: db.prepare<[string, number]>('INSERT INTO commands VALUES (?, ?) ON CONFLICT DO NOTHING'),
    forgetCommands: db.prepare<[number]>('DELETE FROM commands WHERE expires_ms < ?'),
    presentation: db.prepare<[string], { door: string; side: Side; at_ms: number; expires_ms: number }>(
      'SELECT door, side, at_ms, expires_ms FROM presentations WHERE identity = ?',
    ),
    insertPresentation: db.prepare<[string, string, string, number, number]>(
      'INSERT INTO presentations VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    countPresentations: db.prepare<[], { count: number }>('SELECT count(*) AS count FROM presentations'),
    removableTo: db.prepare<[number, number, number], { seq: number }>(
      `SELECT seq FROM checkpoints WHERE at_ms < ? AND seq <= ? AND seq < ? + (SELECT min(seq) FROM events)
         ORDER BY seq DESC LIMIT 1`,
    ),
    removeEvents: db.prepare<[number]>('DELETE FROM events WHERE seq <= ?'),
    removeCheckpoints: db.prepare<[number]>('DELETE FROM checkpoints WHERE seq <= ?'),
    // The newest stays, for the next one's number; so do those that wait for their door, and those of open stays.
    removeDecisions: db.prepare<[number]>(
      `DELETE FROM decisions WHERE at_ms < ? AND (state IS NULL OR state NOT IN ('pending', 'released'))
         AND id < (SELECT max(id) FROM decisions)
         AND id NOT IN (SELECT grant_id FROM stays WHERE state = 'open' AND grant_id IS NOT NULL)`,
    ),
    removeStays: db.prepare<[number]>("DELETE FROM stays WHERE state <> 'open' AND began_ms < ?"),
    forgetPresentations: db.prepare<[number]>('DELETE FROM presentations WHERE expires_ms < ?'),
  };
}
