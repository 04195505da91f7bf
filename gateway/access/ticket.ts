import {
  isRenewedSince,
  periodAt,
  planAt,
  REMAINING_SHOWN_FROM,
  remainingUses,
  usesAt,
  type TicketCalendar,
} from '../../shared/billing/ticket.ts';
import type { VenueConfig } from '../../shared/contract/config.ts';
import type { Ticket } from '../../shared/contract/pass.ts';
import { isOpenAt, startOfBusinessDay } from '../../shared/hours.ts';
import { MINUTE_MS, SECOND_MS } from '../../shared/time.ts';
import type { Facts, Row } from './facts.ts';
import { takesSeat } from './leaving.ts';
import type { Stay } from './stay.ts';

/** What a member is told of a ticket's uses. */
export interface UsesShown {
  /** Uses of the period, this one included. */
  readonly used: number;
  /** Uses left, or `null` where the plan has no limit. */
  readonly remaining: number | null;
  /** Whether the rest is to be shown: from the 26th use. */
  readonly shown: boolean;
}

/** The uses of a ticket at an instant, `used` of them made. */
export function usesShown(ticket: Ticket, used: number, nowMs: number, venue: VenueConfig): UsesShown {
  const remaining = remainingUses(planAt(ticket, nowMs, calendarOf(venue)), used);
  return { used, remaining, shown: remaining !== null && used >= REMAINING_SHOWN_FROM };
}

const calendarOf = ({ timeZone, ticket: { renewalAnchor } }: VenueConfig): TicketCalendar => ({
  timeZone,
  renewalAnchor,
});

/** One check of a ticket: it passes, denies with its reason, or grants and ends the walk. */
interface TicketCheck {
  readonly reason: Row['reason'];
  readonly judge: (ticket: Ticket, facts: Facts) => ReturnType<Row['judge']>;
}

const check = (reason: Row['reason'], fails: (ticket: Ticket, facts: Facts) => boolean): TicketCheck => ({
  reason,
  judge: (ticket, facts) => (fails(ticket, facts) ? 'deny' : 'pass'),
});

/** The decision on a ticket, in the order of the rules: valid, open visit, plan, uses, hours, daily limits, vacancy. */
const CHECKS: readonly TicketCheck[] = [
  check('ticket-ended', (ticket, { venue, nowMs }) => periodAt(ticket, nowMs, calendarOf(venue)) === null),
  {
    reason: 'venue-daily-time',
    judge: (ticket, facts) => {
      const open = openVisitToday(ticket, facts);
      if (open === null || !facts.venue.ticket.reentry) return 'pass';
      return isDayUsedUp(facts) ? 'deny' : { kind: 're-entry', stay: open };
    },
  },
  check(
    'plan-excludes-venue',
    (ticket, { venue, nowMs }) =>
      venue.ticket.venueClass === 'regus-lounge' && planAt(ticket, nowMs, calendarOf(venue)) === 'basic',
  ),
  check('limit-31', (ticket, facts) => {
    const plan = planAt(ticket, facts.nowMs, calendarOf(facts.venue));
    return remainingUses(plan, usedSoFar(ticket, facts)) === 0;
  }),
  check('venue-closed', (_, { venue, nowMs }) => !isOpenAt(venue.hours, venue.timeZone, nowMs)),
  check('venue-daily-count', (_, facts) => {
    const { usesPerDay } = facts.venue.ticket;
    return usesPerDay !== null && visitsToday(facts).length >= usesPerDay;
  }),
  check('venue-daily-time', (_, facts) => isDayUsedUp(facts)),
  {
    reason: 'full',
    judge: (ticket, facts) => {
      const { venue, state, nowMs } = facts;
      const closes =
        state.stays.find((stay) => stay.state === 'open' && stay.entitlement.kind === 'ticket') ?? null;
      // Whoever is counted as inside already takes no second seat.
      const inside = state.inside - (state.stays.some(takesSeat) ? 1 : 0);
      if (venue.capacity - inside - state.heldSeats <= 0) return 'deny';
      return {
        kind: 'check-in',
        entitlement: { ...ticket, plan: planAt(ticket, nowMs, calendarOf(venue)) },
        closes,
        flags: isRenewedSince(ticket, nowMs, calendarOf(venue)) ? ['offline-renewal-assumed'] : [],
        usedBefore: usedSoFar(ticket, facts),
      };
    },
  },
];

/**
 * The decision on the tickets of a credential. Every one is tried: one that is come back to with goes before one that
 * admits anew, and that before one that does not; of those the one that comes furthest is told, whatever their order.
 * The rows before these have denied every credential without a ticket.
 */
export function ticketRows(facts: Facts): readonly Row[] {
  const tickets = facts.request.credential.entitlements.filter((ent) => ent.kind === 'ticket');
  const tried = tickets.map((ticket) => ({ ticket, rank: rankOf(ticket, facts) }));
  const best = tried.reduce<(typeof tried)[number] | null>(
    (first, one) => (first === null || one.rank > first.rank ? one : first),
    null,
  );
  return CHECKS.map(({ reason, judge }) => ({
    reason,
    judge: () => (best === null ? 'deny' : judge(best.ticket, facts)),
  }));
}

/** How far a ticket comes: the number of the check that denies it, or beyond them all where it is granted. */
function rankOf(ticket: Ticket, facts: Facts): number {
  for (const [place, { judge }] of CHECKS.entries()) {
    const verdict = judge(ticket, facts);
    if (verdict === 'deny') return place;
    if (verdict !== 'pass') return CHECKS.length + (verdict.kind === 're-entry' ? 1 : 0);
  }
  throw new Error('the checks of a ticket ended without a grant or a denial');
}

/**
 * Uses of the current period: what the issuer counted, and on top what it cannot have known then. Both are told in whole
 * seconds: what became known in the second of the count is on top.
 */
function usedSoFar(ticket: Ticket, { state, venue, nowMs }: Facts): number {
  const calendar = calendarOf(venue);
  const current = periodAt(ticket, nowMs, calendar)?.renewalIndex;
  const onTop = state.ticketUses.filter(
    ({ ticket: id, atMs, knownMs }) =>
      id === ticket.id &&
      (knownMs === null || knownMs >= ticket.usedAt * SECOND_MS) &&
      periodAt(ticket, atMs, calendar)?.renewalIndex === current,
  );
  return usesAt(ticket, nowMs, calendar) + onTop.length;
}

/** The member's visits by a ticket since the venue's business day began. */
function visitsToday({ state, venue, nowMs }: Facts): readonly Stay[] {
  const beganMs = startOfBusinessDay(venue.hours, venue.timeZone, nowMs);
  return state.stays.filter(
    ({ state: life, entitlement, checkInMs }) =>
      life !== 'voided' && entitlement.kind === 'ticket' && (checkInMs ?? 0) >= beganMs,
  );
}

function openVisitToday(ticket: Ticket, facts: Facts): Stay | null {
  return (
    visitsToday(facts).find((stay) => stay.state === 'open' && stay.entitlement.id === ticket.id) ?? null
  );
}

/**
 * Whether today's minutes are used up. Where breaks count (途中抜けの間も利用時間にカウントされる場合があります), the day runs from the
 * first check-in to now; else each visit from its check-in to its check-out. Leaving by the button leaves no mark in the
 * journal, so a break inside an open visit counts everywhere.
 */
function isDayUsedUp(facts: Facts): boolean {
  const { minutesPerDay, breakCounts } = facts.venue.ticket;
  if (minutesPerDay === null) return false;
  const { nowMs } = facts;
  const visits = visitsToday(facts).map(({ checkInMs, checkOutMs }) => ({
    fromMs: checkInMs ?? nowMs,
    toMs: checkOutMs ?? nowMs,
  }));
  const usedMs = breakCounts
    ? nowMs - Math.min(nowMs, ...visits.map(({ fromMs }) => fromMs))
    : visits.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs), 0);
  return usedMs >= minutesPerDay * MINUTE_MS;
}
