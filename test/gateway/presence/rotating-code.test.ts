import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODE_SHOWN_MS, RotatingCode } from '../../../gateway/presence/rotating-code.ts';

const secret = Buffer.alloc(32, 3);
const START_MS = 1_000;
const display = (place = 'front/entry') => new RotatingCode(secret, place, START_MS);

describe('the code on a display', () => {
  it('stays for 15 s and is another one then', () => {
    const codes = display();
    const first = codes.shown(START_MS);

    expect(first.remainingMs).toBe(CODE_SHOWN_MS);
    expect(codes.shown(START_MS + 14_999)).toEqual({ code: first.code, remainingMs: 1 });
    const next = codes.shown(START_MS + 15_000);
    expect(next.code).not.toBe(first.code);
    expect(next.remainingMs).toBe(CODE_SHOWN_MS);
  });

  it.each([
    [0, null],
    [14_999, null],
    [15_000, null],
    [29_999, null],
    [30_000, 'code-expired'],
    [600_000, 'code-expired'],
  ])('read at once and redeemed %i ms later: %s', (ms, refusal) => {
    const codes = display();
    const { code } = codes.shown(START_MS);
    expect(codes.redeem(code, START_MS + ms)).toBe(refusal);
  });

  it('is taken once: a photograph of it is refused', () => {
    const codes = display();
    const { code } = codes.shown(START_MS);
    expect(codes.redeem(code, START_MS)).toBeNull();
    expect(codes.redeem(code, START_MS + 1)).toBe('code-used');
    expect(codes.redeem(code, START_MS + 14_999)).toBe('code-used');
  });

  it('is replaced at once when it is used, for 15 s: two phones in one window both get in', () => {
    const codes = display();
    const first = codes.shown(START_MS);
    codes.redeem(first.code, START_MS + 9_000);
    const second = codes.shown(START_MS + 9_000);

    expect(second.code).not.toBe(first.code);
    expect(second.remainingMs).toBe(CODE_SHOWN_MS);
    expect(codes.redeem(second.code, START_MS + 9_001)).toBeNull();
  });

  it('that was replaced by time and then used leaves the shown one where it is', () => {
    const codes = display();
    const first = codes.shown(START_MS);
    const second = codes.shown(START_MS + 15_000);
    expect(codes.redeem(first.code, START_MS + 20_000)).toBeNull();
    expect(codes.shown(START_MS + 20_000).code).toBe(second.code);
  });

  it('after an hour in which nobody asked is as good as ever', () => {
    const codes = display();
    const first = codes.shown(START_MS);
    const later = codes.shown(START_MS + 3_600_000 + 5_000);
    expect(later.remainingMs).toBe(10_000);
    expect(codes.redeem(first.code, START_MS + 3_605_000)).toBe('code-expired');
    expect(codes.redeem(later.code, START_MS + 3_605_000)).toBeNull();
  });

  it('of another door, another side, another process or tomorrow is unknown here', () => {
    const codes = display();
    const at = START_MS;
    const stranger = new RotatingCode(Buffer.alloc(32, 4), 'front/entry', at);
    const ahead = display().shown(at + 60_000);
    for (const { code } of [display('front/exit').shown(at), stranger.shown(at), ahead])
      expect(codes.redeem(code, at)).toBe('code-unknown');
  });

  it('has one spelling, and a guess is unknown', () => {
    const codes = display();
    const { code } = codes.shown(START_MS);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((tail) => `0.${tail}`),
        ),
        (guess) => {
          expect(codes.redeem(guess, START_MS)).toBe('code-unknown');
        },
      ),
    );
    for (const twin of [`${code}=`, ` ${code}`, code.toUpperCase(), `0${code}`, code.slice(0, -1)])
      expect(codes.redeem(twin, START_MS)).toBe('code-unknown');
    expect(codes.redeem(code, START_MS)).toBeNull();
  });
});
