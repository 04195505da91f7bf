import type Database from 'better-sqlite3';
import type { Member } from '../../shared/contract/member.ts';
import type { Reservation } from '../../shared/contract/pass.ts';
import { parseInstant } from '../../shared/time.ts';
import type { SyncedReservation } from '../access/synced.ts';
import type { FactReader, FactWriter } from './facts.ts';
import { SEATED, type IssuedTicket } from './stays.ts';
import type { Store } from './store.ts';

/** What is told by the cloud under a version of its own. */
export type SyncedKind = 'reservations' | 'usage';

/** A use of a ticket as the cloud told it last. */
export interface SyncedUse {
  readonly stay: string;
  /** Whose ticket it is: the issuer. */
  readonly iss: string;
  readonly ticket: string;
  readonly venue: string;
  readonly version: number;
  readonly atMs: number;
  /** `false` for one that was taken back. */
  readonly counts: boolean;
}

/** A seat that a reservation holds although its user sits nowhere by an open stay. */
export interface HeldSeat {
  readonly known: SyncedReservation;
  /** Until its end; of a visit that was checked out of until what is paid for. Epoch milliseconds. */
  readonly untilMs: number;
}

/** What the cloud told, kept for use offline, as it is on disk. */
export interface SyncedReader {
  /** The newest version that was applied; 0 for none. */
  version(kind: SyncedKind): number;
  reservation(id: string, member: Member): SyncedReservation | null;
  ofMember(member: Member): readonly SyncedReservation[];
  /** Whether a reservation was told since as that of another user of the issuer. */
  isSomebodyElses(known: SyncedReservation): boolean;
  /** Reservations of users that ended by an instant and were not settled, oldest first. */
  unsettled(endedByMs: number, limit: number): readonly SyncedReservation[];
  /** The next end of a reservation that is not settled, epoch milliseconds, or `null`. */
  nextEndMs(): number | null;
  /** Reservations that are not settled, by id and member, from one on. */
  upcoming(after: Member & { readonly id: string }, limit: number): readonly SyncedReservation[];
  /** Reservations that end after an instant, and after the closing of their day. */
  pastClosing(afterMs: number): readonly SyncedReservation[];
  /** Reservations of users that hold at an instant: `start ≤ at < end`. */
  at(atMs: number): readonly SyncedReservation[];
  /** Seats that reservations of users hold at an instant while their user sits nowhere. */
  seatsHeld(atMs: number): readonly HeldSeat[];
  /** The next start of a user's reservation after an instant, epoch milliseconds, or `null`. */
  nextStartMs(afterMs: number): number | null;
  use(stay: string): SyncedUse | null;
  /** Uses of a ticket since an instant that count. */
  usesOf(ticket: IssuedTicket, sinceMs: number): readonly SyncedUse[];
}

/** Writes what the cloud told, within a transaction of the journal. */
export interface SyncedWriter {
  setVersion(kind: SyncedKind, version: number): void;
  /** Takes the place of what was told before. Its no-show is to be looked for again. */
  putReservation(reservation: SyncedReservation): void;
  /** Notes that a reservation was looked at after its end for a no-show. */
  settle(id: string, member: Member): void;
  /** Notes that it has to be looked at for a no-show once more: nobody came for it after all. */
  unsettle(id: string, member: Member): void;
  /** The same of a member's reservations that ended between two instants: somebody was there for one of them. */
  unsettleEnded(member: Member, sinceMs: number, untilMs: number): void;
  /** Notes which closing before its end was told of a reservation. */
  setPastClosing(known: SyncedReservation, pastClosing: SyncedReservation['pastClosing']): void;
  /** Takes the place of what was told of the use before. */
  putUse(use: SyncedUse): void;
  /** Forgets what ended before an instant and is settled. */
  forget(beforeMs: number): void;
}

interface ReservationRow {
  iss: string;
  sub: string;
  version: number;
  issued_ms: number;
  body: string;
  cancelled_ms: number | null;
  closing: string | null;
  past_closing: string | null;
  check_in_ms: number | null;
  free_from_ms: number | null;
}

interface UseRow {
  stay: string;
  iss: string;
  ticket: string;
  venue: string;
  version: number;
  at_ms: number;
  counts: number;
}

/** Prepares the statements on what the cloud told once. */
export function prepareSynced(
  db: Database.Database,
  facts: Store<FactReader, FactWriter>,
): Store<SyncedReader, SyncedWriter> {
  const sql = statements(db);
  return { reader: readerOf(sql, facts.reader), writer: writerOf(sql, facts.writer) };
}

/** The name under which the newest version of a kind is kept. */
const versionOf = (kind: SyncedKind) => `${kind}Version`;

/** The stay of a row's reservation, by an aggregate over what it was before. */
const ofStay = (column: string, state: string) =>
  `(SELECT max(${column}) FROM stays AS s WHERE s.entitlement_id = r.id AND s.iss = r.iss AND s.sub = r.sub
     AND s.kind = 'reservation' AND s.state ${state})`;

/** Reservations with what their visit has made of them. */
const WITH_VISIT = `r.*, ${ofStay('check_in_ms', "<> 'voided'")} AS check_in_ms,
  CASE is_user WHEN 1 THEN ${ofStay('ends_at_ms', "= 'checked-out'")} END AS free_from_ms`;
const KNOWN = `SELECT ${WITH_VISIT} FROM reservations AS r`;

/** Until when a reservation holds its place while nobody is there: to its end; after a check-out to what is paid for. */
const HELD_UNTIL = `coalesce((SELECT CASE s.state WHEN 'voided' THEN NULL WHEN 'checked-out' THEN coalesce(s.ends_at_ms, 0)
    ELSE 0 END FROM stays AS s WHERE s.entitlement_id = r.id AND s.iss = r.iss AND s.sub = r.sub AND s.kind = 'reservation'
    ORDER BY s.state = 'voided', s.began_ms DESC LIMIT 1), r.end_ms)`;

type Statements = ReturnType<typeof statements>;

function readerOf(sql: Statements, facts: FactReader): SyncedReader {
  return {
    version: (kind) => Number(facts.get(versionOf(kind)) ?? 0),
    reservation(id, { iss, sub }) {
      const row = sql.reservation.get(id, iss, sub);
      return row === undefined ? null : reservationOf(row);
    },
    ofMember: ({ iss, sub }) => sql.ofMember.all(iss, sub).map(reservationOf),
    isSomebodyElses: ({ reservation, iss, sub, version }) =>
      sql.otherUser.get(reservation.id, iss, sub, version) !== undefined,
    unsettled: (endedByMs, limit) => sql.unsettled.all(endedByMs, limit).map(reservationOf),
    nextEndMs: () => sql.nextEnd.get()?.end_ms ?? null,
    upcoming: ({ id, iss, sub }, limit) => sql.upcoming.all(id, iss, sub, limit).map(reservationOf),
    pastClosing: (afterMs) => sql.pastClosing.all(afterMs).map(reservationOf),
    at: (atMs) => sql.at.all(atMs, atMs).map(reservationOf),
    seatsHeld: (atMs) =>
      sql.seatsHeld.all(atMs, atMs).flatMap(({ held_until_ms: untilMs, ...row }) => {
        return untilMs > atMs ? [{ known: reservationOf(row), untilMs }] : [];
      }),
    nextStartMs: (afterMs) => sql.nextStart.get(afterMs)?.start_ms ?? null,
    use(stay) {
      const row = sql.use.get(stay);
      return row === undefined ? null : useOf(row);
    },
    usesOf: ({ iss, id }, sinceMs) => sql.usesOf.all(iss, id, sinceMs).map(useOf),
  };
}

function writerOf(sql: Statements, facts: FactWriter): SyncedWriter {
  return {
    setVersion: (kind, version) => facts.put(versionOf(kind), String(version)),
    putReservation({ iss, sub, version, issuedMs, reservation, cancelledAtMs, closingMs, pastClosing }) {
      sql.putReservation.run({
        id: reservation.id,
        iss,
        sub,
        version,
        issuedMs,
        body: JSON.stringify(reservation),
        isUser: reservation.role === 'user' ? 1 : 0,
        startMs: parseInstant(reservation.start),
        endMs: parseInstant(reservation.end),
        cancelledMs: cancelledAtMs,
        closing: closingMs === undefined ? null : JSON.stringify(closingMs),
        pastClosing: pastClosing === undefined ? null : JSON.stringify(pastClosing),
      });
    },
    settle: (id, { iss, sub }) => void sql.settle.run(id, iss, sub),
    unsettle: (id, { iss, sub }) => void sql.unsettle.run(id, iss, sub),
    unsettleEnded: ({ iss, sub }, sinceMs, untilMs) => void sql.unsettleEnded.run(iss, sub, sinceMs, untilMs),
    setPastClosing: ({ reservation, iss, sub }, pastClosing) =>
      void sql.setPastClosing.run(
        pastClosing === undefined ? null : JSON.stringify(pastClosing),
        reservation.id,
        iss,
        sub,
      ),
    putUse: ({ stay, iss, ticket, venue, version, atMs, counts }) =>
      void sql.putUse.run(stay, iss, ticket, venue, version, atMs, counts ? 1 : 0),
    forget(beforeMs) {
      sql.forgetReservations.run(beforeMs);
      sql.forgetUses.run(beforeMs);
    },
  };
}

function statements(db: Database.Database) {
  return {
    reservation: db.prepare<[string, string, string], ReservationRow>(
      `${KNOWN} WHERE id = ? AND iss = ? AND sub = ?`,
    ),
    putReservation: db.prepare(
      `INSERT INTO reservations
       VALUES (@id, @iss, @sub, @version, @issuedMs, @body, @isUser, @startMs, @endMs, @cancelledMs, 0, @closing, @pastClosing)
       ON CONFLICT DO UPDATE SET version = excluded.version, issued_ms = excluded.issued_ms, body = excluded.body,
         is_user = excluded.is_user, start_ms = excluded.start_ms, end_ms = excluded.end_ms,
         cancelled_ms = excluded.cancelled_ms, settled = 0, closing = excluded.closing,
         past_closing = excluded.past_closing`,
    ),
    ofMember: db.prepare<[string, string], ReservationRow>(`${KNOWN} WHERE iss = ? AND sub = ?`),
    otherUser: db.prepare<[string, string, string, number], { sub: string }>(
      'SELECT sub FROM reservations WHERE id = ? AND iss = ? AND sub <> ? AND version > ? AND is_user = 1',
    ),
    unsettled: db.prepare<[number, number], ReservationRow>(
      `${KNOWN} WHERE settled = 0 AND end_ms <= ? ORDER BY end_ms LIMIT ?`,
    ),
    nextEnd: db.prepare<[], { end_ms: number }>(
      'SELECT end_ms FROM reservations WHERE settled = 0 ORDER BY end_ms LIMIT 1',
    ),
    settle: db.prepare<[string, string, string]>(
      'UPDATE reservations SET settled = 1 WHERE id = ? AND iss = ? AND sub = ?',
    ),
    unsettleEnded: db.prepare<[string, string, number, number]>(
      'UPDATE reservations SET settled = 0 WHERE iss = ? AND sub = ? AND end_ms BETWEEN ? AND ?',
    ),
    unsettle: db.prepare<[string, string, string]>(
      'UPDATE reservations SET settled = 0 WHERE id = ? AND iss = ? AND sub = ?',
    ),
    upcoming: db.prepare<[string, string, string, number], ReservationRow>(
      `${KNOWN} WHERE settled = 0 AND (id, iss, sub) > (?, ?, ?) ORDER BY id, iss, sub LIMIT ?`,
    ),
    setPastClosing: db.prepare<[string | null, string, string, string]>(
      'UPDATE reservations SET past_closing = ? WHERE id = ? AND iss = ? AND sub = ?',
    ),
    pastClosing: db.prepare<[number], ReservationRow>(
      `${KNOWN} WHERE settled = 0 AND past_closing IS NOT NULL AND end_ms > ? AND cancelled_ms IS NULL
       ORDER BY start_ms`,
    ),
    at: db.prepare<[number, number], ReservationRow>(
      `${KNOWN} WHERE settled = 0 AND end_ms > ? AND start_ms <= ? AND is_user = 1`,
    ),
    seatsHeld: db.prepare<[number, number], ReservationRow & { held_until_ms: number }>(
      `SELECT ${WITH_VISIT}, ${HELD_UNTIL} AS held_until_ms FROM reservations AS r
       WHERE settled = 0 AND end_ms > ? AND start_ms <= ? AND is_user = 1 AND body ->> '$.space.kind' = 'seat'
         AND NOT EXISTS (SELECT 1 FROM stays AS s WHERE s.iss = r.iss AND s.sub = r.sub AND ${SEATED})`,
    ),
    nextStart: db.prepare<[number], { start_ms: number | null }>(
      'SELECT min(start_ms) AS start_ms FROM reservations WHERE settled = 0 AND start_ms > ? AND is_user = 1',
    ),
    use: db.prepare<[string], UseRow>('SELECT * FROM ticket_uses WHERE stay = ?'),
    putUse: db.prepare<[string, string, string, string, number, number, number]>(
      `INSERT INTO ticket_uses VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET iss = excluded.iss, ticket = excluded.ticket,
         venue = excluded.venue, version = excluded.version, at_ms = excluded.at_ms, counts = excluded.counts`,
    ),
    usesOf: db.prepare<[string, string, number], UseRow>(
      'SELECT * FROM ticket_uses WHERE iss = ? AND ticket = ? AND at_ms >= ? AND counts = 1',
    ),
    forgetReservations: db.prepare<[number]>('DELETE FROM reservations WHERE settled = 1 AND end_ms < ?'),
    forgetUses: db.prepare<[number]>('DELETE FROM ticket_uses WHERE at_ms < ?'),
  };
}

function reservationOf(row: ReservationRow): SyncedReservation {
  return {
    iss: row.iss,
    sub: row.sub,
    version: row.version,
    issuedMs: row.issued_ms,
    reservation: JSON.parse(row.body) as Reservation,
    cancelledAtMs: row.cancelled_ms,
    ...(row.check_in_ms !== null && { checkInMs: row.check_in_ms }),
    ...(row.free_from_ms !== null && { freeFromMs: row.free_from_ms }),
    ...(row.closing !== null && { closingMs: JSON.parse(row.closing) as number | null }),
    ...(row.past_closing !== null && { pastClosing: JSON.parse(row.past_closing) as number | null }),
  };
}

function useOf({ at_ms: atMs, counts, ...row }: UseRow): SyncedUse {
  return { ...row, atMs, counts: counts === 1 };
}
