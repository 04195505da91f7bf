import { describe, expect, it } from 'vitest';
import { judge, type Judgement } from './judge.ts';

const CLEAN: Judgement = { lost: 0, copies: 0, doubled: 0, outOfOrder: 0 };

/** Events under ids of the same number, unless one is given. */
const came = (...events: (number | { readonly id: number; readonly event: number })[]) =>
  events.map((each) => (typeof each === 'number' ? { id: each, event: each } : each));

const ROWS = [
  ['all, once, in order, are clean', [1, 2, 3], came(1, 2, 3), CLEAN],
  ['an event that was taken and did not come is lost', [1, 2, 3], came(1, 3), { ...CLEAN, lost: 1 }],
  ['an event that was not taken and did not come is not lost', [1, 2], came(1, 2), CLEAN],
  ['an event that came without having been told as taken is clean', [1], came(1, 2), CLEAN],
  ['nothing of three is three lost', [1, 2, 3], came(), { ...CLEAN, lost: 3 }],
  ['an event twice under one id is a copy', [1, 2], came(1, 2, 2), { ...CLEAN, copies: 1 }],
  ['an event under two ids is doubled', [1, 2], came(1, 2, { id: 3, event: 2 }), { ...CLEAN, doubled: 1 }],
  ['an event after a later one is out of order', [1, 2, 3], came(1, 3, 2), { ...CLEAN, outOfOrder: 1 }],
  ['a stretch that is sent again is copies only', [1, 2, 3], came(1, 2, 1, 2, 3), { ...CLEAN, copies: 2 }],
] as const;

describe('the judge of what came to the consumer', () => {
  it.each(ROWS)('%s', (_, taken, arrivals, judgement) => {
    expect(judge(new Set(taken), arrivals)).toEqual(judgement);
  });
});
