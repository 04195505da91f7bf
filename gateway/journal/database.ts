import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { Sqlite } from './sqlite.ts';

/** Steps from an empty file to today's. Never edited once released; a change is a further step. */
const MIGRATIONS: readonly string[] = [
  `
  -- Facts about this journal: its epoch, the newest receipt.
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  -- The ledger, and the outbox at once: what is above the newest receipt is still to be delivered.
  CREATE TABLE events (
    seq  INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    head BLOB NOT NULL
  ) STRICT;

  -- One row a decision. A granted one is the grant: its id gives the lease ids.
  CREATE TABLE decisions (
    id       INTEGER PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    door     TEXT NOT NULL,
    side     TEXT NOT NULL,
    sub      TEXT NOT NULL,
    answer   TEXT NOT NULL,
    stay     TEXT,
    -- null for a denial; else the state of the grant (gateway/access/grant.ts)
    state    TEXT,
    leases   INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX decisions_by_member ON decisions (sub, door, side, at_ms);
  CREATE INDEX decisions_unfinished ON decisions (state) WHERE state IN ('pending', 'released');

  -- Credentials that were decided on: a second look at one is a replay. Kept until it is refused for its age.
  CREATE TABLE presentations (
    identity   TEXT PRIMARY KEY,
    door       TEXT NOT NULL,
    side       TEXT NOT NULL,
    at_ms      INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE stays (
    id           TEXT PRIMARY KEY,
    sub          TEXT NOT NULL,
    state        TEXT NOT NULL,
    grant_id     INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    -- the reservation's or the ticket's id
    entitlement_id TEXT NOT NULL,
    entitlement  TEXT NOT NULL,
    check_in_ms  INTEGER NOT NULL,
    check_out_ms INTEGER,
    ends_at_ms   INTEGER,
    flags        TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX stays_by_member ON stays (sub, check_in_ms);
  CREATE INDEX stays_open ON stays (sub) WHERE state = 'open';
  CREATE INDEX stays_by_entitlement ON stays (entitlement_id, check_in_ms);
  `,
  `
  -- A stay may now be a no-show, which has no grant and no check-in, and keeps the charge in force.
  CREATE TABLE stays_2 (
    id           TEXT PRIMARY KEY,
    sub          TEXT NOT NULL,
    state        TEXT NOT NULL,
    grant_id     INTEGER,
    kind         TEXT NOT NULL,
    entitlement_id TEXT NOT NULL,
    entitlement  TEXT NOT NULL,
    -- the check-in, of a no-show the reservation's start
    began_ms     INTEGER NOT NULL,
    check_in_ms  INTEGER,
    check_out_ms INTEGER,
    ends_at_ms   INTEGER,
    reentered_ms INTEGER,
    flags        TEXT NOT NULL,
    charge       TEXT
  ) STRICT, WITHOUT ROWID;
  INSERT INTO stays_2 SELECT id, sub, state, grant_id, kind, entitlement_id, entitlement, check_in_ms, check_in_ms,
    check_out_ms, ends_at_ms, NULL, flags, NULL FROM stays;
  UPDATE stays_2 SET charge = billed.charge FROM (
    SELECT json_extract(body, '$.subject') AS stay, json_extract(body, '$.data.charge') AS charge
    FROM events WHERE json_extract(body, '$.type') = 'genkan.charge.computed.v1'
  ) AS billed WHERE billed.stay = stays_2.id;
  DROP TABLE stays;
  ALTER TABLE stays_2 RENAME TO stays;
  CREATE INDEX stays_by_member ON stays (sub, began_ms);
  CREATE INDEX stays_open ON stays (sub) WHERE state = 'open';
  CREATE INDEX stays_by_entitlement ON stays (entitlement_id, began_ms);

  -- What the cloud told, for use while the line is down. Versions stand in meta.
  CREATE TABLE reservations (
    id           TEXT NOT NULL,
    sub          TEXT NOT NULL,
    version      INTEGER NOT NULL,
    issued_ms    INTEGER NOT NULL,
    body         TEXT NOT NULL,
    is_user      INTEGER NOT NULL,
    start_ms     INTEGER NOT NULL,
    end_ms       INTEGER NOT NULL,
    cancelled_ms INTEGER,
    -- whether it was looked at after its end for a no-show
    settled      INTEGER NOT NULL,
    PRIMARY KEY (id, sub)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX reservations_by_member ON reservations (sub);
  CREATE INDEX reservations_unsettled ON reservations (end_ms) WHERE settled = 0;

  CREATE TABLE ticket_uses (
    stay    TEXT PRIMARY KEY,
    ticket  TEXT NOT NULL,
    venue   TEXT NOT NULL,
    version INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    counts  INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ticket_uses_by_ticket ON ticket_uses (ticket, at_ms);

  -- Commands that were decided on: each is used once.
  CREATE TABLE commands (
    jti        TEXT PRIMARY KEY,
    expires_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Signed heads of the ledger, one every hundred events or minute.
  CREATE TABLE checkpoints (
    seq   INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    token TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- What operators have ordered of doors, until it is resumed.
  CREATE TABLE door_orders (
    door     TEXT PRIMARY KEY,
    ordered  TEXT NOT NULL,
    by       TEXT NOT NULL,
    reason   TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    until_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Alarms with who has seen them.
  CREATE TABLE alarms (
    id        TEXT PRIMARY KEY,
    state     TEXT NOT NULL,
    raised_ms INTEGER NOT NULL,
    body      TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX alarms_open ON alarms (raised_ms) WHERE state <> 'closed';
  CREATE INDEX alarms_by_time ON alarms (raised_ms);
  `,
  `
  -- Events of an earlier epoch that the cloud has not received, taken over from the journal that was replaced. Their
  -- places are negative: they are sent before the first event of this epoch.
  CREATE TABLE carried (
    place INTEGER PRIMARY KEY,
    epoch TEXT NOT NULL,
    seq   INTEGER NOT NULL,
    body  TEXT NOT NULL,
    head  BLOB NOT NULL
  ) STRICT;
  CREATE INDEX carried_by_seq ON carried (epoch, seq);
  `,
  `
  -- Closings as JSON: epoch milliseconds, or null where nothing closes on that day. Of a stay: as the hours were at its
  -- check-in; of a reservation: as they were when it was told, and which one before its end was told to the cloud.
  ALTER TABLE stays ADD COLUMN closing TEXT;
  ALTER TABLE reservations ADD COLUMN closing TEXT;
  ALTER TABLE reservations ADD COLUMN past_closing TEXT;
  `,
  `
  -- A member is issuer and sub together. Whose the rows of before were is not known: an empty issuer is nobody's.
  -- Of a decision: null for an operator's unlock.
  ALTER TABLE decisions ADD COLUMN iss TEXT;
  UPDATE decisions SET iss = '' WHERE sub NOT LIKE 'operator:%';
  DROP INDEX decisions_by_member;
  CREATE INDEX decisions_by_member ON decisions (sub, iss, door, side, at_ms);

  ALTER TABLE stays ADD COLUMN iss TEXT NOT NULL DEFAULT '';
  DROP INDEX stays_by_member;
  DROP INDEX stays_open;
  CREATE INDEX stays_by_member ON stays (sub, iss, began_ms);
  CREATE INDEX stays_open ON stays (sub, iss) WHERE state = 'open';

  CREATE TABLE reservations_2 (
    id           TEXT NOT NULL,
    iss          TEXT NOT NULL DEFAULT '',
    sub          TEXT NOT NULL,
    version      INTEGER NOT NULL,
    issued_ms    INTEGER NOT NULL,
    body         TEXT NOT NULL,
    is_user      INTEGER NOT NULL,
    start_ms     INTEGER NOT NULL,
    end_ms       INTEGER NOT NULL,
    cancelled_ms INTEGER,
    settled      INTEGER NOT NULL,
    closing      TEXT,
    past_closing TEXT,
    PRIMARY KEY (id, iss, sub)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO reservations_2 SELECT id, '', sub, version, issued_ms, body, is_user, start_ms, end_ms, cancelled_ms, settled,
    closing, past_closing FROM reservations;
  DROP TABLE reservations;
  ALTER TABLE reservations_2 RENAME TO reservations;
  CREATE INDEX reservations_by_member ON reservations (sub, iss);
  CREATE INDEX reservations_unsettled ON reservations (end_ms) WHERE settled = 0;

  CREATE TABLE ticket_uses_2 (
    stay    TEXT PRIMARY KEY,
    iss     TEXT NOT NULL DEFAULT '',
    ticket  TEXT NOT NULL,
    venue   TEXT NOT NULL,
    version INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    counts  INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO ticket_uses_2 SELECT stay, '', ticket, venue, version, at_ms, counts FROM ticket_uses;
  DROP TABLE ticket_uses;
  ALTER TABLE ticket_uses_2 RENAME TO ticket_uses;
  CREATE INDEX ticket_uses_by_ticket ON ticket_uses (ticket, iss, at_ms);
  `,
  `
  -- For what operators look at, and for who came in again after the check-out; and a visit's grants.
  CREATE INDEX stays_by_time ON stays (began_ms);
  CREATE INDEX stays_reentered ON stays (ends_at_ms) WHERE reentered_ms IS NOT NULL;
  CREATE INDEX decisions_by_stay ON decisions (stay) WHERE stay IS NOT NULL;
  `,
  `
  -- Of a use of a ticket: the number of its check-in's event, in the epoch that its id begins with, and when the cloud
  -- signed the first receipt that covers it. Without either the cloud had received it before this step.
  ALTER TABLE stays ADD COLUMN told_seq INTEGER;
  ALTER TABLE stays ADD COLUMN received_ms INTEGER;
  UPDATE stays SET told_seq = told.seq FROM (
    SELECT seq, body FROM events
      WHERE seq > (SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta WHERE key = 'custodySeq')
    UNION ALL SELECT seq, body FROM carried
  ) AS told
  WHERE stays.kind = 'ticket' AND told.body ->> '$.type' = 'genkan.stay.checked-in.v1'
    AND told.body ->> '$.subject' = stays.id;
  CREATE INDEX stays_unreceived ON stays (told_seq) WHERE told_seq IS NOT NULL AND received_ms IS NULL;
  `,
];

/** SQLite's number for `synchronous=FULL`. */
const FULL = 2;

/**
 * Opens the file with every commit on disk before it returns (WAL, `synchronous=FULL`), and brings it to the
 * newest version.
 *
 * @throws Error when the file is newer than this program, or when SQLite does not keep FULL: as built into
 *   better-sqlite3 it falls back to NORMAL for WAL files, where a power cut may take the last commits
 */
export function openDatabase(path: string): Database.Database {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const db = new Sqlite(path);
  try {
    return prepared(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

function prepared(db: Database.Database): Database.Database {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  migrate(db);
  // After a write, because that is when the default sets in.
  db.exec(`INSERT INTO meta VALUES ('opened', 'yes') ON CONFLICT DO UPDATE SET value = 'yes'`);
  assertFull(db);
  return db;
}

function migrate(db: Database.Database): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > MIGRATIONS.length) {
    throw new Error(
      `the journal has version ${version}, this program knows ${MIGRATIONS.length}: install a newer one`,
    );
  }
  if (version === MIGRATIONS.length) return;
  db.transaction(() => {
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  }).immediate();
}

function assertFull(db: Database.Database): void {
  if (db.pragma('synchronous', { simple: true }) !== FULL)
    throw new Error('SQLite does not keep synchronous=FULL');
}
