import { describe, expect, it } from 'vitest';
import { SOURCES_MAX, TokenBucket, TokenBuckets } from '../../../gateway/limits/token-buckets.ts';

const RATE = { burst: 3, everyMs: 1_000 };

describe('a bucket of three tokens and one more a second', () => {
  it('gives three at once, the fourth after a second and not a millisecond before', () => {
    const bucket = new TokenBucket(RATE, 0);
    expect([0, 0, 0, 0].map((nowMs) => bucket.take(nowMs))).toEqual([true, true, true, false]);
    expect(bucket.waitMs(0)).toBe(1_000);
    expect(bucket.waitMs(400)).toBe(600);
    expect(bucket.take(999)).toBe(false);
    expect(bucket.take(1_000)).toBe(true);
  });

  it('fills to three and no further, however long nobody takes', () => {
    const bucket = new TokenBucket(RATE, 0);
    expect(bucket.waitMs(1_000_000)).toBe(0);
    expect([0, 0, 0, 0].map(() => bucket.take(1_000_000))).toEqual([true, true, true, false]);
  });

  it('takes a token back, and no more than it holds', () => {
    const bucket = new TokenBucket(RATE, 0);
    for (let taken = 0; taken < 3; taken += 1) bucket.take(0);
    bucket.giveBack(0);
    expect([bucket.take(0), bucket.take(0)]).toEqual([true, false]);
    for (let given = 0; given < 5; given += 1) bucket.giveBack(0);
    expect([0, 0, 0, 0].map((nowMs) => bucket.take(nowMs))).toEqual([true, true, true, false]);
  });

  it('looked at a thousand times in the second is not late for it', () => {
    const bucket = new TokenBucket(RATE, 0);
    for (let taken = 0; taken < 3; taken += 1) bucket.take(0);
    for (let nowMs = 1; nowMs < 1_000; nowMs += 1) bucket.waitMs(nowMs);
    expect(bucket.waitMs(1_000)).toBe(0);
  });
});

describe('buckets of 1,024 sources that are all short', () => {
  const short = (memory = {}) => {
    const buckets = new TokenBuckets(RATE, memory);
    for (let n = 0; n < SOURCES_MAX; n += 1) buckets.take(`source-${n}`, 0);
    return buckets;
  };

  it('give a new source nothing, and everything once one of them is full again', () => {
    const buckets = short();
    expect(buckets.take('new', 999)).toBe(false);
    expect(buckets.take('source-0', 999)).toBe(true);
    expect(buckets.take('new', 1_000)).toBe(true);
  });

  it('have room for a new source as soon as one got its token back', () => {
    const buckets = short();
    expect(buckets.take('new', 1)).toBe(false);
    buckets.giveBack('source-7', 2);
    expect(buckets.take('new', 2)).toBe(true);
  });

  it('forget the source that has taken nothing for longest where nobody may be kept out by others', () => {
    const buckets = short({ whenFull: 'forget-oldest' });
    for (const source of ['source-0', 'source-0', 'source-1', 'source-1']) buckets.take(source, 0);
    expect(buckets.waitMs('source-0', 0)).toBe(1_000);
    // All but the two that took last are forgotten, one for each that is new.
    for (let n = 2; n < SOURCES_MAX; n += 1) expect(buckets.take(`new-${n}`, 0)).toBe(true);
    expect(buckets.waitMs('source-0', 0)).toBe(1_000);
    expect(buckets.take('one more', 0)).toBe(true);
    expect(buckets.waitMs('source-0', 0)).toBe(0);
    expect(buckets.waitMs('source-1', 0)).toBe(1_000);
  });
});
