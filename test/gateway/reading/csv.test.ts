import { expect, it } from 'vitest';
import { csvHead, csvRow } from '../../../gateway/reading/csv.ts';

const column = (name: string, data: object): string => {
  const at = csvHead().trim().split(',').indexOf(name);
  return (
    csvRow(JSON.stringify({ sequence: '1', data }))
      .trim()
      .split(',')[at] ?? ''
  );
};

it('the column of yen sums up to the bill: a charge is its amount, a correction the difference, all else empty', () => {
  const [before, after] = [{ yen: 2_000 }, { yen: 1_000 }];
  expect(column('yen', { charge: before })).toBe('2000');
  // A number, not the text that a formula of somebody else's is made: it is summed.
  expect(column('yen', { before, after })).toBe('-1000');
  expect(column('yen', { before: after, after: before })).toBe('1000');
  expect(column('yen', { door: 'front' })).toBe('');
});
