import type { Temporal } from 'temporal-polyfill';
import type { Plan, Ticket } from '../contract/pass.ts';
import { civilDateAt, formatInstant, JAPAN, parseCivilDate, SECOND_MS, startOfDayMs } from '../time.ts';

/** Uses of a basic ticket in one period: the 31st is allowed, the 32nd refused. 利用回数の上限を31回としています。 */
const BASIC_USES_MAX = 31;

/** Uses from which the rest is shown. 当月26回利用済みの状態になりましたら、…当月の残り利用回数を表示します。 */
export const REMAINING_SHOWN_FROM = 26;

/**
 * Which day the renewals follow. `purchase-day`: always the day of purchase, where the month has it (10/31 → 11/30 →
 * 12/31). `chain`: the day of the renewal before (10/31 → 11/30 → 12/30).
 */
export type RenewalAnchor = 'purchase-day' | 'chain';

/** By which calendar a ticket's days are counted. */
export interface TicketCalendar {
  /** IANA name of the zone whose midnights begin and end its days. */
  readonly timeZone: string;
  readonly renewalAnchor: RenewalAnchor;
}

const JAPANESE: TicketCalendar = { timeZone: JAPAN, renewalAnchor: 'purchase-day' };

/** Renewals looked at: a hundred years. */
export const RENEWAL_INDEX_MAX = 1_200;

/** One month of a ticket. Days are civil dates, `YYYY-MM-DD`. */
export interface TicketPeriod {
  /** 0 for the month that was bought, 1 for the first renewal, … */
  readonly renewalIndex: number;
  readonly firstDay: string;
  /** The last day on which the ticket opens doors, to its end. */
  readonly lastDay: string;
  /** The instant at which the next period begins, in the zone: the first that is too late. */
  readonly validUntilExclusive: string;
  readonly validUntilExclusiveMs: number;
  /** First to last day, both counted: 28–31. */
  readonly days: number;
}

/** What the uses and the plan of a ticket hang on: the entitlement in the pass. */
export type TicketFacts = Pick<Ticket, 'plan' | 'purchaseDate' | 'used' | 'usedAt' | 'endsOn' | 'nextPlan'>;

/**
 * The period of a renewal. It begins on the purchase day, or on the last day of a month that lacks it, and ends the
 * day before the next begins: 10月10日に購入した場合は11月9日まで…10月31日に購入した場合は11月29日まで有効です. Civil-code month
 * ends and most date libraries would give 11/30 for the latter.
 *
 * @throws RangeError for a date that does not exist or an index outside 0–1,200
 */
export function ticketPeriod(
  bought: {
    readonly purchaseDate: string;
    readonly renewalIndex: number;
    readonly renewalAnchor?: RenewalAnchor;
  },
  zone = JAPAN,
): TicketPeriod {
  const { renewalIndex, renewalAnchor = 'purchase-day' } = bought;
  if (!Number.isInteger(renewalIndex) || renewalIndex < 0 || renewalIndex > RENEWAL_INDEX_MAX) {
    throw new RangeError(`renewalIndex must be 0 to ${RENEWAL_INDEX_MAX}`);
  }
  const purchase = parseCivilDate(bought.purchaseDate);
  const first = periodStart(purchase, renewalIndex, renewalAnchor);
  const next = periodStart(purchase, renewalIndex + 1, renewalAnchor);
  const endMs = startOfDayMs(next, zone);
  return {
    renewalIndex,
    firstDay: first.toString(),
    lastDay: next.subtract({ days: 1 }).toString(),
    validUntilExclusive: formatInstant(endMs, zone),
    validUntilExclusiveMs: endMs,
    days: first.until(next, { largestUnit: 'days' }).days,
  };
}

/**
 * The period that holds an instant, or `null` before the purchase day and after `endsOn`. A ticket renews by itself
 * unless it was cancelled (利用期間の末日までに解約…手続きが行われないかぎり…自動延長されます).
 */
export function periodAt(
  ticket: Pick<TicketFacts, 'purchaseDate' | 'endsOn'>,
  instantMs: number,
  { timeZone, renewalAnchor } = JAPANESE,
): TicketPeriod | null {
  const today = civilDateAt(instantMs, timeZone);
  if (today < ticket.purchaseDate || (ticket.endsOn !== undefined && today > ticket.endsOn)) return null;
  // Period k begins in the k-th month after the purchase, so today's is that of this month or the one before.
  const renewalIndex = monthNumber(today) - monthNumber(ticket.purchaseDate);
  if (renewalIndex > RENEWAL_INDEX_MAX) return null;
  const periodOf = (index: number) =>
    ticketPeriod({ purchaseDate: ticket.purchaseDate, renewalIndex: index, renewalAnchor }, timeZone);
  const candidate = periodOf(renewalIndex);
  return candidate.firstDay <= today ? candidate : periodOf(renewalIndex - 1);
}

/**
 * Whether the ticket has been renewed, as far as the instant can tell, since its issuer last saw it (`usedAt`).
 * Offline such a renewal is assumed and the visit flagged `offline-renewal-assumed`.
 */
export function isRenewedSince(ticket: TicketFacts, instantMs: number, calendar = JAPANESE): boolean {
  const seen = periodAt({ purchaseDate: ticket.purchaseDate }, ticket.usedAt * SECOND_MS, calendar);
  const now = periodAt(ticket, instantMs, calendar);
  return now !== null && now.renewalIndex > (seen?.renewalIndex ?? 0);
}

/**
 * The plan in force: `nextPlan` acts from the first renewal after the issuer last saw the ticket, not before
 * (契約プラン変更のお手続きが完了しても、契約期間終了日までは変更前のプランをご利用いただきます).
 */
export function planAt(ticket: TicketFacts, instantMs: number, calendar = JAPANESE): Plan {
  const { plan, nextPlan } = ticket;
  return nextPlan !== undefined && isRenewedSince(ticket, instantMs, calendar) ? nextPlan : plan;
}

/**
 * Uses made in the period that holds the instant, by what the issuer knew: `used` in the period of `usedAt`, 0 in
 * every later one. Uses that the gateway granted since are the gateway's to add.
 */
export function usesAt(ticket: TicketFacts, instantMs: number, calendar = JAPANESE): number {
  return isRenewedSince(ticket, instantMs, calendar) ? 0 : ticket.used;
}

/** Uses left in a period after `used`, or `null` where the plan has no limit. Never negative. */
export function remainingUses(plan: Plan, used: number): number | null {
  switch (plan) {
    case 'basic':
      return Math.max(0, BASIC_USES_MAX - used);
    case 'premium':
    case 'corporate':
      return null;
  }
}

/** The rest that a member is shown after `used` uses: `null` below 26 uses and where the plan has no limit. */
export function remainingShown(plan: Plan, used: number): number | null {
  return used < REMAINING_SHOWN_FROM ? null : remainingUses(plan, used);
}

function periodStart(purchase: Temporal.PlainDate, index: number, anchor: RenewalAnchor): Temporal.PlainDate {
  // `add` moves to the last day of a month that lacks the day, which is what 応当する日がない場合 asks for.
  if (anchor === 'purchase-day') return purchase.add({ months: index });
  let start = purchase;
  for (let renewal = 0; renewal < index; renewal += 1) start = start.add({ months: 1 });
  return start;
}

function monthNumber(date: string): number {
  return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7));
}
