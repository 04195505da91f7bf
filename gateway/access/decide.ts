import type { VenueConfig } from '../../shared/contract/config.ts';
import type { DenialReason } from '../../shared/contract/denial.ts';
import type { Reservation, Staff } from '../../shared/contract/pass.ts';
import { isOpenAt } from '../../shared/hours.ts';
import type { CredentialProblem } from './credential.ts';
import type { AccessRequest, AccessState, Check, Decision, Facts, Grant, Row } from './facts.ts';
import { isOpen, leftOpen, stayToCheckOut, stayToLeave, wantsIn } from './leaving.ts';
import {
  currentReservation,
  reservationReason,
  waitsForHost,
  type CurrentReservation,
} from './reservation.ts';
import type { Stay } from './stay.ts';
import { withNewerTerms } from './synced.ts';
import { ticketRows } from './ticket.ts';

const denyIf =
  (fails: (facts: Facts) => boolean): Row['judge'] =>
  (facts) =>
    fails(facts) ? 'deny' : 'pass';

/** What keeps nobody in: check-out needs identity, not entitlement. */
const ENTRY_ONLY: ReadonlySet<CredentialProblem> = new Set([
  'pass-expired',
  'pass-not-yet-valid',
  'pass-revoked',
]);

/** What is wrong with a credential for what is asked. */
export function blockingProblems(
  asked: Pick<AccessRequest, 'credential' | 'side' | 'stay'>,
): readonly CredentialProblem[] {
  return wantsIn(asked) ? asked.credential.problems : identityProblems(asked.credential);
}

/** What keeps a credential from saying who its holder is. */
function identityProblems({ problems }: AccessRequest['credential']): readonly CredentialProblem[] {
  return problems.filter((problem) => !ENTRY_ONLY.has(problem));
}

const hasProblem = (reason: CredentialProblem): Row => ({
  reason,
  judge: denyIf(({ request }) => blockingProblems(request).includes(reason)),
});

/** What every presentation must stand, in the order of precedence. */
const CREDENTIAL_ROWS: readonly Row[] = [
  { reason: 'replay', judge: denyIf(({ state }) => state.seenBefore) },
  hasProblem('wrong-venue'),
  hasProblem('pass-expired'),
  hasProblem('pass-not-yet-valid'),
  hasProblem('pass-revoked'),
  hasProblem('proof-stale'),
  hasProblem('proof-missing'),
  hasProblem('not-present'),
  atEntry('trust-stale', ({ trustStale }) => trustStale === true),
  atEntry('clock-untrusted', ({ clockRefused }) => clockRefused === true),
  {
    // A check-out at an entrance can be asked for again; whoever is inside is not kept.
    reason: 'storage-degraded',
    judge: denyIf(({ request, state }) => request.side === 'entry' && !state.storageWritable),
  },
];

/** What the gateway itself cannot vouch for keeps people out and nobody in. */
function atEntry(reason: DenialReason, fails: (state: AccessState) => boolean): Row {
  return { reason, judge: denyIf(({ request, state }) => wantsIn(request) && fails(state)) };
}

const ADMIT: Grant = { kind: 'admit' };

/** Leaving by an entrance with a code: it closes exactly one stay, or none that is closed already. */
const CHECK_OUT_ROWS: readonly Row[] = [
  {
    reason: 'no-open-stay',
    judge: ({ request, state, nowMs }) => {
      const stay = stayToCheckOut(state.stays, request.stay);
      if (stay !== null) {
        const stillOpen = state.stays.filter((other) => isOpen(other) && other.id !== stay.id);
        return { kind: 'check-out', stay, stillOpen };
      }
      if (staffAt(request) !== null) return ADMIT;
      const left = stayToLeave(state.stays, nowMs);
      return left === null ? 'deny' : { kind: 'leave', stay: left };
    },
  },
];

/** Checking out at an entrance: it closes the stay that is named and nothing else, and no door is opened for it. */
const ENTRANCE_CHECK_OUT_ROWS: readonly Row[] = [
  {
    reason: 'no-open-stay',
    judge: (facts) => {
      const stay = closableHere(facts).find(({ id }) => id === facts.request.stay);
      if (stay === undefined) return 'deny';
      const stillOpen = facts.state.stays.filter((other) => isOpen(other) && other.id !== stay.id);
      return { kind: 'check-out', stay, stillOpen };
    },
  },
];

/** What the holder of a credential can check out of at this door's entry. Told to nobody but the holder. */
function closableHere({ request: { credential, door, side }, state, nowMs }: Facts): readonly Stay[] {
  const isHolder = !state.seenBefore && identityProblems(credential).length === 0;
  return side === 'entry' && door.role === 'entrance' && isHolder ? leftOpen(state.stays, nowMs) : [];
}

/** Staff enter in their hours. A pass that is for staff only has nothing else to be judged by. */
const STAFF_ROW: Row = {
  reason: 'staff-hours',
  judge: (facts) => {
    const staff = staffAt(facts.request);
    if (staff !== null && isStaffHour(staff, facts)) return ADMIT;
    return holdsOnly('staff', facts) ? 'deny' : 'pass';
  },
};

/** Nobody enters by a credential, whatever they hold. The tables of the way out have no such row. */
const LOCKDOWN_ROW: Row = { reason: 'lockdown', judge: denyIf(({ state }) => state.lockdown) };

/** Entering by an entrance, before the tickets are asked: reservations were promised a place. */
const ENTRY_ROWS: readonly Row[] = [
  LOCKDOWN_ROW,
  { reason: 'door-offline', judge: denyIf(({ state }) => !state.controllerOnline) },
  {
    reason: 'passback',
    judge: denyIf(({ request, state }) => !request.credential.deviceBound && state.stays.some(isOpen)),
  },
  STAFF_ROW,
  { reason: 'host-not-checked-in', judge: denyIf((facts) => waitsForHost(facts)) },
  { reason: 'no-reservation', judge: judgeReservation('no-reservation') },
  { reason: 'too-early', judge: judgeReservation('too-early') },
  { reason: 'reservation-ended', judge: judgeReservation('reservation-ended') },
];

/** An inner door admits whoever has the room now, or is checked in where the door leads to no space in particular. */
const INNER_ROWS: readonly Row[] = [
  LOCKDOWN_ROW,
  { reason: 'door-offline', judge: denyIf(({ state }) => !state.controllerOnline) },
  STAFF_ROW,
  {
    reason: 'out-of-service-scope',
    judge: denyIf((facts) => facts.request.door.spaces.length > 0 && holdsOnly('ticket', facts)),
  },
  {
    reason: 'host-not-checked-in',
    judge: denyIf((facts) => facts.request.door.spaces.length > 0 && waitsForHost(facts, behind(facts))),
  },
  {
    reason: 'no-reservation',
    judge: (facts) => {
      const { request, state } = facts;
      const enters =
        request.door.spaces.length === 0
          ? state.stays.some(isOpen)
          : currentReservation(facts, behind(facts)) !== null;
      return enters ? ADMIT : 'deny';
    },
  },
];

/** Nobody is kept behind an inner door. */
const INNER_EXIT_ROWS: readonly Row[] = [{ reason: 'no-open-stay', judge: () => ADMIT }];

/**
 * Decides on a credential at a door: the whole decision, in the order in which its tables are written.
 *
 * Pure: reads no clock, no store and no log. Egress is not decided here at all; the exit button and the fire
 * input work in the firmware.
 *
 * @param nowMs the gateway's wall time, epoch milliseconds
 */
export function decideAccess(
  request: AccessRequest,
  venue: VenueConfig,
  state: AccessState,
  nowMs: number,
): Decision {
  const stays = state.stays.map((stay) => withNewerTerms(stay, request.credential));
  const facts: Facts = { request, venue, state: { ...state, stays }, nowMs };
  const checks: Check[] = [];
  for (const row of rowsFor(facts)) {
    const verdict = row.judge(facts);
    checks.push({ check: row.reason, result: verdict === 'deny' ? 'failed' : 'passed' });
    if (verdict === 'deny')
      return { outcome: 'denied', reason: row.reason, stillOpen: closableHere(facts), checks };
    if (verdict !== 'pass') return { outcome: 'granted', grant: verdict, checks };
  }
  throw new Error('a decision table ended without a grant or a denial');
}

/** The rows one after the other: what tickets say is worked out where everything before has passed. */
function* rowsFor(facts: Facts): Generator<Row> {
  const { door, side } = facts.request;
  yield* CREDENTIAL_ROWS;
  if (side === 'entry' && !wantsIn(facts.request)) yield* ENTRANCE_CHECK_OUT_ROWS;
  else if (side === 'exit') yield* door.role === 'inner' ? INNER_EXIT_ROWS : CHECK_OUT_ROWS;
  else if (door.role === 'inner') yield* INNER_ROWS;
  else {
    yield* ENTRY_ROWS;
    yield* ticketRows(facts);
  }
}

/**
 * A reservation that holds now is granted by the first of its rows. Without one, a member who also has a ticket
 * is judged by the ticket; everybody else learns what is wrong with the reservations.
 */
function judgeReservation(reason: 'no-reservation' | 'too-early' | 'reservation-ended'): Row['judge'] {
  return (facts) => {
    const current = currentReservation(facts);
    if (current !== null) return reservationGrant(current, facts.state);
    if (facts.request.credential.entitlements.some((ent) => ent.kind === 'ticket')) return 'pass';
    return reservationReason(facts) === reason ? 'deny' : 'pass';
  };
}

function reservationGrant({ reservation, stay, settled }: CurrentReservation, state: AccessState): Grant {
  if (stay !== null) return { kind: 're-entry', stay };
  // One seat and one room at once, never two of a kind: the new check-in ends the old stay.
  const closes =
    state.stays.find(
      ({ state: life, entitlement }) =>
        life === 'open' &&
        entitlement.kind === 'reservation' &&
        entitlement.role === reservation.role &&
        entitlement.space.kind === reservation.space.kind,
    ) ?? null;
  return {
    kind: 'check-in',
    entitlement: reservation,
    closes,
    ...(settled !== null && { settled }),
    flags: [],
    usedBefore: 0,
  };
}

function holdsOnly(kind: 'staff' | 'ticket', { request }: Facts): boolean {
  const { entitlements } = request.credential;
  return entitlements.length > 0 && entitlements.every((ent) => ent.kind === kind);
}

/** The spaces that an inner door leads to. */
const behind =
  ({ request }: Facts) =>
  (space: Reservation['space']): boolean =>
    request.door.spaces.includes(space.id);

function staffAt({ credential, door }: AccessRequest): Staff | null {
  return (
    credential.entitlements
      .filter((ent) => ent.kind === 'staff')
      .find((ent) => ent.doors.includes(door.id)) ?? null
  );
}

function isStaffHour(staff: Staff, { venue, nowMs }: Facts): boolean {
  const hours = venue.staffHours[staff.hours];
  return hours !== undefined && isOpenAt(hours, venue.timeZone, nowMs);
}
