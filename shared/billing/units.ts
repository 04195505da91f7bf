import { MINUTE_MS } from '../time.ts';

/** The unit of every charge. 利用時間単位は、30分間となります。 */
export const UNIT_MINUTES = 30;
/** The unit that is charged: thirty minutes, in milliseconds. */
export const UNIT_MS = UNIT_MINUTES * MINUTE_MS;

/*
 * Two roundings, apart on purpose. They differ only where a check-out falls exactly on the start of a unit, and there
 * the document itself differs: 11:00 at H1T is charged to 11:30, while 12:30 after a late stay is charged to 12:30.
 */

/**
 * Units that have begun **at or before** the check-out: the H1T shortening. At least 1.
 *
 * Source: 10:30～10:59にチェックアウトした場合→9:00～11:00までを課金, 11:00～11:29…→9:00～11:30までを課金.
 */
export function unitsBegunBy(startMs: number, checkOutMs: number): number {
  return Math.max(1, Math.floor((checkOutMs - startMs) / UNIT_MS) + 1);
}

/**
 * Units that have begun **strictly before** an instant: reservations, late check-outs and closing time. At least 1.
 *
 * Source: チェックアウト時間までが課金対象となります。 and 30分未満のご利用の場合は、30分間のご利用に切り上げされて計算されます。
 */
export function unitsBegunBefore(startMs: number, untilMs: number): number {
  return Math.max(1, Math.ceil((untilMs - startMs) / UNIT_MS));
}
