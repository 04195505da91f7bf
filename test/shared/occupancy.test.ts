import { describe, expect, it } from 'vitest';
import { occupancyOf } from '../../shared/occupancy.ts';

describe('the sign of a venue of ten seats', () => {
  it.each([
    [0, 0, '○', 10],
    [6, 0, '○', 4],
    [7, 0, '△', 3],
    [4, 3, '△', 3],
    [9, 0, '△', 1],
    [10, 0, '×', 0],
    [9, 1, '×', 0],
    [10, 5, '×', 0],
  ])('with %i inside and %i held is %s', (inside, held, sign, free) => {
    expect(occupancyOf({ capacity: 10, inside, held }, 3)).toEqual({ inside, capacity: 10, free, sign });
  });

  it('shows no △ where the threshold is 0, and always one where it is the capacity', () => {
    expect(occupancyOf({ capacity: 10, inside: 9, held: 0 }, 0).sign).toBe('○');
    expect(occupancyOf({ capacity: 10, inside: 0, held: 0 }, 10).sign).toBe('△');
  });
});
