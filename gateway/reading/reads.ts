import type Database from 'better-sqlite3';
import { csvHead, csvRow } from './csv.ts';
import { prepareSearch, type LedgerQuery } from './search.ts';
import { statisticsOf } from './statistics.ts';

/**
 * Characters of events that one page of an export holds: with the marks of CSV and in UTF-8 at most some 256 KiB, which
 * the loop of the doors passes on in a fraction of a millisecond.
 */
const EXPORT_CHARACTERS = 64 * 1024;

/** Events of one page of an export, at most. */
const EXPORT_ROWS = 500;

/** How an export is written. */
export type ExportFormat = 'csv' | 'json';

/** What is looked for, wherever it begins. */
export type LedgerFilter = Omit<LedgerQuery, 'beforeSeq' | 'limit'>;

/** What a read came to. */
export interface Answer {
  /** UTF-8, in memory of its own, so that it can be handed to another thread. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the next page begins; `null` where there is none. */
  readonly next: number | null;
}

/** The long reads of a journal, by name. Each is done in one go, and begins anew with every question. */
export interface Reads {
  /** `{"events":[…],"next":…}`, newest first. */
  readonly page: (query: LedgerQuery) => Answer;
  /** A page of lines, newest first; CSV begins with its head where it is the `first`. */
  readonly exported: (ask: {
    readonly filter: LedgerFilter;
    readonly format: ExportFormat;
    readonly beforeSeq: number;
    readonly first: boolean;
  }) => Answer;
  /** `[…]`: the events of a stay, oldest first. */
  readonly ofStay: (ask: {
    readonly stay: string;
    readonly grant: number | null;
    /** RFC 3339 in the venue's zone: when the stay began, or a little before. */
    readonly from: string;
  }) => Answer;
  /** `Statistics` as JSON. */
  readonly statistics: (ask: {
    readonly sinceMs: number;
    readonly nowMs: number;
    readonly days: number;
    readonly timeZone: string;
  }) => Answer;
}

/** Prepares the reads of the console once, on a connection that cannot write. */
export function prepareReads(db: Database.Database): Reads {
  const search = prepareSearch(db);
  return {
    page: (query) => {
      const { rows, nextBeforeSeq: next } = search.page(query);
      const events = rows.map(({ body }) => body).join(',');
      return answerOf(`{"events":[${events}],"next":${next ?? 'null'}}`, next);
    },
    exported: ({ filter, format, beforeSeq, first }) => {
      const query = { ...filter, beforeSeq, limit: EXPORT_ROWS };
      const { rows, nextBeforeSeq } = search.page(query, EXPORT_CHARACTERS);
      const isCsv = format === 'csv';
      const lines = rows.map(({ body }) => (isCsv ? csvRow(body) : `${body}\n`));
      return answerOf((first && isCsv ? csvHead() : '') + lines.join(''), nextBeforeSeq);
    },
    ofStay: ({ stay, grant, from }) => {
      const events = search.ofStay(stay, grant, from).map(({ body }) => body);
      return answerOf(`[${events.join(',')}]`);
    },
    statistics: ({ sinceMs, nowMs, days, timeZone }) =>
      answerOf(JSON.stringify(statisticsOf(search.visitsSince(sinceMs), nowMs, days, timeZone))),
  };
}

function answerOf(text: string, next: number | null = null): Answer {
  return { bytes: new TextEncoder().encode(text), next };
}
