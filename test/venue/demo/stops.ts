import { startOfDay } from '../../../shared/hours.ts';
import { DAY_MS, formatInstant, JAPAN, MINUTE_MS, SECOND_MS } from '../../../shared/time.ts';

/** Where the demo's clock can be moved to, always forwards. */
export const CLOCK_STOPS = [
  '+1m',
  '+30m',
  '09:00',
  '10:29:50',
  '10:30:00',
  '12:00',
  'past-closing',
  'next-morning',
  'the-31st',
] as const;
export type ClockStop = (typeof CLOCK_STOPS)[number];

/** The venue's closing time, as minutes of the day. */
const CLOSES_AT_MIN = 22 * 60;

/** A new morning begins before the first reservation. */
const MORNING_MIN = 8 * 60 + 58;

/** The morning of the day of an instant. */
export function morningOf(atMs: number): number {
  return startOfDay(atMs, JAPAN) + MORNING_MIN * MINUTE_MS;
}

/** The instant of a stop, at or after now wherever there is one. */
export function stopOf(to: ClockStop, nowMs: number): number {
  const day = startOfDay(nowMs, JAPAN);
  const ofDay = (minutes: number, seconds = 0) => day + minutes * MINUTE_MS + seconds * SECOND_MS;
  switch (to) {
    case '+1m':
      return nowMs + MINUTE_MS;
    case '+30m':
      return nowMs + 30 * MINUTE_MS;
    case '09:00':
      return ofDay(9 * 60, 5);
    case '10:29:50':
      return ofDay(10 * 60 + 29, 50);
    case '10:30:00':
      return ofDay(10 * 60 + 30);
    case '12:00':
      return ofDay(12 * 60);
    case 'past-closing':
      return ofDay(CLOSES_AT_MIN + 1, 5);
    case 'next-morning':
      return morningOf(day + DAY_MS);
    case 'the-31st':
      return morningOf(nextThirtyFirst(day));
  }
}

/** Japan has no summer time, so its days are of one length. */
function nextThirtyFirst(day: number): number {
  let next = day + DAY_MS;
  while (!formatInstant(next).startsWith('31', 8)) next += DAY_MS;
  return next;
}
