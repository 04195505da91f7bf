import { describe, expect, it } from 'vitest';
import type { AlarmKind, AlarmState, NoticeKind } from '../../../shared/contract/alarm.ts';
import { noticeOf } from '../../../gateway/notify/notices.ts';
import { isQuiet } from '../../../gateway/notify/quiet.ts';
import { MINUTE_MS } from '../../../shared/time.ts';

const RULES = { isQuiet: false, remindAfterMs: 30 * MINUTE_MS };
const NOW_MS = 1_000 * MINUTE_MS;

function alarm(state: AlarmState, kind: AlarmKind = 'forced-open') {
  const at = { raisedMs: 0, latestMs: 0, endedMs: null, acknowledgedMs: null, acknowledgedBy: null };
  return { id: 'a', kind, subject: 'front', state, detail: '', ...at, count: 1, notes: [] };
}

/** State, what was told and how many minutes ago; what is told now. */
const TABLE: readonly (readonly [AlarmState, NoticeKind | null, number, NoticeKind | null])[] = [
  ['active', null, 0, 'raised'],
  ['ended', null, 0, 'raised'],
  ['acknowledged', null, 0, null],
  ['closed', null, 0, null],
  ['active', 'raised', 29, null],
  ['active', 'raised', 30, 'reminder'],
  ['active', 'reminder', 29, null],
  ['active', 'reminder', 30, 'reminder'],
  ['acknowledged', 'raised', 600, null],
  ['acknowledged', 'reminder', 600, null],
  ['ended', 'raised', 0, 'ended'],
  ['ended', 'reminder', 0, 'ended'],
  ['closed', 'raised', 0, 'ended'],
  ['active', 'ended', 4, null],
  ['active', 'ended', 5, 'raised'],
  ['ended', 'ended', 600, null],
  ['closed', 'ended', 600, null],
];

describe('a notice', () => {
  it.each(TABLE)('of an alarm that is %s, with %s told %d minutes ago, is: %s', (state, kind, ago, due) => {
    const told = kind === null ? null : { kind, atMs: NOW_MS - ago * MINUTE_MS, count: 1 };
    expect(noticeOf(alarm(state), told, NOW_MS, RULES)?.kind ?? null).toBe(due);
  });

  it('of a warning waits for the end of the quiet hours; a critical one does not', () => {
    const quiet = { ...RULES, isQuiet: true };
    expect(noticeOf(alarm('active', 'held-open'), null, NOW_MS, quiet)).toBeNull();
    expect(noticeOf(alarm('active', 'held-open'), null, NOW_MS, RULES)?.kind).toBe('raised');
    expect(noticeOf(alarm('active', 'forced-open'), null, NOW_MS, quiet)?.kind).toBe('raised');
  });

  it('is no reminder where none are wanted', () => {
    const told = { kind: 'raised', atMs: 0, count: 1 } as const;
    expect(noticeOf(alarm('active'), told, NOW_MS, { ...RULES, remindAfterMs: null })).toBeNull();
  });
});

describe('quiet hours', () => {
  it.each([
    ['21:59', false],
    ['22:00', true],
    ['00:00', true],
    ['06:59', true],
    ['07:00', false],
  ])('from 22:00 to 07:00 at %s: %s', (time, quiet) => {
    const nowMs = Date.parse(`2026-11-24T${time}:00+09:00`);
    expect(isQuiet({ from: '22:00', to: '07:00' }, nowMs, 'Asia/Tokyo')).toBe(quiet);
  });

  it('within one day end on it, and are those of the venue’s zone', () => {
    const nowMs = Date.parse('2026-11-24T12:30:00+09:00');
    expect(isQuiet({ from: '12:00', to: '13:00' }, nowMs, 'Asia/Tokyo')).toBe(true);
    expect(isQuiet({ from: '12:00', to: '13:00' }, nowMs, 'UTC')).toBe(false);
    expect(isQuiet(null, nowMs, 'Asia/Tokyo')).toBe(false);
  });
});
