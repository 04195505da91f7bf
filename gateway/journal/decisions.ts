import type Database from 'better-sqlite3';
import type { Member } from '../../shared/contract/member.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import type { GrantState } from '../access/grant.ts';
import type { Answer } from '../access/record.ts';
import type { RefusedExit } from '../access/settle.ts';
import type { Store } from './store.ts';

/** A decision as it was committed. A granted one is the grant. */
export interface StoredDecision {
  readonly id: number;
  readonly atMs: number;
  readonly door: string;
  readonly side: Side;
  /** `null`: an operator's unlock, and no member's. */
  readonly iss: string | null;
  readonly sub: string;
  readonly answer: Answer;
  readonly stay: string | null;
  /** `null` for a denial, and for a check-out at an entrance: no door is released. */
  readonly state: GrantState | null;
  /** Leases used so far. */
  readonly leases: number;
}

/** The decisions of a venue, as they are on disk. */
export interface DecisionReader {
  get(id: number): StoredDecision | null;
  /** The newest decision on this member at this side of this door since an instant. */
  recent(member: Member, door: string, side: Side, sinceMs: number): StoredDecision | null;
  /** When the last decision on a credential was made, epoch milliseconds; `null` where there was none. */
  lastMs(): number | null;
  /** Whether a door was released for this stay by another grant than this one, or still may be. */
  hasOtherGrant(stay: string, grant: number): boolean;
  /** Whether a stay hangs: no door was released for it yet, and one still may be. */
  isUndecided(stay: string): boolean;
  /** Whether a door was released for a stay, and none was seen to open. */
  isUnopened(stay: string): boolean;
  /** Whether a door was released for a stay from the outside since an instant, or still may be. */
  hasEntered(stay: string, sinceMs: number): boolean;
  /** Whether a member was granted the way out of a stay. */
  hasScannedOut(stay: string): boolean;
  /** Whether this member was turned away since an instant, and until another, for a fault of our equipment. */
  wasTurnedAway(member: Member, sinceMs: number, untilMs: number): boolean;
  /** The last time that this member was refused at an exit for want of a stay, between two instants. */
  refusedExit(member: Member, sinceMs: number, untilMs: number): RefusedExit | null;
  /** Grants whose door has not answered yet, oldest first. */
  unfinished(): readonly StoredDecision[];
}

/** Writes decisions, within a transaction of the journal. */
export interface DecisionWriter {
  /** The number that the next decision will have. */
  nextId(): number;
  insert(decision: Omit<StoredDecision, 'leases'>): void;
  setGrant(id: number, state: GrantState, leases: number): void;
  /** Those before an instant, but what is still needed: the newest, grants that wait, and those of open stays. */
  removeBefore(beforeMs: number): void;
}

interface DecisionRow {
  id: number;
  at_ms: number;
  door: string;
  side: Side;
  iss: string | null;
  sub: string;
  answer: string;
  stay: string | null;
  state: GrantState | null;
  leases: number;
}

/** Prepares the statements on decisions once. */
export function prepareDecisions(db: Database.Database): Store<DecisionReader, DecisionWriter> {
  return { reader: readerOf(db), writer: writerOf(db) };
}

function readerOf(db: Database.Database): DecisionReader {
  const get = db.prepare<[number], DecisionRow>('SELECT * FROM decisions WHERE id = ?');
  const last = db.prepare<[], { at_ms: number }>('SELECT at_ms FROM decisions ORDER BY id DESC LIMIT 1');
  const recent = db.prepare<[string, string, string, string, number], DecisionRow>(
    'SELECT * FROM decisions WHERE iss = ? AND sub = ? AND door = ? AND side = ? AND at_ms > ? ORDER BY id DESC LIMIT 1',
  );
  const otherGrant = db.prepare<[string, number], { id: number }>(
    `SELECT id FROM decisions WHERE stay = ? AND id <> ?
       AND state IN ('pending', 'released', 'taken', 'not-opened') LIMIT 1`,
  );
  const undecided = db.prepare<[string, string], { id: number }>(
    `SELECT id FROM decisions WHERE state IN ('pending', 'released') AND state = 'pending' AND stay = ? AND NOT EXISTS (
       SELECT 1 FROM decisions WHERE stay = ? AND state IN ('released', 'taken', 'not-opened')) LIMIT 1`,
  );
  const opened = db.prepare<[string], { unopened: number; opened: number }>(
    `SELECT count(*) FILTER (WHERE state = 'not-opened') AS unopened,
       count(*) FILTER (WHERE state IN ('pending', 'released', 'taken')) AS opened
     FROM decisions WHERE stay = ? AND side = 'entry'`,
  );
  const entered = db.prepare<[string, number], { id: number }>(
    `SELECT id FROM decisions WHERE stay = ? AND at_ms >= ? AND side = 'entry'
       AND state IN ('pending', 'released', 'taken', 'not-opened') LIMIT 1`,
  );
  const scannedOut = db.prepare<[string], { id: number }>(
    `SELECT id FROM decisions WHERE stay = ? AND side = 'exit' LIMIT 1`,
  );
  const unfinished = db.prepare<[], DecisionRow>(
    "SELECT * FROM decisions WHERE state IN ('pending', 'released') ORDER BY id",
  );
  const turnedAway = db.prepare<[string, string, number, number], { id: number }>(
    `SELECT id FROM decisions WHERE iss = ? AND sub = ? AND at_ms BETWEEN ? AND ? AND (state = 'pulse-failed' OR
       (state IS NULL AND answer ->> '$.reason' IN ('door-offline', 'storage-degraded'))) LIMIT 1`,
  );
  const refusedExit = db.prepare<[string, string, number, number], { door: string; atMs: number }>(
    `SELECT door, at_ms AS atMs FROM decisions WHERE iss = ? AND sub = ? AND at_ms BETWEEN ? AND ? AND side = 'exit'
       AND state IS NULL AND answer ->> '$.reason' = 'no-open-stay' ORDER BY at_ms DESC LIMIT 1`,
  );
  return {
    get: (id) => decisionOf(get.get(id)),
    recent: ({ iss, sub }, door, side, sinceMs) => decisionOf(recent.get(iss, sub, door, side, sinceMs)),
    lastMs: () => last.get()?.at_ms ?? null,
    hasOtherGrant: (stay, grant) => otherGrant.get(stay, grant) !== undefined,
    isUndecided: (stay) => undecided.get(stay, stay) !== undefined,
    isUnopened(stay) {
      const seen = opened.get(stay);
      return seen !== undefined && seen.unopened > 0 && seen.opened === 0;
    },
    hasEntered: (stay, sinceMs) => entered.get(stay, sinceMs) !== undefined,
    hasScannedOut: (stay) => scannedOut.get(stay) !== undefined,
    wasTurnedAway: ({ iss, sub }, sinceMs, untilMs) =>
      turnedAway.get(iss, sub, sinceMs, untilMs) !== undefined,
    refusedExit: ({ iss, sub }, sinceMs, untilMs) => refusedExit.get(iss, sub, sinceMs, untilMs) ?? null,
    unfinished: () => unfinished.all().map((row) => decisionOf(row)),
  };
}

function writerOf(db: Database.Database): DecisionWriter {
  const last = db.prepare<[], { id: number }>('SELECT id FROM decisions ORDER BY id DESC LIMIT 1');
  const insert = db.prepare<
    [number, number, string, string, string | null, string, string, string | null, string | null]
  >(
    'INSERT INTO decisions (id, at_ms, door, side, iss, sub, answer, stay, state, leases) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)',
  );
  const setGrant = db.prepare<[string, number, number]>(
    'UPDATE decisions SET state = ?, leases = ? WHERE id = ?',
  );
  // The newest stays, for the next one's number; so do those that wait for their door, and those of open stays.
  const removeBefore = db.prepare<[number]>(
    `DELETE FROM decisions WHERE at_ms < ? AND (state IS NULL OR state NOT IN ('pending', 'released'))
       AND id < (SELECT max(id) FROM decisions)
       AND id NOT IN (SELECT grant_id FROM stays WHERE state = 'open' AND grant_id IS NOT NULL)`,
  );
  return {
    nextId: () => (last.get()?.id ?? 0) + 1,
    insert({ id, atMs, door, side, iss, sub, answer, stay, state }) {
      insert.run(id, atMs, door, side, iss, sub, JSON.stringify(answer), stay, state);
    },
    setGrant(id, state, leases) {
      setGrant.run(state, leases, id);
    },
    removeBefore(beforeMs) {
      removeBefore.run(beforeMs);
    },
  };
}

function decisionOf(row: DecisionRow): StoredDecision;
function decisionOf(row: DecisionRow | undefined): StoredDecision | null;
function decisionOf(row: DecisionRow | undefined): StoredDecision | null {
  if (row === undefined) return null;
  const { at_ms: atMs, answer, ...same } = row;
  return { ...same, atMs, answer: JSON.parse(answer) as Answer };
}
