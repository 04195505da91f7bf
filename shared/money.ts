/** Money is whole yen in a plain number. There is no fraction of a yen anywhere, so there is no rounding of money. */

/**
 * The price of whole units.
 *
 * @throws RangeError where the product is no longer exact (above 2^53 − 1)
 */
export function yenOf(units: number, yenPerUnit: number): number {
  const yen = units * yenPerUnit;
  if (!Number.isSafeInteger(yen))
    throw new RangeError(`${units} × ${yenPerUnit} yen is not a whole, exact amount`);
  return yen;
}

/**
 * The sum of whole-yen amounts.
 *
 * @throws RangeError where the sum is no longer exact
 */
export function sumYen(amounts: Iterable<number>): number {
  let sum = 0;
  for (const amount of amounts) sum += amount;
  if (!Number.isSafeInteger(sum)) throw new RangeError('the sum is not a whole, exact amount of yen');
  return sum;
}
