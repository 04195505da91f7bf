import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SILENT, frameDeadlineMs, passTime, takeBytes } from '../../device/scanner/framing.ts';
import type { Frame, Framing } from '../../device/scanner/framing.ts';

const text = (frame: Frame): string =>
  frame.kind === 'frame' ? Buffer.from(frame.bytes).toString('latin1') : `discarded ${frame.length}`;

/** Feeds chunks at their times and lets the time pass to `endMs`. */
function heard(chunks: readonly (readonly [atMs: number, bytes: string])[], endMs = 10_000): string[] {
  let state: Framing = SILENT;
  const frames: Frame[] = [];
  for (const [atMs, bytes] of chunks) {
    const step = takeBytes(state, Buffer.from(bytes, 'latin1'), atMs);
    state = step.state;
    frames.push(...step.frames);
  }
  frames.push(...passTime(state, endMs).frames);
  return frames.map(text);
}

describe('framing', () => {
  const rows: readonly [
    name: string,
    chunks: readonly (readonly [atMs: number, bytes: string])[],
    frames: readonly string[],
  ][] = [
    ['a frame ends on CR', [[0, 'one\rtwo\r']], ['one', 'two']],
    ['a frame ends on LF', [[0, 'one\ntwo\n']], ['one', 'two']],
    ['CR LF ends one frame and makes no empty one', [[0, 'one\r\ntwo\r\n']], ['one', 'two']],
    [
      'CR LF that is split between two chunks ends one frame',
      [
        [0, 'one\r'],
        [1, '\ntwo\r'],
      ],
      ['one', 'two'],
    ],
    [
      'a frame split at every byte is one frame',
      [
        [0, 'o'],
        [49, 'n'],
        [98, 'e'],
        [147, '\r'],
      ],
      ['one'],
    ],
    [
      'a gap of 49 ms does not end a frame',
      [
        [0, 'on'],
        [49, 'e\r'],
      ],
      ['one'],
    ],
    [
      'a gap of 50 ms ends a frame',
      [
        [0, 'one'],
        [50, 'two\r'],
      ],
      ['one', 'two'],
    ],
    [
      'the suffix of a frame that the gap has ended is no frame',
      [
        [0, 'one'],
        [60, '\r\n'],
      ],
      ['one'],
    ],
    ['only frame ends are no frame', [[0, '\r\n\r\n\n']], []],
    ['4,096 bytes are a frame', [[0, `${'x'.repeat(4096)}\rone\r`]], ['x'.repeat(4096), 'one']],
    [
      '4,097 bytes are discarded, and the next code is read',
      [[0, `${'x'.repeat(4097)}\rone\r`]],
      ['discarded 4097', 'one'],
    ],
    [
      'a long frame in many chunks is one discard of its whole length',
      [
        [0, 'x'.repeat(4000)],
        [10, 'x'.repeat(4000)],
        [20, 'x'.repeat(4000)],
        [30, 'half\rone\r'],
      ],
      ['discarded 12004', 'one'],
    ],
    [
      'a long frame ended by a gap leaves no half frame',
      [
        [0, 'x'.repeat(5000)],
        [60, 'one\r'],
      ],
      ['discarded 5000', 'one'],
    ],
    ['any byte but CR and LF is content', [[0, '\0\xff\t \r']], ['\0\xff\t ']],
  ];
  it.each(rows)('%s', (_name, chunks, frames) => {
    expect(heard(chunks)).toEqual(frames);
  });

  it('a frame without a suffix is due 50 ms after its last byte, and nothing is due in silence', () => {
    const { state } = takeBytes(SILENT, Buffer.from('one'), 1000);
    expect(frameDeadlineMs(state)).toBe(1050);
    expect(passTime(state, 1049).frames).toEqual([]);
    expect(passTime(state, 1050).frames.map(text)).toEqual(['one']);
    expect(frameDeadlineMs(passTime(state, 1050).state)).toBeNull();
  });

  it('the split into chunks never changes the frames', () => {
    const bytes = fc.array(fc.constantFrom('a', 'b', '\r', '\n', 'x'.repeat(1500)), { maxLength: 30 });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(5000), { maxLength: 8 }), (parts, cuts) => {
        const whole = parts.join('');
        const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)), whole.length].sort((a, b) => a - b);
        const chunks = at.slice(1).map((end, part) => [0, whole.slice(at[part], end)] as const);
        expect(heard(chunks)).toEqual(heard([[0, whole]]));
      }),
    );
  });
});
