import { describe, expect, it } from 'vitest';
import { statisticsOf } from '../../../gateway/reading/statistics.ts';
import { parseInstant } from '../../../shared/time.ts';

const ZONE = 'America/New_York';
const visit = (from: string, to: string) => ({ inMs: parseInstant(from), outMs: parseInstant(to) });

describe('the figures of a venue whose clocks are put forward and back', () => {
  it('count a check-in at 23:30 of a day of 25 hours in its last hour, and on that day', () => {
    const visits = [visit('2026-11-01T23:30:00-05:00', '2026-11-01T23:50:00-05:00')];
    const { today, days } = statisticsOf(visits, parseInstant('2026-11-01T23:55:00-05:00'), 2, ZONE);

    expect(today).toHaveLength(24);
    expect(today[23]).toBe(1);
    expect(days).toEqual([
      { date: '2026-10-31', visits: 0, most: 0 },
      { date: '2026-11-01', visits: 1, most: 1 },
    ]);
  });

  it('count a check-in at 09:30 after a night of 23 hours at nine, and one at 00:30 the next day on that day alone', () => {
    const visits = [
      visit('2026-03-08T09:30:00-04:00', '2026-03-08T10:00:00-04:00'),
      visit('2026-03-09T00:30:00-04:00', '2026-03-09T00:50:00-04:00'),
    ];
    const { today, average, days } = statisticsOf(visits, parseInstant('2026-03-09T01:00:00-04:00'), 2, ZONE);

    expect(average[9]).toBe(1);
    expect(today[0]).toBe(1);
    expect(days).toEqual([
      { date: '2026-03-08', visits: 1, most: 1 },
      { date: '2026-03-09', visits: 1, most: 1 },
    ]);
  });
});
