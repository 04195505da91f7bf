import type { ChargeCap, ChargeReading, ChargeRule } from '../contract/charge.ts';
import { applyRules, isForgotten, type Visit } from './rules.ts';
import { UNIT_MS, unitsBegunBefore, unitsBegunBy } from './units.ts';

/** A charge that was decided, as the other readings look at it. */
export interface Decided {
  readonly visit: Visit;
  readonly rule: ChargeRule;
  readonly units: number;
  /** As it is billed: truncated. */
  readonly checkInMs: number | null;
  /** The check-out to the second, where it has seconds that the billed one lacks. */
  readonly checkOutSecondMs: number | null;
  /** The closing as it was posted, also where it is before the reservation's end. */
  readonly postedClosingMs: number | null;
  /** A cancellation came, in time or not. */
  readonly cancellation: boolean;
  /** The cap in force, and whether its time and its money disagree. */
  readonly cap: ChargeCap | null;
  readonly capMismatch: boolean;
  readonly simultaneousUse: boolean;
  /** The door was released for the check-in, and nobody saw it open. */
  readonly doorUnopened: boolean;
  /** Amount in yen of so many units, under the cap in force or another. */
  readonly price: (units: number, under?: ChargeCap | null) => number;
}

/** Another reading of the document: when it is open, and what it would charge in yen. */
interface ReadingRow {
  readonly reading: ChargeReading;
  /** `null` where the reading does not arise, or the venue's policy has settled it. */
  readonly yen: (decided: Decided) => number | null;
}

const reserved = ({ startMs, endMs }: Visit): number => unitsBegunBefore(startMs, endMs);
const reservedBefore = (visit: Visit, untilMs: number): number =>
  Math.max(reserved(visit), unitsBegunBefore(visit.startMs, untilMs));

/**
 * The readings that survive beside the billed one. Order: as in the table of the README. A reading is open only while
 * the policy field that settles it stands at its default.
 */
const READINGS: readonly ReadingRow[] = [
  {
    reading: 'stamp-second',
    yen: ({ visit, checkOutSecondMs, price }) =>
      checkOutSecondMs === null ? null : price(applyRules({ ...visit, checkOutMs: checkOutSecondMs }).units),
  },
  {
    // 11:30～11:59 → 12:00 continued: 12:00～12:29 → 12:30.
    reading: 'bucket-at-the-end',
    yen: ({ visit, rule, price }) =>
      rule === 'reserved' && visit.venue === 'h1t' && visit.space === 'seat'
        ? price(Math.max(reserved(visit), unitsBegunBy(visit.startMs, visit.endMs)))
        : null,
  },
  {
    reading: 'room-not-shortened',
    yen: ({ visit, rule, price }) =>
      rule === 'h1t-shortened' && visit.space === 'room' ? price(reserved(visit)) : null,
  },
  {
    // 【H1T】チェックアウト実績に基づく課金: read as a shortening alone, which nothing makes longer.
    reading: 'h1t-reservation-at-most',
    yen: ({ visit, rule, price }) =>
      visit.venue === 'h1t' && rule === 'late-seat' ? price(reserved(visit)) : null,
  },
  {
    // By use from the door on, where the venue lets its members in before the start.
    reading: 'from-check-in',
    yen: ({ visit: { startMs }, units, checkInMs, price }) =>
      units > 0 && checkInMs !== null && checkInMs < startMs
        ? price(unitsBegunBefore(checkInMs, startMs + units * UNIT_MS))
        : null,
  },
  {
    reading: 'cap-by-minutes-only',
    yen: ({ units, cap, capMismatch, price }) =>
      capMismatch && cap?.minutes !== undefined ? price(units, { minutes: cap.minutes }) : null,
  },
  {
    reading: 'cap-by-yen-only',
    yen: ({ units, cap, capMismatch, price }) =>
      capMismatch && cap?.yen !== undefined ? price(units, { yen: cap.yen }) : null,
  },
  {
    // Literal: while a seat and a room overlap, 課金上限設定がある場合は適用されません on either.
    reading: 'no-cap-on-simultaneous-use',
    yen: ({ units, simultaneousUse, price }) => (simultaneousUse ? price(units, null) : null),
  },
  {
    reading: 'cancellation-accepted',
    yen: ({ visit, rule, cancellation }) =>
      cancellation && rule === 'no-show-reserved' && visit.policy.cancelDeadlineMinutes === 0 ? 0 : null,
  },
  {
    // Cancelled in time, and yet scanned out.
    reading: 'cancellation-ignored',
    yen: ({ visit, rule, price }) =>
      rule === 'cancelled' && visit.checkOutMs !== null
        ? price(applyRules({ ...visit, cancelledInTime: false }).units)
        : null,
  },
  {
    reading: 'no-check-in-is-no-show',
    yen: ({ visit, rule, price }) =>
      !visit.checkedIn && visit.checkOutMs !== null && rule !== 'cancelled' ? price(reserved(visit)) : null,
  },
  {
    reading: 'clock-grid',
    yen: ({ visit, rule, price }) => {
      const units = clockGridUnits(visit, rule);
      return units === null ? null : price(units);
    },
  },
  {
    reading: 'late-beyond-closing',
    yen: ({ visit, rule, price }) =>
      rule === 'forgotten-seat-to-closing' && visit.checkOutMs !== null
        ? price(reservedBefore(visit, visit.checkOutMs))
        : null,
  },
  {
    // The closing was moved to before the end after booking, and the scan fell between the two.
    reading: 'forgotten-at-posted-closing',
    yen: ({ visit, rule, postedClosingMs, price }) =>
      rule === 'h1t-shortened' && postedClosingMs !== null && (visit.checkOutMs ?? 0) > postedClosingMs
        ? price(reserved(visit))
        : null,
  },
  {
    // The same, and nobody scanned: hours in which the venue was shut after all are the operator's.
    reading: 'forgotten-to-posted-closing',
    yen: ({ visit, rule, postedClosingMs, price }) =>
      rule === 'forgotten-seat-to-closing' && postedClosingMs !== null && postedClosingMs < visit.endMs
        ? price(unitsBegunBefore(visit.startMs, postedClosingMs))
        : null,
  },
  {
    // A unit that closing time cuts short is not charged.
    reading: 'forgotten-to-whole-units',
    yen: ({ visit, rule, price }) =>
      rule === 'forgotten-seat-to-closing' && visit.closingMs !== null
        ? price(Math.max(reserved(visit), Math.floor((visit.closingMs - visit.startMs) / UNIT_MS)))
        : null,
  },
  {
    reading: 'forgotten-24-hours',
    yen: ({ visit, rule, price }) =>
      rule === 'forgotten-no-closing' && visit.policy.forgottenCutoff === 'reservation'
        ? price(applyRules({ ...visit, policy: { ...visit.policy, forgottenCutoff: '24-hours' } }).units)
        : null,
  },
  {
    // The unlock is the check-in; and yet nobody may have walked through, who did not come then.
    reading: 'never-entered',
    yen: ({ visit, rule, doorUnopened, price }) =>
      doorUnopened && isForgotten(rule) ? price(reserved(visit)) : null,
  },
];

/** The readings of a decided charge whose amount differs from the billed one. */
export function alternativeReadings(
  decided: Decided,
  billedYen: number,
): { readonly reading: ChargeReading; readonly yen: number }[] {
  const found = [];
  for (const { reading, yen } of READINGS) {
    const otherYen = yen(decided);
    if (otherYen !== null && otherYen !== billedYen) found.push({ reading, yen: otherYen });
  }
  return found;
}

/** Units where the check-out is rounded to the clock's half hours, and not to those counted from the start. */
function clockGridUnits(visit: Visit, rule: ChargeRule): number | null {
  const { startMs, checkOutMs } = visit;
  if (startMs % UNIT_MS === 0 || checkOutMs === null) return null;
  if (rule === 'h1t-shortened') {
    const chargedToMs = (Math.floor(checkOutMs / UNIT_MS) + 1) * UNIT_MS;
    return Math.min(reserved(visit), unitsBegunBefore(startMs, chargedToMs));
  }
  return rule === 'late-seat' ? reservedBefore(visit, Math.ceil(checkOutMs / UNIT_MS) * UNIT_MS) : null;
}
