import type { ChargeCap } from '../contract/charge.ts';
import { yenOf } from '../money.ts';
import type { Visit } from './rules.ts';
import { UNIT_MINUTES } from './units.ts';

/** An amount after the cap. */
interface Capped {
  readonly units: number;
  readonly yen: number;
  /** Whether the cap took anything away. */
  readonly capApplied: boolean;
}

/**
 * The cap that a visit is charged with, or `null`. Rooms have none (会議室…※課金上限設定がある場合は適用されません), unless
 * the venue's policy says otherwise; while a seat and a room are booked at once the policy decides.
 */
export function capInForce(
  { space, policy }: Visit,
  cap: ChargeCap | null,
  simultaneousUse: boolean,
): ChargeCap | null {
  if (space === 'room' && !policy.capRooms) return null;
  return simultaneousUse && policy.capOnSimultaneousUse === 'none' ? null : cap;
}

/**
 * Prices units under a cap, per reservation and never summed: 課金上限は、1予約ごとの適用となります。 Where time and money are
 * both given the lower holds. A cap of money alone leaves the units that the money has begun to pay.
 */
export function capCharge(units: number, yenPer30Min: number, cap: ChargeCap | null): Capped {
  const fullYen = yenOf(units, yenPer30Min);
  if (cap === null || units === 0) return { units, yen: fullYen, capApplied: false };
  let cappedUnits = Math.min(units, capUnits(cap) ?? units);
  let yen = yenOf(cappedUnits, yenPer30Min);
  if (cap.yen !== undefined && yen > cap.yen) {
    yen = cap.yen;
    if (cap.minutes === undefined) cappedUnits = Math.max(1, Math.ceil(cap.yen / yenPer30Min));
  }
  return { units: cappedUnits, yen, capApplied: cappedUnits < units || yen < fullYen };
}

/**
 * Whether a cap states a time and a money that are not the same at this price. Such a configuration is refused when
 * it is loaded; where it is met in data the lower holds and the charge is flagged `cap-config-mismatch`.
 */
export function isCapMismatch(cap: ChargeCap, yenPer30Min: number): boolean {
  const units = capUnits(cap);
  return units !== undefined && cap.yen !== undefined && yenOf(units, yenPer30Min) !== cap.yen;
}

/** Whole units of the cap's time. A time off the grid, refused when configured, counts its whole units. */
function capUnits({ minutes }: ChargeCap): number | undefined {
  return minutes === undefined ? undefined : Math.max(1, Math.floor(minutes / UNIT_MINUTES));
}
