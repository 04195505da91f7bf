import type Database from 'better-sqlite3';
import type { LedgerRow } from '../journal/ledger.ts';

/** What is looked for in the ledger; what is left out matches everything. */
export interface LedgerQuery {
  /** Events below this number, newest first. */
  readonly beforeSeq: number;
  /** Rows to return at most. */
  readonly limit: number;
  /** An event's name without prefix and version, or its first part (`door`). */
  readonly name?: string;
  readonly door?: string;
  /** A piece of text anywhere in the event: a member, a stay, a reservation. */
  readonly text?: string;
  /** RFC 3339 instants in the venue's zone: at or after, and before. */
  readonly from?: string;
  readonly to?: string;
}

/** A page of the ledger. */
export interface LedgerPage {
  readonly rows: readonly LedgerRow[];
  /** Where the next page begins; `null` at the ledger's beginning. */
  readonly nextBeforeSeq: number | null;
}

/** Rows that one page looks at, at most: other reads wait meanwhile. A page may be empty and have a next one. */
const LOOKED_AT_MAX = 10_000;

/** What is looked for in the ledger. */
export interface LedgerSearch {
  /** @param charactersMax the page ends with the event that passes it, however many rows are wanted. Default: none does */
  page(query: LedgerQuery, charactersMax?: number): LedgerPage;
  /** Events of one stay, oldest first, from an instant of its begin on. */
  ofStay(stay: string, grant: number | null, fromText: string): readonly LedgerRow[];
  /** Check-in and check-out of the visits that began since an instant, epoch milliseconds. */
  visitsSince(sinceMs: number): readonly { readonly inMs: number; readonly outMs: number | null }[];
}

/** Rows in which a stay's events are looked for: some weeks of a busy venue. */
const STAY_ROWS_MAX = 50_000;

/** Prepares the search of the ledger once. */
export function prepareSearch(db: Database.Database): LedgerSearch {
  const page = db.prepare<Record<string, string | number | null>, LedgerRow>(
    `SELECT seq, body FROM events WHERE seq < @before AND seq >= @floor
       AND (@name IS NULL OR body ->> '$.type' = 'genkan.' || @name || '.v1'
            OR substr(body ->> '$.type', 8, length(@name) + 1) = @name || '.')
       AND (@door IS NULL OR body ->> '$.data.door' = @door)
       AND (@text IS NULL OR instr(body, @text) > 0)
       AND (@from IS NULL OR body ->> '$.time' >= @from)
       AND (@to IS NULL OR body ->> '$.time' < @to)
     ORDER BY seq DESC LIMIT @limit`,
  );
  const timeAt = db.prepare<[number], { seq: number; time: string }>(
    `SELECT seq, body ->> '$.time' AS time FROM events WHERE seq >= ? ORDER BY seq LIMIT 1`,
  );
  const ends = db.prepare<[], { first: number | null; last: number | null }>(
    // Each by itself is one step in the index; both in one SELECT would walk through the table.
    'SELECT (SELECT min(seq) FROM events) AS first, (SELECT max(seq) FROM events) AS last',
  );
  const ofStay = db.prepare<[number, number, string, string], LedgerRow>(
    `SELECT seq, body FROM events WHERE seq BETWEEN ? AND ?
       AND (instr(body, ?) > 0 OR (body ->> '$.type' = 'genkan.door.opened.v1' AND instr(body, ?) > 0))
     ORDER BY seq`,
  );
  const visits = db.prepare<[number], { inMs: number; outMs: number | null }>(
    `SELECT check_in_ms AS inMs, check_out_ms AS outMs FROM stays
     WHERE check_in_ms >= ? AND state <> 'voided' ORDER BY check_in_ms`,
  );
  /** The first number whose event is not before an instant: the times rise with the numbers, but for a clock that was set. */
  const firstSince = (fromText: string): number => {
    const { first, last } = ends.get() ?? { first: null, last: null };
    let low = first ?? 1;
    let high = (last ?? 0) + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = timeAt.get(middle);
      if (row === undefined || row.time >= fromText) high = middle;
      else low = row.seq + 1;
    }
    return low;
  };
  return {
    page: (
      { beforeSeq, limit, name = null, door = null, text = null, from = null, to = null },
      charactersMax = Infinity,
    ) => {
      const floor = Math.max(1, beforeSeq - LOOKED_AT_MAX);
      const rows: LedgerRow[] = [];
      let characters = 0;
      for (const row of page.iterate({ before: beforeSeq, floor, limit, name, door, text, from, to })) {
        rows.push(row);
        characters += row.body.length;
        if (characters >= charactersMax) break;
      }
      const last = rows.at(-1)?.seq;
      const isFull = rows.length === limit || characters >= charactersMax;
      const next = isFull && last !== undefined ? last : floor;
      return { rows, nextBeforeSeq: next <= (ends.get()?.first ?? 1) ? null : next };
    },
    ofStay: (stay, grant, fromText) => {
      const first = firstSince(fromText);
      return ofStay.all(first, first + STAY_ROWS_MAX, `"${stay}"`, `"grant":${String(grant)},`);
    },
    visitsSince: (sinceMs) => visits.all(sinceMs),
  };
}
