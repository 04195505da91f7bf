import { describe, expect, it } from 'vitest';
import { hoursSchema, type Hours } from '../../shared/contract/config.ts';
import { closingOfDay, isOpenAt, startOfBusinessDay, startOfDay } from '../../shared/hours.ts';
import { formatInstant, JAPAN, parseInstant } from '../../shared/time.ts';

const hours = (told: object): Hours => hoursSchema.parse(told);
/** An instant of the first days of June 2025 (2 June is a Monday), Japan. */
const at = (time: string, day = 2): number => parseInstant(`2025-06-0${day}T${time}+09:00`);
const closing = (told: Hours | null, fromMs: number): string | null => {
  const closeMs = closingOfDay(told, JAPAN, fromMs);
  return closeMs === null ? null : formatInstant(closeMs);
};

describe('a venue open from 9:00 to 22:00', () => {
  const day = hours({ open: '09:00', close: '22:00' });

  it.each([
    ['08:59:59.999', false],
    ['09:00:00', true],
    ['21:59:59.999', true],
    ['22:00:00', false],
  ])('is open at %s: %s', (time, open) => {
    expect(isOpenAt(day, JAPAN, at(time))).toBe(open);
  });

  it.each([
    ['21:59:59.999', '2025-06-02T22:00:00+09:00'],
    ['22:00:00', '2025-06-02T22:00:00+09:00'],
    ['23:59:59.999', '2025-06-02T22:00:00+09:00'],
    ['03:00:00', '2025-06-02T22:00:00+09:00'],
  ])('has for %s the closing %s of that day', (time, expected) => {
    expect(closing(day, at(time))).toBe(expected);
  });
});

describe('a venue open from 22:00 to 2:00', () => {
  const night = hours({ open: '22:00', close: '02:00' });

  it.each([
    ['21:59:59.999', 2, false],
    ['22:00:00', 2, true],
    ['01:59:59.999', 3, true],
    ['02:00:00', 3, false],
  ])('is open at %s of June %i: %s', (time, day, open) => {
    expect(isOpenAt(night, JAPAN, at(time, day))).toBe(open);
  });

  it('closes after midnight, seen from before it', () => {
    expect(closing(night, at('23:30:00'))).toBe('2025-06-03T02:00:00+09:00');
    expect(closing(night, at('01:00:00', 3))).toBe('2025-06-03T02:00:00+09:00');
  });
});

describe('a venue open to 24:00', () => {
  const late = hours({ open: '07:00', close: '24:00' });

  it('is open to the last millisecond of the day and closed at midnight', () => {
    expect(isOpenAt(late, JAPAN, at('23:59:59.999'))).toBe(true);
    expect(isOpenAt(late, JAPAN, at('00:00:00', 3))).toBe(false);
    expect(closing(late, at('23:00:00'))).toBe('2025-06-03T00:00:00+09:00');
  });

  it('is open round the clock when it also opens at 00:00', () => {
    const always = hours({ open: '00:00', close: '24:00' });
    expect(isOpenAt(always, JAPAN, at('00:00:00', 3))).toBe(true);
    expect(isOpenAt(always, JAPAN, at('23:59:59.999'))).toBe(true);
  });
});

describe('a venue that closes at the hour at which it opens', () => {
  const round = hours({ open: '09:00', close: '09:00' });

  it('is open round the clock, and has a closing every day', () => {
    for (const time of ['08:59:59.999', '09:00:00', '23:00:00'])
      expect(isOpenAt(round, JAPAN, at(time))).toBe(true);
    expect(closing(round, at('08:59:59.999'))).toBe('2025-06-02T09:00:00+09:00');
    expect(closing(round, at('09:00:00'))).toBe('2025-06-03T09:00:00+09:00');
  });
});

describe('a day that differs', () => {
  const told = hours({
    open: '09:00',
    close: '22:00',
    exceptions: [{ date: '2025-06-02', open: '10:00', close: '18:00' }, { date: '2025-06-03' }],
  });

  it('has its own hours', () => {
    expect(isOpenAt(told, JAPAN, at('09:30:00'))).toBe(false);
    expect(closing(told, at('12:00:00'))).toBe('2025-06-02T18:00:00+09:00');
  });

  it('is shut all day without hours, and has no closing then', () => {
    expect(isOpenAt(told, JAPAN, at('12:00:00', 3))).toBe(false);
    expect(closing(told, at('12:00:00', 3))).toBeNull();
  });
});

describe('a venue without hours', () => {
  it('is open always and has no closing', () => {
    expect(isOpenAt(null, JAPAN, at('03:00:00'))).toBe(true);
    expect(closingOfDay(null, JAPAN, at('03:00:00'))).toBeNull();
  });
});

describe('a day in another zone', () => {
  const zone = 'Europe/Berlin';
  const day = hours({ open: '09:00', close: '22:00' });

  it('opens by the clock on its wall, also after the clocks were put forward', () => {
    expect(isOpenAt(day, zone, parseInstant('2025-03-29T08:00:00Z'))).toBe(true);
    expect(isOpenAt(day, zone, parseInstant('2025-03-30T06:59:59Z'))).toBe(false);
    expect(isOpenAt(day, zone, parseInstant('2025-03-30T07:00:00Z'))).toBe(true);
  });

  it('starts at its own midnight', () => {
    expect(startOfDay(parseInstant('2025-06-02T22:30:00Z'), zone)).toBe(
      parseInstant('2025-06-03T00:00:00+02:00'),
    );
    expect(startOfDay(at('00:00:00'), JAPAN)).toBe(at('00:00:00'));
    expect(startOfDay(at('23:59:59.999'), JAPAN)).toBe(at('00:00:00'));
  });
});

describe('a business day', () => {
  const night = hours({ open: '20:00', close: '02:00' });

  it.each([
    ['no hours', null, '00:00:00', '00:00:00'],
    ['hours within the day', hours({ open: '07:00', close: '22:00' }), '06:59:59', '00:00:00'],
    ['a closing at midnight', hours({ open: '07:00', close: '24:00' }), '00:00:00', '00:00:00'],
    [
      'a closing past midnight, before it',
      night,
      '2025-06-02T01:59:59.999+09:00',
      '2025-06-01T02:00:00+09:00',
    ],
    ['a closing past midnight, from it on', night, '02:00:00', '02:00:00'],
    ['a closing past midnight, in the evening', night, '23:30:00', '02:00:00'],
  ] as const)('with %s: at %s... it began at %s', (_name, open, told, began) => {
    const instant = (text: string) => (text.includes('T') ? parseInstant(text) : at(text));
    expect(startOfBusinessDay(open, JAPAN, instant(told))).toBe(instant(began));
  });
});
