import type Database from 'better-sqlite3';
import type { ChargeFlag, ChargeRecord } from '../../shared/contract/charge.ts';
import type { Member } from '../../shared/contract/member.ts';
import { parseInstant } from '../../shared/time.ts';
import type { Stay, StayState, VisitEntitlement } from '../access/stay.ts';
import type { Store } from './store.ts';

/** The stays of a venue, as they are on disk. */
export interface StayReader {
  get(id: string): Stay | null;
  /** A member's open stays, and the others that began since an instant, newest first. */
  ofMember(member: Member, sinceMs: number): readonly Stay[];
  /** A member's stays, newest first, at most `limit`; those that never were are left out. */
  latestOf(member: Member, limit: number): readonly Stay[];
  /** The stay of a member's reservation; the newest where one was voided, `null` where none was begun. */
  ofReservation(reservation: string, member: Member): Stay | null;
  /** Whether another user of the same issuer has begun a reservation, or been charged for not coming. */
  isAnothers(reservation: string, member: Member): boolean;
  /** Open stays, oldest first. */
  open(): readonly Stay[];
  /** Stays that were checked out of, whose member came in again and is not known to have left, earliest end first. */
  reentered(): readonly Stay[];
  /** Ended stays that began since an instant and that an operator has to look at, newest first. */
  toReview(sinceMs: number, limit: number): readonly Stay[];
  /** How many open stays there are. */
  countOpen(): number;
  /** How many members take a seat by an open stay: by a ticket, a reserved seat, or both on one seat. */
  countSeated(): number;
  isInside(member: Member): boolean;
  /** Check-ins by a ticket of an issuer that counted, since an instant. */
  usesOf(ticket: IssuedTicket, sinceMs: number): readonly UseHere[];
  /** Whether there was such a stay, counted or not. */
  has(id: string): boolean;
}

/** A ticket: its id is its issuer's, and another one may have the same. */
export interface IssuedTicket {
  readonly iss: string;
  readonly id: string;
}

/** A use of a ticket that was made here. */
export interface UseHere {
  readonly atMs: number;
  /**
   * When the cloud signed the first receipt that covers it, epoch milliseconds; `null` while there is none. Where no event
   * is known that told it, the use itself.
   */
  readonly receivedMs: number | null;
}

/** Writes stays, within a transaction of the journal. */
export interface StayWriter {
  /** Takes the place of the stay as it was. */
  put(stay: Stay): void;
  /** Notes the number of the event that tells a use of a ticket. */
  putTold(stay: string, seq: number): void;
  /** The cloud has signed at an instant that it has everything of an epoch up to a number. Only the first word counts. */
  putReceived(epoch: string, seq: number, atMs: number): void;
  /** Ended stays that began before an instant. */
  removeEnded(beganBeforeMs: number): void;
}

interface StayRow {
  id: string;
  iss: string;
  sub: string;
  state: StayState;
  grant_id: number | null;
  entitlement: string;
  check_in_ms: number | null;
  check_out_ms: number | null;
  ends_at_ms: number | null;
  reentered_ms: number | null;
  closing: string | null;
  flags: string;
  charge: string | null;
}

/** What takes a seat: a meeting room takes none, and a guest sits there. The same as `takesSeat` of a stay. */
export const SEATED = `state = 'open' AND (kind = 'ticket' OR
  (entitlement ->> '$.space.kind' = 'seat' AND entitlement ->> '$.role' = 'user'))`;

/** Prepares the statements on stays once. */
export function prepareStays(db: Database.Database): Store<StayReader, StayWriter> {
  const put = db.prepare(
    `INSERT INTO stays (id, iss, sub, state, grant_id, kind, entitlement_id, entitlement, began_ms, check_in_ms, check_out_ms,
       ends_at_ms, reentered_ms, closing, flags, charge)
     VALUES (@id, @iss, @sub, @state, @grant, @kind, @entitlementId, @entitlement, @beganMs, @checkInMs, @checkOutMs,
       @endsAtMs, @reenteredMs, @closing, @flags, @charge)
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, grant_id = excluded.grant_id,
       entitlement = excluded.entitlement, began_ms = excluded.began_ms, check_in_ms = excluded.check_in_ms,
       check_out_ms = excluded.check_out_ms, ends_at_ms = excluded.ends_at_ms, reentered_ms = excluded.reentered_ms,
       closing = excluded.closing, flags = excluded.flags, charge = excluded.charge`,
  );
  const get = db.prepare<[string], StayRow>('SELECT * FROM stays WHERE id = ?');
  const ofMember = db.prepare<[Member & { sinceMs: number }], StayRow>(
    `SELECT * FROM stays WHERE iss = @iss AND sub = @sub AND state = 'open'
     UNION SELECT * FROM stays WHERE iss = @iss AND sub = @sub AND began_ms >= @sinceMs ORDER BY began_ms DESC`,
  );
  const latestOf = db.prepare<[string, string, number], StayRow>(
    `SELECT * FROM stays WHERE iss = ? AND sub = ? AND state <> 'voided' ORDER BY began_ms DESC LIMIT ?`,
  );
  const ofReservation = db.prepare<[string, string, string], StayRow>(
    `SELECT * FROM stays WHERE entitlement_id = ? AND iss = ? AND sub = ? AND kind = 'reservation'
     ORDER BY state = 'voided', began_ms DESC LIMIT 1`,
  );
  const anothers = db.prepare<[string, string, string], { id: string }>(
    `SELECT id FROM stays WHERE entitlement_id = ? AND iss = ? AND sub <> ? AND kind = 'reservation' AND state <> 'voided'
       AND entitlement ->> '$.role' = 'user' LIMIT 1`,
  );
  const open = db.prepare<[], StayRow>(`SELECT * FROM stays WHERE state = 'open' ORDER BY began_ms`);
  const reentered = db.prepare<[], StayRow>(
    `SELECT * FROM stays WHERE reentered_ms IS NOT NULL AND state = 'checked-out' AND ends_at_ms IS NOT NULL
       AND instr(flags, '"overstay"') = 0 ORDER BY ends_at_ms`,
  );
  const toReview = db.prepare<[number, number], StayRow>(
    `SELECT * FROM stays WHERE began_ms >= ? AND state <> 'open' AND (instr(flags, '"overstay"') > 0
       OR instr(coalesce(charge ->> '$.flags', flags), '"review"') > 0
       OR charge IS NULL AND instr(flags, '"door-not-opened"') > 0)
     ORDER BY began_ms DESC LIMIT ?`,
  );
  const countOpen = db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM stays WHERE state = 'open'`);
  const countSeated = db.prepare<[], { n: number }>(
    `SELECT count(*) AS n FROM (SELECT DISTINCT iss, sub FROM stays WHERE ${SEATED})`,
  );
  const isInside = db.prepare<[string, string], { id: string }>(
    `SELECT id FROM stays WHERE iss = ? AND sub = ? AND state = 'open' LIMIT 1`,
  );
  const usesOf = db.prepare<[string, string, number], UseHere>(
    `SELECT began_ms AS atMs, CASE WHEN told_seq IS NULL THEN began_ms ELSE received_ms END AS receivedMs FROM stays
     WHERE iss = ? AND entitlement_id = ? AND began_ms >= ? AND kind = 'ticket' AND state <> 'voided'`,
  );
  const putTold = db.prepare<[number, string]>('UPDATE stays SET told_seq = ? WHERE id = ?');
  const putReceived = db.prepare<[number, number, string]>(
    `UPDATE stays SET received_ms = ?
     WHERE told_seq <= ? AND told_seq IS NOT NULL AND received_ms IS NULL AND id GLOB ? || '-*'`,
  );
  const removeEnded = db.prepare<[number]>("DELETE FROM stays WHERE state <> 'open' AND began_ms < ?");
  const reader: StayReader = {
    get(id) {
      const row = get.get(id);
      return row === undefined ? null : stayOf(row);
    },
    ofMember: ({ iss, sub }, sinceMs) => ofMember.all({ iss, sub, sinceMs }).map(stayOf),
    latestOf: ({ iss, sub }, limit) => latestOf.all(iss, sub, limit).map(stayOf),
    ofReservation(reservation, { iss, sub }) {
      const row = ofReservation.get(reservation, iss, sub);
      return row === undefined ? null : stayOf(row);
    },
    isAnothers: (reservation, { iss, sub }) => anothers.get(reservation, iss, sub) !== undefined,
    reentered: () => reentered.all().map(stayOf),
    toReview: (sinceMs, limit) => toReview.all(sinceMs, limit).map(stayOf),
    open: () => open.all().map(stayOf),
    countSeated: () => countSeated.get()?.n ?? 0,
    has: (id) => get.get(id) !== undefined,
    countOpen: () => countOpen.get()?.n ?? 0,
    isInside: ({ iss, sub }) => isInside.get(iss, sub) !== undefined,
    usesOf: ({ iss, id }, sinceMs) => usesOf.all(iss, id, sinceMs),
  };
  const writer: StayWriter = {
    removeEnded(beganBeforeMs) {
      removeEnded.run(beganBeforeMs);
    },
    putTold: (stay, seq) => void putTold.run(seq, stay),
    putReceived: (epoch, seq, atMs) => void putReceived.run(atMs, seq, epoch),
    put(stay) {
      put.run({
        id: stay.id,
        iss: stay.iss,
        sub: stay.sub,
        state: stay.state,
        grant: stay.grant,
        kind: stay.entitlement.kind,
        entitlementId: stay.entitlement.id,
        entitlement: JSON.stringify(stay.entitlement),
        beganMs: stay.checkInMs ?? startOf(stay.entitlement),
        checkInMs: stay.checkInMs,
        checkOutMs: stay.checkOutMs,
        endsAtMs: stay.endsAtMs,
        reenteredMs: stay.reenteredMs ?? null,
        closing: stay.closingMs === undefined ? null : JSON.stringify(stay.closingMs),
        flags: JSON.stringify(stay.flags),
        charge: stay.charge === undefined ? null : JSON.stringify(stay.charge),
      });
    },
  };
  return { reader, writer };
}

function stayOf(row: StayRow): Stay {
  return {
    id: row.id,
    iss: row.iss,
    sub: row.sub,
    state: row.state,
    grant: row.grant_id,
    entitlement: JSON.parse(row.entitlement) as VisitEntitlement,
    checkInMs: row.check_in_ms,
    checkOutMs: row.check_out_ms,
    endsAtMs: row.ends_at_ms,
    ...(row.reentered_ms !== null && { reenteredMs: row.reentered_ms }),
    ...(row.closing !== null && { closingMs: JSON.parse(row.closing) as number | null }),
    flags: JSON.parse(row.flags) as ChargeFlag[],
    ...(row.charge !== null && { charge: JSON.parse(row.charge) as ChargeRecord }),
  };
}

/** When a no-show began, as it were. */
function startOf(entitlement: VisitEntitlement): number {
  return entitlement.kind === 'reservation' ? parseInstant(entitlement.start) : 0;
}
