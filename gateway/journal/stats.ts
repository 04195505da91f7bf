import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';

/** What a journal holds and what it costs its card. */
export interface JournalStats {
  readonly epoch: string;
  readonly previousEpoch: string | null;
  /** First and last number that are there; `null` for an empty ledger. */
  readonly fromSeq: number | null;
  readonly toSeq: number | null;
  readonly events: number;
  /** Newest number that the cloud has received, and how many wait for it. */
  readonly receivedSeq: number;
  readonly waiting: number;
  readonly checkpoints: number;
  readonly checkpointSeq: number | null;
  readonly stays: number;
  readonly openStays: number;
  /** Single-use credentials and commands that are remembered. */
  readonly presentations: number;
  readonly commands: number;
  readonly fileBytes: number;
  readonly walBytes: number;
  /** Commits since the journal was made, each of which waits for the disk once. */
  readonly commits: number;
  /** Commits for each visit; `null` before the first visit. */
  readonly commitsPerVisit: number | null;
}

/** Reads the figures of a journal; changes nothing. */
export function journalStats(db: Database.Database, path: string): JournalStats {
  const count = (sql: string) => db.prepare<[], { n: number }>(sql).get()?.n ?? 0;
  const meta = (key: string) =>
    db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?').get(key)?.value ?? null;
  const span = db
    .prepare<[], { from: number | null; to: number | null }>(
      'SELECT min(seq) AS "from", max(seq) AS "to" FROM events',
    )
    .get();
  const receivedSeq = Number(meta('custodySeq') ?? 0);
  const stays = count('SELECT count(*) AS n FROM stays');
  const commits = Number(meta('commits') ?? 0);
  return {
    epoch: meta('epoch') ?? '',
    previousEpoch: meta('previousEpoch'),
    fromSeq: span?.from ?? null,
    toSeq: span?.to ?? null,
    events: count('SELECT count(*) AS n FROM events'),
    receivedSeq,
    waiting: Math.max(0, (span?.to ?? 0) - receivedSeq),
    checkpoints: count('SELECT count(*) AS n FROM checkpoints'),
    checkpointSeq:
      db.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM checkpoints').get()?.seq ?? null,
    stays,
    openStays: count(`SELECT count(*) AS n FROM stays WHERE state = 'open'`),
    presentations: count('SELECT count(*) AS n FROM presentations'),
    commands: count('SELECT count(*) AS n FROM commands'),
    fileBytes: statSync(path).size,
    walBytes: statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    commits,
    commitsPerVisit: stays === 0 ? null : Math.round((commits / stays) * 100) / 100,
  };
}
