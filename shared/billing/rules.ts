import type { ChargeRule, SpaceKind, VenueKind } from '../contract/charge.ts';
import type { Policy } from '../contract/policy.ts';
import { DAY_MS } from '../time.ts';
import { unitsBegunBefore, unitsBegunBy } from './units.ts';

/** What the rules ask of a visit. Instants are epoch milliseconds; stamps are truncated already. */
export interface Visit {
  readonly venue: VenueKind;
  readonly space: SpaceKind;
  readonly policy: Policy;
  readonly startMs: number;
  readonly endMs: number;
  /** C, or the end where that is later; `null` where nothing closes on the day of the start. */
  readonly closingMs: number | null;
  /** A cancellation came before its deadline. */
  readonly cancelledInTime: boolean;
  readonly checkedIn: boolean;
  /** m: the truncated check-out. */
  readonly checkOutMs: number | null;
}

/** One row of the table: what it is called, where it is from, when it holds, what it charges before the cap. */
interface RuleRow {
  readonly rule: ChargeRule;
  readonly source: string;
  readonly holds: (visit: Visit) => boolean;
  readonly units: (visit: Visit) => number;
}

const reservedUnits = ({ startMs, endMs }: Visit): number => unitsBegunBefore(startMs, endMs);
const untilUnits = (visit: Visit, untilMs: number): number =>
  Math.max(reservedUnits(visit), unitsBegunBefore(visit.startMs, untilMs));

/** Nothing ended the visit before closing: no scan, or one after closing, which is journalled and ends nothing. */
const unended = ({ checkOutMs, closingMs }: Visit): boolean =>
  checkOutMs === null || (closingMs !== null && checkOutMs > closingMs);
const isEarly = ({ checkOutMs, endMs }: Visit): boolean => checkOutMs !== null && checkOutMs < endMs;
const isLate = ({ checkOutMs, endMs }: Visit): boolean => checkOutMs !== null && checkOutMs > endMs;
const isShortened = ({ venue, space, policy }: Visit): boolean =>
  venue === 'h1t' && (space === 'seat' || policy.h1tRoomShorten);

/**
 * The rules of a reservation's charge. The first row that holds decides. A scan without a check-in is billed by the
 * scan, so the rows of a forgotten check-out are reached with a check-in or with a scan after closing.
 */
export const RULES: readonly RuleRow[] = [
  {
    rule: 'cancelled',
    source:
      'キャンセルを忘れてしまった場合、予約時間分の課金がかかります (so a cancellation in time is free)',
    holds: ({ cancelledInTime, checkedIn }) => cancelledInTime && !checkedIn,
    units: () => 0,
  },
  {
    rule: 'no-show-reserved',
    source: 'キャンセルを忘れてしまった場合、予約時間分の課金がかかりますので、ご注意ください。',
    holds: ({ checkedIn, checkOutMs }) => !checkedIn && checkOutMs === null,
    units: reservedUnits,
  },
  {
    rule: 'forgotten-room-reserved',
    source: 'チェックアウトを忘れてしまった場合(※席のみ): rooms are outside the rule',
    holds: (visit) => unended(visit) && visit.space === 'room',
    units: reservedUnits,
  },
  {
    rule: 'forgotten-no-closing',
    source: 'the same, at a venue without a closing time; policy forgottenCutoff',
    holds: (visit) => unended(visit) && visit.closingMs === null,
    units: (visit) =>
      visit.policy.forgottenCutoff === 'reservation'
        ? reservedUnits(visit)
        : untilUnits(visit, visit.startMs + DAY_MS),
  },
  {
    rule: 'forgotten-seat-to-closing',
    source: 'チェックアウトを忘れてしまった場合、営業終了時間までの課金になされます',
    holds: unended,
    units: (visit) => untilUnits(visit, visit.closingMs ?? visit.endMs),
  },
  {
    rule: 'reserved',
    source: 'WORKUSは、原則「予約時間」によって課金されます。',
    holds: ({ checkOutMs, endMs }) => checkOutMs === endMs,
    units: reservedUnits,
  },
  {
    rule: 'h1t-shortened',
    source: '【H1T】チェックアウト時間に応じて予約時間の短縮と課金がなされます。',
    holds: (visit) => isEarly(visit) && isShortened(visit),
    units: (visit) =>
      Math.min(reservedUnits(visit), unitsBegunBy(visit.startMs, visit.checkOutMs ?? visit.endMs)),
  },
  {
    rule: 'early-checkout-reserved',
    source: '予約終了時間より早くチェックアウトした場合、予約終了時間までが課金対象となります。',
    holds: isEarly,
    units: reservedUnits,
  },
  {
    rule: 'late-seat',
    source: '予約終了時間より遅くチェックアウトした場合、チェックアウト時間までが課金対象となります。',
    holds: (visit) => isLate(visit) && visit.space === 'seat',
    units: (visit) => untilUnits(visit, visit.checkOutMs ?? visit.endMs),
  },
  {
    rule: 'late-room-reserved',
    source: '(※会議室のみ) 予約終了時間より遅くチェックアウトした場合、予約時間までが課金対象となります。',
    holds: isLate,
    units: reservedUnits,
  },
];

/** Whether a rule is one of a check-out that never came in time. */
export function isForgotten(rule: ChargeRule): boolean {
  return (
    rule === 'forgotten-room-reserved' ||
    rule === 'forgotten-no-closing' ||
    rule === 'forgotten-seat-to-closing'
  );
}

/** The rule that decides a visit, with its units before the cap: ≥ 1 unless cancelled. */
export function applyRules(visit: Visit): { readonly rule: ChargeRule; readonly units: number } {
  const row = RULES.find(({ holds }) => holds(visit));
  if (row === undefined) throw new Error('the rules leave no visit out: an instant is not a number');
  return { rule: row.rule, units: row.units(visit) };
}
