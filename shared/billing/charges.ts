import { sumYen } from '../money.ts';
import { capCharge } from './cap.ts';
import { computeCharge, type ChargeInput, type ComputedCharge } from './charge.ts';
import { overlaps } from './reservation.ts';
import { UNIT_MS } from './units.ts';

/** The charges of a list, in its order, and their sum in whole yen. */
export interface ComputedCharges {
  readonly perReservation: readonly ComputedCharge[];
  readonly totalYen: number;
}

/**
 * What one user's reservations cost. Each is charged by itself, with its own cap (2つの予約は課金上限計算においては合算
 * されません。); the list only tells which seats and rooms are held at once, and which hours are charged twice.
 *
 * @throws RangeError as `computeCharge`
 */
export function computeCharges(list: readonly ChargeInput[]): ComputedCharges {
  const alone = list.map(computeCharge);
  const inForce = list.filter((_, index) => alone[index]?.rule !== 'cancelled');
  const charges = list.map((input, index) => {
    const charge = alone[index];
    const isSimultaneous = inForce.some((other) => other.space !== input.space && overlaps(other, input));
    if (charge !== undefined && (!isSimultaneous || charge.rule === 'cancelled')) return charge;
    return computeCharge({ ...input, simultaneousUse: true });
  });
  const perReservation = charges.map((charge, index) => withDoubleCover(charge, index, charges));
  return { perReservation, totalYen: sumYen(perReservation.map(({ yen }) => yen)) };
}

/**
 * Adds the reading in which hours that an earlier reservation of the same kind is charged for are not charged again.
 * A late check-out can reach into the user's next reservation; the document charges both.
 */
function withDoubleCover(
  charge: ComputedCharge,
  index: number,
  all: readonly ComputedCharge[],
): ComputedCharge {
  const { chargedFromMs } = charge;
  if (chargedFromMs === null) return charge;
  const earlier = all.filter((other, at) => at !== index && startsEarlier(other, at, charge, index));
  const coveredToMs = Math.max(chargedFromMs, ...earlier.map((other) => other.chargedToMs ?? 0));
  // They all begin no later than this one, so what they cover of it is its beginning.
  return withoutDoubleCharge(charge, Math.ceil((coveredToMs - chargedFromMs) / UNIT_MS));
}

/**
 * The charge with the reading in which the units that another reservation is charged for as well are not charged here.
 *
 * @param covered how many of its units they are; more than there are count as all
 */
export function withoutDoubleCharge(charge: ComputedCharge, covered: number): ComputedCharge {
  const { unitsBeforeCap, tariff, capApplied, alternatives } = charge;
  if (covered <= 0) return charge;
  // The billed amount says whether a cap was in force; without one there is nothing to cap here either.
  const cap = capApplied ? tariff.cap : null;
  const { yen } = capCharge(unitsBeforeCap - Math.min(unitsBeforeCap, covered), tariff.yenPer30Min, cap);
  if (yen === charge.yen) return charge;
  return { ...charge, alternatives: [...alternatives, { reading: 'no-double-charge', yen }] };
}

/** Whether `other` is of the same kind and begins first; of two that begin together, the first in the list. */
function startsEarlier(other: ComputedCharge, at: number, charge: ComputedCharge, index: number): boolean {
  if (other.tariff.space !== charge.tariff.space) return false;
  if (other.chargedFromMs === null || charge.chargedFromMs === null) return false;
  return (
    other.chargedFromMs < charge.chargedFromMs || (other.chargedFromMs === charge.chargedFromMs && at < index)
  );
}
