import { describe, expect, it } from 'vitest';
import { present } from '../../device/scanner/presence.ts';
import type { Presence } from '../../device/scanner/presence.ts';
import type { Frame } from '../../device/scanner/framing.ts';

const code = (text: string): Frame => ({ kind: 'frame', bytes: Buffer.from(text) });
const long = (length: number): Frame => ({ kind: 'discarded', length });

function freshAt(heard: readonly (readonly [atMs: number, frame: Frame])[]): number[] {
  let presence: Presence = null;
  const fresh: number[] = [];
  for (const [atMs, frame] of heard) {
    const next = present(presence, frame, atMs);
    presence = next.presence;
    if (next.fresh) fresh.push(atMs);
  }
  return fresh;
}

describe('the code under the reader', () => {
  it('is reported once while it is heard at least every 1,500 ms, however long it stays', () => {
    const readings = Array.from({ length: 20 }, (_, at) => [at * 1500, code('A')] as const);
    expect(freshAt(readings)).toEqual([0]);
  });

  it('is a new presentation 1,501 ms after it was last heard', () => {
    expect(
      freshAt([
        [0, code('A')],
        [1501, code('A')],
      ]),
    ).toEqual([0, 1501]);
  });

  it('is a new presentation as soon as another code was there in between', () => {
    expect(
      freshAt([
        [0, code('A')],
        [10, code('B')],
        [20, code('A')],
      ]),
    ).toEqual([0, 10, 20]);
  });

  it('is told from a longer one that begins alike', () => {
    expect(
      freshAt([
        [0, code('A')],
        [10, code('AA')],
      ]),
    ).toEqual([0, 10]);
  });

  it('is one discard while it stays, if it is too long', () => {
    expect(
      freshAt([
        [0, long(5000)],
        [100, long(5000)],
        [200, long(5001)],
      ]),
    ).toEqual([0, 200]);
  });
});
