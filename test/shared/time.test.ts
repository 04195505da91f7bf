import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import {
  civilDateAt,
  formatInstant,
  instantProblem,
  parseCivilDate,
  parseInstant,
  startOfDayMs,
  truncateToMinute,
  truncateToSecond,
} from '../../shared/time.ts';

describe('reading an instant', () => {
  test.each([
    ['2025-06-02T09:00:00+09:00', Date.UTC(2025, 5, 2, 0)],
    ['2025-06-02T00:00:00Z', Date.UTC(2025, 5, 2, 0)],
    ['2025-06-01T20:00:00-04:00', Date.UTC(2025, 5, 2, 0)],
    ['2025-06-02T00:00:00-00:00', Date.UTC(2025, 5, 2, 0)],
    ['2025-06-02T05:30:00.5+05:30', Date.UTC(2025, 5, 2, 0, 0, 0, 500)],
    ['2025-06-02T09:00:00.1239999+09:00', Date.UTC(2025, 5, 2, 0, 0, 0, 123)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2000-02-29T23:59:59.999Z', Date.UTC(2000, 1, 29, 23, 59, 59, 999)],
  ])('%s', (text, instantMs) => {
    expect(parseInstant(text)).toBe(instantMs);
    expect(instantProblem(text)).toBeNull();
  });

  test.each([
    ['2025-06-02T09:00:00', 'offset is missing'],
    ['2025-06-02T09:00+09:00', 'seconds are missing'],
    ['2025-06-02', 'time and offset are missing'],
    ['', 'must be an instant'],
    ['tomorrow', 'must be an instant'],
    ['2025-06-02 09:00:00+09:00', 'must be an instant'],
    ['2025-06-02t09:00:00z', 'must be an instant'],
    [' 2025-06-02T09:00:00Z', 'must be an instant'],
    ['2025-06-02T09:00:00Z ', 'must be an instant'],
    ['2025-06-02T09:00:00.Z', 'must be an instant'],
    ['2025-06-02T09:00:00+0900', 'must be an instant'],
    ['2025-06-02T09:00:00+9:00', 'must be an instant'],
    ['２０２５-06-02T09:00:00Z', 'must be an instant'],
    ['2025-02-29T09:00:00Z', 'no such date'],
    ['1900-02-29T09:00:00Z', 'year must be'],
    ['2100-02-29T09:00:00Z', 'no such date'],
    ['2025-04-31T09:00:00Z', 'no such date'],
    ['2025-00-02T09:00:00Z', 'no such date'],
    ['2025-13-02T09:00:00Z', 'no such date'],
    ['2025-06-00T09:00:00Z', 'no such date'],
    ['2025-06-02T24:00:00Z', 'no such date'],
    ['2025-06-02T09:60:00Z', 'no such date'],
    ['2025-06-02T09:00:61Z', 'no such date'],
    ['2025-06-02T09:00:60Z', 'leap seconds'],
    ['2025-06-02T09:00:00+24:00', 'no such date'],
    ['2025-06-02T09:00:00+09:60', 'no such date'],
    ['9999-06-02T09:00:00Z', 'year must be'],
  ])('"%s" is refused: %s', (text, problem) => {
    expect(() => parseInstant(text)).toThrow(RangeError);
    expect(() => parseInstant(text)).toThrow(problem);
    expect(instantProblem(text)).toContain(problem);
  });
});

/** Any millisecond of the years that are read. */
const instant = fc.integer({ min: Date.UTC(1970, 0, 2), max: Date.UTC(9998, 11, 30) });
const zone = fc.constantFrom(
  'Asia/Tokyo',
  'UTC',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Europe/London',
);

describe('writing an instant', () => {
  test.each([
    ['2025-06-02T09:00:00+09:00', 'Asia/Tokyo'],
    ['2025-06-02T00:00:00+00:00', 'UTC'],
    ['2025-06-01T20:00:00-04:00', 'America/New_York'],
    ['2025-06-02T05:45:00+05:45', 'Asia/Kathmandu'],
  ])('09:00 in Japan is %s in %s', (text, name) => {
    expect(formatInstant(Date.UTC(2025, 5, 2, 0), name)).toBe(text);
  });

  test('milliseconds are written where there are any', () => {
    expect(formatInstant(Date.UTC(2025, 5, 2, 0, 0, 0, 7))).toBe('2025-06-02T09:00:00.007+09:00');
  });

  test('Japanese daylight saving of 1950 is honoured', () => {
    expect(formatInstant(Date.UTC(1950, 6, 1, 0))).toBe('1950-07-01T10:00:00+10:00');
  });

  test('the hour that a clock change repeats is told apart by its offset', () => {
    const first = Date.UTC(2025, 10, 2, 5, 30);
    expect(formatInstant(first, 'America/New_York')).toBe('2025-11-02T01:30:00-04:00');
    expect(formatInstant(first + 3_600_000, 'America/New_York')).toBe('2025-11-02T01:30:00-05:00');
    expect(formatInstant(first, 'America/New_York')).toBe('2025-11-02T01:30:00-04:00');
  });

  test('it agrees with Temporal in every zone, and reads back to the same instant', () => {
    fc.assert(
      fc.property(instant, zone, (instantMs, name) => {
        const text = formatInstant(instantMs, name);
        const local = Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(name);
        expect(Temporal.PlainDateTime.from(text.slice(0, -6)).equals(local.toPlainDateTime())).toBe(true);
        expect(text.slice(-6)).toBe(local.offset);
        expect(parseInstant(text)).toBe(instantMs);
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([NaN, Infinity, 0.5, 1e15])('%s is no instant', (instantMs) => {
    expect(() => formatInstant(instantMs)).toThrow(RangeError);
  });

  test('an unknown zone is refused', () => {
    expect(() => formatInstant(0, 'Asia/Shibuya')).toThrow(RangeError);
  });
});

describe('civil dates', () => {
  test('the date changes at midnight of the zone', () => {
    const midnight = parseInstant('2025-11-10T00:00:00+09:00');
    expect(civilDateAt(midnight - 1)).toBe('2025-11-09');
    expect(civilDateAt(midnight)).toBe('2025-11-10');
    expect(civilDateAt(midnight, 'UTC')).toBe('2025-11-09');
  });

  test('a day starts at midnight, and later where a clock change skips midnight', () => {
    expect(startOfDayMs(parseCivilDate('2025-11-10'))).toBe(parseInstant('2025-11-10T00:00:00+09:00'));
    expect(startOfDayMs(parseCivilDate('2024-04-26'), 'Africa/Cairo')).toBe(
      parseInstant('2024-04-26T01:00:00+03:00'),
    );
  });

  test.each([
    ['2025-02-29', 'no such day'],
    ['2025-13-01', 'month must be'],
    ['1969-01-01', 'year must be'],
    ['2025-6-2', 'must be a date'],
    ['2025-06-02T00:00:00Z', 'must be a date'],
    ['20250602', 'must be a date'],
  ])('%s is refused', (text, problem) => {
    expect(() => parseCivilDate(text)).toThrow(problem);
  });
});

describe('truncation', () => {
  test('12:00:59.999 counts as 12:00, and to the second as 12:00:59', () => {
    const stamp = parseInstant('2025-06-02T12:00:59.999+09:00');
    expect(formatInstant(truncateToMinute(stamp))).toBe('2025-06-02T12:00:00+09:00');
    expect(formatInstant(truncateToSecond(stamp))).toBe('2025-06-02T12:00:59+09:00');
  });

  test('it goes back in time before the epoch too', () => {
    expect(truncateToMinute(-1)).toBe(-60_000);
    expect(truncateToSecond(-1)).toBe(-1_000);
  });
});
