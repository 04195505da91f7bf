import { describe, expect, it } from 'vitest';
import { FairTurns } from '../../../gateway/limits/fair-turns.ts';
import { settled } from '../manual-clock.ts';

/** What one guess after the other does, each told when its turn is over. */
function rig() {
  const turns = new FairTurns({ ofSourceMax: 4, sourcesMax: 3 });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (source: string) =>
    turns
      .take(source, () => new Error('busy'))
      .then(
        (end) => {
          begun.push(source);
          ends.push(end);
        },
        (error: unknown) => begun.push((error as Error).message),
      );
  const next = async () => {
    ends.shift()?.();
    await settled();
  };
  return { begun, ask, next };
}

describe('turns, one at a time', () => {
  it('an operator waits for one guess of an attacker who has four waiting, not for all', async () => {
    const { begun, ask, next } = rig();
    for (let guess = 0; guess < 5; guess += 1) void ask('attacker');
    await settled();
    void ask('operator');
    await next();
    await next();
    expect(begun).toEqual(['attacker', 'attacker', 'operator']);
  });

  it('the fifth that waits of one source is refused, and the first of another is not', async () => {
    const { begun, ask, next } = rig();
    for (let guess = 0; guess < 6; guess += 1) void ask('attacker');
    await settled();
    expect(begun).toEqual(['attacker', 'busy']);
    void ask('operator');
    await next();
    await next();
    expect(begun.slice(2)).toEqual(['attacker', 'operator']);
  });

  it('of a fourth source nothing waits, and nobody waits where it is free', async () => {
    const { begun, ask, next } = rig();
    for (const source of ['at-work', 'a', 'b', 'c', 'd']) void ask(source);
    await settled();
    expect(begun).toEqual(['at-work', 'busy']);
    for (let turn = 0; turn < 4; turn += 1) await next();
    expect(begun.slice(2)).toEqual(['a', 'b', 'c']);
    void ask('e');
    await settled();
    expect(begun.at(-1)).toBe('e');
  });
});
