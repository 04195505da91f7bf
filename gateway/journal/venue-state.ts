import type { VenueConfig } from '../../shared/contract/config.ts';
import type { Member } from '../../shared/contract/member.ts';
import type { Reservation } from '../../shared/contract/pass.ts';
import { parseInstant } from '../../shared/time.ts';
import type { Credential } from '../access/credential.ts';
import type { AccessState, TicketUse } from '../access/facts.ts';
import { entitlementsWith, isCancelledInTime, refusalsOf, type SyncedReservation } from '../access/synced.ts';
import type { Journal } from './journal.ts';
import type { IssuedTicket } from './stays.ts';

/** How far back a member's ended stays matter to a decision, and how long before a reservation its stay may begin. */
const STAYS_SINCE_MS = 24 * 3600_000;

/** How far back uses of a ticket matter: two of its longest periods. */
const TICKET_USES_SINCE_MS = 62 * 24 * 3600_000;

/** How far back a reservation may have been begun that holds at the same time as another. */
const RESERVATIONS_SINCE_MS = 3 * 24 * 3600_000;

/** What the door knows of itself. */
export type DoorFacts = Pick<
  AccessState,
  'seenBefore' | 'controllerOnline' | 'lockdown' | 'trustStale' | 'clockRefused'
> & {
  /** What room is left on the disk is for those who are inside. Default: there is room. */
  readonly isDiskShort?: boolean;
};

/** The credential with what the cloud told of its member's reservations. */
export function withSynced(
  venue: VenueConfig,
  credential: Credential,
  told: readonly SyncedReservation[],
): Credential {
  return { ...credential, entitlements: entitlementsWith(credential, told, venue) };
}

/**
 * A user's reservations at this venue about an instant, told by the cloud or checked in to.
 *
 * @param told what the cloud told of the member, where it was looked up already
 */
export function reservationsOf(
  { synced, stays }: Journal,
  venue: VenueConfig,
  member: Member,
  aboutMs: number,
  told = synced.ofMember(member),
): readonly Reservation[] {
  const refusals = refusalsOf(told, venue);
  const inForce = told.filter((known) => !refusals.has(known) && !isCancelledInTime(known, venue));
  const begun = stays.ofMember(member, aboutMs - RESERVATIONS_SINCE_MS).flatMap(({ state, entitlement }) => {
    return state !== 'voided' && entitlement.kind === 'reservation' ? [entitlement] : [];
  });
  return [...inForce.map(({ reservation }) => reservation), ...begun].filter(({ role }) => role === 'user');
}

/** By reservation: the closing of its day as the hours were when the cloud told this member's bookings. */
export function closingsAtBooking(told: readonly SyncedReservation[]): ReadonlyMap<string, number | null> {
  return new Map(
    told.flatMap(({ reservation, closingMs }) =>
      closingMs === undefined ? [] : [[reservation.id, closingMs] as const],
    ),
  );
}

/** Everything that the journal knows and a decision on this credential asks for. */
export function accessState(
  journal: Journal,
  venue: VenueConfig,
  { iss, sub, entitlements }: Credential,
  door: DoorFacts,
  nowMs: number,
): AccessState {
  const { stays } = journal;
  const reservations = entitlements.filter((ent) => ent.kind === 'reservation');
  const guested = reservations.filter((ent) => ent.role === 'guest');
  const tickets = entitlements.filter((ent) => ent.kind === 'ticket');
  const starts = reservations.map(({ start }) => parseInstant(start));
  const sinceMs = nowMs - TICKET_USES_SINCE_MS;
  return {
    ...door,
    storageWritable: journal.fault === null && !journal.isReplayStoreFull && door.isDiskShort !== true,
    stays: stays.ofMember({ iss, sub }, Math.min(nowMs, ...starts) - STAYS_SINCE_MS),
    hostsInside: new Set(
      guested.flatMap(({ host }) => (host !== undefined && stays.isInside({ iss, sub: host }) ? [host] : [])),
    ),
    guestEnds: new Map(
      guested.flatMap(({ id, host }) => {
        const endsAtMs =
          host === undefined ? null : (stays.ofReservation(id, { iss, sub: host })?.endsAtMs ?? null);
        return endsAtMs === null ? [] : [[id, endsAtMs]];
      }),
    ),
    ticketUses: tickets.flatMap(({ id }) =>
      usesOf(journal, { iss, id }, sinceMs).map((use) => ({ ticket: id, ...use })),
    ),
    // The live count matters to tickets alone: a reservation was promised its place.
    inside: tickets.length > 0 ? stays.countSeated() : 0,
    heldSeats: tickets.length > 0 ? heldSeats(journal, venue, nowMs).length : 0,
  };
}

/**
 * Seats that reservations in force hold although nobody sits there by an open stay: of members who have not come yet,
 * and of those who left before the end that they pay for. Whoever sits by a ticket sits on the seat that they booked.
 *
 * @returns until when each of them is held, epoch milliseconds
 */
export function heldSeats(journal: Journal, venue: VenueConfig, nowMs: number): readonly number[] {
  const { synced } = journal;
  return synced.seatsHeld(nowMs).flatMap(({ known, untilMs }) => {
    if (isCancelledInTime(known, venue)) return [];
    const { id } = known.reservation;
    const refusals = refusalsOf(synced.ofMember(known), venue);
    return [...refusals.keys()].some(({ reservation }) => reservation.id === id) ? [] : [untilMs];
  });
}

/** Uses of a ticket: those of this journal, and those that the cloud knows of from elsewhere. Each counts once. */
function usesOf(
  { stays, synced }: Journal,
  ticket: IssuedTicket,
  sinceMs: number,
): readonly Omit<TicketUse, 'ticket'>[] {
  const here = stays.usesOf(ticket, sinceMs).map(({ atMs, receivedMs }) => ({ atMs, knownMs: receivedMs }));
  const told = synced.usesOf(ticket, sinceMs).filter(({ stay }) => !stays.has(stay));
  return [...here, ...told.map(({ atMs }) => ({ atMs, knownMs: atMs }))];
}
