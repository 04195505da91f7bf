import type { DenialReason } from '../../shared/contract/denial.ts';
import type { DomainEvent, EventData, GrantKind } from '../../shared/contract/events.ts';
import { formatInstant, parseInstant, truncateToMinute } from '../../shared/time.ts';
import {
  closeStay,
  closingAtCheckIn,
  flagStay,
  SUPERSEDED_BY,
  withClock,
  type BilledStay,
  type BillingContext,
} from './close.ts';
import type { AccessRequest, Decision, Grant } from './facts.ts';
import { releasesDoor } from './leaving.ts';
import { settleStay } from './settle.ts';
import { nextStayState, type Stay, type VisitEntitlement } from './stay.ts';
import { closingBefore, pastClosingEvent } from './synced.ts';
import { usesShown, type UsesShown } from './ticket.ts';

/** What the member is told, and what a retry within ten seconds is told again. */
export type Answer =
  | {
      readonly granted: false;
      readonly reason: DenialReason;
      /** At an entrance: the member's stays whose time is over and that can be checked out of there. Left out: none. */
      readonly stillOpen?: readonly OpenStay[];
    }
  | {
      readonly granted: true;
      readonly kind: GrantKind;
      readonly stay: string | null;
      /** The seat or room of a reservation. */
      readonly space: string | null;
      /** Until when the visit lasts, RFC 3339, or `null` for a ticket. */
      readonly until: string | null;
      readonly uses: UsesShown | null;
      /** What a check-out cost, in yen; `null` for anything else. */
      readonly yen: number | null;
      /** Of a check-out: the member's stays that are open still, with the seat or room of a reservation. */
      readonly stillOpen: readonly OpenStay[];
    };

/** A stay that is open, with its seat or room; `null` for a ticket. */
export interface OpenStay {
  readonly stay: string;
  readonly space: string | null;
}

/** Everything one decision writes, as data: one transaction of the journal. */
export interface DecisionRecord {
  readonly answer: Answer;
  readonly stay: string | null;
  readonly stays: readonly Stay[];
  readonly events: readonly DomainEvent[];
}

/** What a record needs to know beside the decision. */
export interface RecordContext extends BillingContext {
  readonly request: AccessRequest;
  /** The decision's number in the journal: the grant's, when it is one. */
  readonly grant: number;
  readonly epoch: string;
  readonly leaseMs: number;
  /** By reservation: the closing of its day as the hours were when the cloud told of it. Default: it told of none. */
  readonly closings?: ReadonlyMap<string, number | null>;
  /** Refusals before this one that were too many to be recorded. Default: none. */
  readonly unrecorded?: number;
}

/** Turns a decision into what is journalled and what the member is told. Pure. */
export function recordDecision(decision: Decision, context: RecordContext): DecisionRecord {
  if (decision.outcome === 'denied') return recordDenial(decision, context);
  const { grant } = decision;
  switch (grant.kind) {
    case 'check-in':
      return recordCheckIn(grant, context);
    case 're-entry':
      return recordReentry(grant.stay, context);
    case 'check-out':
      return recordCheckOut(grant, context);
    case 'leave':
      return recordLeave(grant.stay, context);
    case 'admit':
      return {
        answer: granted('admit', null, context),
        stay: null,
        stays: [],
        events: [grantedEvent('admit', null, context)],
      };
  }
}

type Denial = Extract<Decision, { outcome: 'denied' }>;

/** What the member is told of a denial. */
export function answerOfDenial({ reason, stillOpen }: Denial): Answer {
  return { granted: false, reason, ...(stillOpen.length > 0 && { stillOpen: stillOpen.map(openStay) }) };
}

function recordDenial(denial: Denial, { request, unrecorded = 0 }: RecordContext): DecisionRecord {
  const { credential, door, side } = request;
  const { reason, stillOpen } = denial;
  return {
    answer: answerOfDenial(denial),
    stay: null,
    stays: [],
    events: [
      {
        name: 'access.denied',
        subject: door.id,
        data: {
          door: door.id,
          side,
          reason,
          via: credential.via,
          iss: credential.iss,
          sub: credential.sub,
          presentation: credential.identity,
          ...(stillOpen.length > 0 && { stillOpen: stillOpen.map(({ id }) => id) }),
          ...(unrecorded > 0 && { unrecorded }),
        },
      },
    ],
  };
}

function recordCheckIn(grant: Extract<Grant, { kind: 'check-in' }>, context: RecordContext): DecisionRecord {
  const { entitlement, flags, closes } = grant;
  // Read once: each time it is asked for, the journal is.
  const { request, venue, nowMs, closings } = context;
  const opened: Omit<Stay, 'id' | 'state'> = {
    iss: request.credential.iss,
    sub: request.credential.sub,
    grant: context.grant,
    entitlement,
    checkInMs: nowMs,
    checkOutMs: null,
    endsAtMs: entitlement.kind === 'reservation' ? parseInstant(entitlement.end) : null,
    ...(entitlement.kind === 'reservation' && {
      closingMs: closingAtCheckIn(closings?.get(entitlement.id), entitlement, venue),
    }),
    flags: withClock(flags, context.clock),
  };
  // A no-show that was extended after it was settled goes on under its own name, so that its charge is superseded.
  const stay: Stay =
    grant.settled === undefined
      ? { id: `${context.epoch}-${context.grant}`, state: 'open', ...opened }
      : { ...grant.settled, ...opened, state: nextStayState(grant.settled.state, 'check-in') };
  const uses =
    entitlement.kind === 'ticket' ? usesShown(entitlement, grant.usedBefore + 1, nowMs, venue) : null;
  const closing = closes === null ? null : closeFor(entitlement, closes, context);
  const checkedIn: DomainEvent = {
    name: 'stay.checked-in',
    subject: stay.id,
    data: {
      stay: stay.id,
      door: request.door.id,
      iss: stay.iss,
      sub: stay.sub,
      grant: context.grant,
      checkIn: formatInstant(nowMs, venue.timeZone),
      flags: [...stay.flags],
      visit:
        entitlement.kind === 'reservation'
          ? {
              kind: 'reservation',
              reservation: entitlement.id,
              space: entitlement.space,
              role: entitlement.role,
              start: entitlement.start,
              end: entitlement.end,
            }
          : {
              kind: 'ticket',
              ticket: entitlement.id,
              plan: entitlement.plan,
              used: grant.usedBefore + 1,
              remaining: uses?.remaining ?? null,
            },
    },
  };
  return {
    answer: { ...granted('check-in', stay, context), uses },
    stay: stay.id,
    stays: [...(closing === null ? [] : [closing.stay]), stay],
    events: [
      grantedEvent('check-in', stay, context),
      ...(closing?.events ?? []),
      checkedIn,
      ...pastClosingOf(stay, closings, venue),
    ],
  };
}

/** A reservation that only the pass told of, and that ends after the closing of its day, becomes known now. */
function pastClosingOf(
  { iss, sub, entitlement }: Stay,
  closings: RecordContext['closings'],
  venue: RecordContext['venue'],
): DomainEvent[] {
  if (entitlement.kind !== 'reservation' || closings?.has(entitlement.id) === true) return [];
  const closingMs = closingBefore(entitlement, venue);
  return closingMs === undefined
    ? []
    : [pastClosingEvent({ iss, sub }, entitlement, closingMs, venue.timeZone)];
}

/**
 * Ends the stay that a check-in takes over from. One that has ended by itself already, and that nobody was there to
 * settle, is settled as what it was: the check-in of a morning says nothing about the evening before.
 */
function closeFor(next: VisitEntitlement, stay: Stay, context: RecordContext): BilledStay {
  const reservations = [...(context.reservations ?? []), ...(next.kind === 'reservation' ? [next] : [])];
  const known = { ...context, reservations };
  const how = { by: 'next-reservation', door: null, grant: null, atMs: context.nowMs } as const;
  return settleStay(stay, known) ?? closeStay(stay, known, how);
}

function recordReentry(stay: Stay, context: RecordContext): DecisionRecord {
  const { request, nowMs } = context;
  const state = nextStayState(stay.state, 're-enter');
  return {
    answer: granted('re-entry', stay, context),
    stay: stay.id,
    stays: [{ ...stay, state, ...(stay.checkOutMs !== null && { reenteredMs: nowMs }) }],
    events: [
      grantedEvent('re-entry', stay, context),
      {
        name: 'stay.reentered',
        subject: stay.id,
        data: { stay: stay.id, door: request.door.id, iss: stay.iss, sub: stay.sub, grant: context.grant },
      },
    ],
  };
}

function recordCheckOut(
  { stay, stillOpen }: Extract<Grant, { kind: 'check-out' }>,
  context: RecordContext,
): DecisionRecord {
  // At an entrance no door is released: it is a check-out and no grant of one.
  const isReleased = releasesDoor(context.request);
  const closed = closeStay(stay, context, {
    by: 'member',
    door: context.request.door.id,
    grant: isReleased ? context.grant : null,
    atMs: context.nowMs,
    stillOpen: stillOpen.map(({ id }) => id),
  });
  return {
    answer: {
      ...granted('check-out', closed.stay, context),
      yen: closed.yen,
      stillOpen: stillOpen.map(openStay),
    },
    stay: stay.id,
    stays: [closed.stay],
    events: [...(isReleased ? [grantedEvent('check-out', stay, context)] : []), ...closed.events],
  };
}

/**
 * Leaving after the check-out, which stands. Whoever is seen to leave after the shortened end was there too long: that
 * is flagged and costs nothing.
 */
function recordLeave(stay: Stay, context: RecordContext): DecisionRecord {
  const gone: Stay = { ...stay, reenteredMs: null };
  const isLate = truncateToMinute(context.nowMs) > (stay.endsAtMs ?? Infinity);
  const flagged = isLate ? flagStay(gone, 'overstay', SUPERSEDED_BY.overstay) : { stay: gone, events: [] };
  return {
    answer: granted('admit', stay, context),
    stay: stay.id,
    stays: [flagged.stay],
    events: [grantedEvent('admit', stay, context), ...flagged.events],
  };
}

function grantedEvent(
  kind: GrantKind,
  stay: Stay | null,
  { request: { credential, door, side }, grant, leaseMs }: RecordContext,
): DomainEvent {
  const { iss, sub, via, identity: presentation } = credential;
  const about = { door: door.id, side, iss, sub, via, presentation } as const;
  return accessGranted({ ...about, grant, kind, stay: stay?.id ?? null, leaseMs });
}

/** `access.granted`: a door is released for somebody, by a credential or by an operator. */
export function accessGranted(data: EventData<'access.granted'>): DomainEvent {
  return { name: 'access.granted', subject: data.door, data };
}

const openStay = ({ id, entitlement }: Stay): OpenStay => ({ stay: id, space: spaceOf(entitlement) });

/** The seat or room of a reservation; a ticket has none. */
function spaceOf(entitlement: VisitEntitlement): string | null {
  return entitlement.kind === 'reservation' ? entitlement.space.id : null;
}

/** The answer to a grant about no stay and no money: the door opens. */
export function plainGrant(kind: GrantKind): Extract<Answer, { granted: true }> {
  return { granted: true, kind, stay: null, space: null, until: null, uses: null, yen: null, stillOpen: [] };
}

function granted(
  kind: GrantKind,
  stay: Stay | null,
  { venue }: RecordContext,
): Extract<Answer, { granted: true }> {
  const reservation = stay?.entitlement.kind === 'reservation' ? stay.entitlement : null;
  const endsAtMs = reservation === null ? null : (stay?.endsAtMs ?? null);
  return {
    ...plainGrant(kind),
    stay: stay?.id ?? null,
    space: stay === null ? null : spaceOf(stay.entitlement),
    until: endsAtMs === null ? null : formatInstant(endsAtMs, venue.timeZone),
  };
}
