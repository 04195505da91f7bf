import type { VenueConfig } from '../../shared/contract/config.ts';
import type { Seeded } from '../seeded.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3600_000;

/** The day that is lived, in Japan. */
const DATE = '2026-11-24';
const MIDNIGHT_MS = Date.parse(`${DATE}T00:00:00+09:00`);

/** When the next civil day begins, epoch milliseconds. */
export const NEXT_DAY_MS = MIDNIGHT_MS + 24 * HOUR_MS;

/** Hours as the configuration has them; `null`: never shut. */
type Hours = NonNullable<VenueConfig['hours']> | null;

/** When a venue is open on its day. */
export interface Calendar {
  readonly hours: Hours;
  /** What the hours are changed to, and when, epoch milliseconds; `null`: they stay. */
  readonly change: { readonly atMs: number; readonly hours: Hours } | null;
  /** The closing of the day by either, epoch milliseconds; `null`: nothing closes. */
  readonly closingMs: number | null;
  readonly changedClosingMs: number | null;
  /** From when until when the host's clock is believed by nobody, epoch milliseconds; `null`: that is left to chance. */
  readonly doubt: { readonly fromMs: number; readonly toMs: number } | null;
}

const open = (close: string): Hours => ({ open: '07:00', close, exceptions: [] });
const at = (hour: number): number => MIDNIGHT_MS + hour * HOUR_MS;

/**
 * An ordinary day from 7:00 to 22:00; one that was shortened after everything was booked; one whose hours are changed in
 * the middle of it; or a venue that is never shut, where nobody may know the time from an evening to the next morning.
 */
export function drawCalendar(random: Seeded): Calendar {
  const ordinary = { hours: open('22:00'), change: null, closingMs: at(22), doubt: null } as const;
  const kind = random.pick([
    'ordinary',
    'ordinary',
    'ordinary',
    'short',
    'short',
    'changed',
    'never-shut',
  ] as const);
  switch (kind) {
    case 'ordinary':
      return { ...ordinary, changedClosingMs: at(22) };
    case 'short': {
      const hour = random.between(12, 18);
      const close = `${hour}:00`;
      const hours = { open: '07:00', close: '22:00', exceptions: [{ date: DATE, open: '07:00', close }] };
      return { ...ordinary, hours, closingMs: at(hour), changedClosingMs: at(hour) };
    }
    case 'changed': {
      const [before, after] = random.pick([
        [18, 22],
        [22, 18],
      ] as const);
      const change = {
        atMs: at(random.between(9, 15)) + random.between(0, 59) * MINUTE_MS,
        hours: open(`${after}:00`),
      };
      return {
        ...ordinary,
        hours: open(`${before}:00`),
        change,
        closingMs: at(before),
        changedClosingMs: at(after),
      };
    }
    case 'never-shut': {
      const doubt = random.chance(0.5)
        ? { fromMs: at(random.between(16, 20)), toMs: at(random.between(26, 28)) }
        : null;
      return { hours: null, change: null, closingMs: null, changedClosingMs: null, doubt };
    }
  }
}
