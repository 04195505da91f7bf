import { Temporal } from 'temporal-polyfill';
import type { Hours } from './contract/config.ts';

/** One stretch of opening, half-open: `[openMs, closeMs)`, epoch milliseconds. */
export interface OpenSpan {
  readonly openMs: number;
  readonly closeMs: number;
}

/**
 * The stretch of opening that starts on a civil date, or `null` where the venue stays shut. A closing at or
 * before the opening is on the next day (22:00 to 02:00).
 */
export function openSpanOf(hours: Hours, timeZone: string, date: Temporal.PlainDate): OpenSpan | null {
  const exception = hours.exceptions.find((day) => day.date === date.toString());
  const open = exception === undefined ? hours.open : exception.open;
  const close = exception === undefined ? hours.close : exception.close;
  if (open === undefined || close === undefined) return null;
  const closeDate = close <= open ? date.add({ days: 1 }) : date;
  return { openMs: instantOf(date, open, timeZone), closeMs: instantOf(closeDate, close, timeZone) };
}

/** Whether the venue is open at an instant; always, for a venue without hours. */
export function isOpenAt(hours: Hours | null, timeZone: string, atMs: number): boolean {
  if (hours === null) return true;
  const today = civilDateOf(atMs, timeZone);
  return [today.subtract({ days: 1 }), today].some((date) => {
    const span = openSpanOf(hours, timeZone, date);
    return span !== null && span.openMs <= atMs && atMs < span.closeMs;
  });
}

/** Closings that were looked for, by venue: the same few instants are asked for again and again. */
const closings = new WeakMap<Hours, Map<string, number | null>>();
const CLOSINGS_MAX = 1_000;

/**
 * The closing of the business day in which an instant lies, in epoch milliseconds: for the start of a reservation the
 * `C` of the billing rules. It is before the instant where the day has closed already. `null` for a venue that never
 * closes, and on a day that is shut: nothing is charged to the closing of another day.
 */
export function closingOfDay(hours: Hours | null, timeZone: string, atMs: number): number | null {
  if (hours === null) return null;
  const known = closings.get(hours) ?? new Map<string, number | null>();
  closings.set(hours, known);
  const asked = `${atMs} ${timeZone}`;
  const found = known.get(asked);
  if (found !== undefined) return found;
  if (known.size >= CLOSINGS_MAX) known.clear();
  const closing = findClosing(hours, timeZone, atMs);
  known.set(asked, closing);
  return closing;
}

/** Before the opening it is the day that has not begun yet; after midnight, while it is open, the day before. */
function findClosing(hours: Hours, timeZone: string, atMs: number): number | null {
  const today = civilDateOf(atMs, timeZone);
  const yesterdays = openSpanOf(hours, timeZone, today.subtract({ days: 1 }));
  if (yesterdays !== null && atMs < yesterdays.closeMs) return yesterdays.closeMs;
  return openSpanOf(hours, timeZone, today)?.closeMs ?? null;
}

/** The civil date of an instant in a zone. */
export function civilDateOf(atMs: number, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDate();
}

/** Midnight at the start of the civil day of an instant, in epoch milliseconds. */
export function startOfDay(atMs: number, timeZone: string): number {
  return civilDateOf(atMs, timeZone).toZonedDateTime(timeZone).epochMilliseconds;
}

/**
 * When the business day of an instant began, in epoch milliseconds: at midnight, or after it at the closing of the day
 * before. At a venue that is open from 22:00 to 02:00, 01:00 is still of the day before.
 */
export function startOfBusinessDay(hours: Hours | null, timeZone: string, atMs: number): number {
  const today = civilDateOf(atMs, timeZone);
  const startMs = businessDayStart(hours, timeZone, today);
  return startMs <= atMs ? startMs : businessDayStart(hours, timeZone, today.subtract({ days: 1 }));
}

/** When the business day of an instant is over and the next begins, in epoch milliseconds. */
export function endOfBusinessDay(hours: Hours | null, timeZone: string, atMs: number): number {
  const day = civilDateOf(startOfBusinessDay(hours, timeZone, atMs), timeZone);
  return businessDayStart(hours, timeZone, day.add({ days: 1 }));
}

function businessDayStart(hours: Hours | null, timeZone: string, date: Temporal.PlainDate): number {
  const before = hours === null ? null : openSpanOf(hours, timeZone, date.subtract({ days: 1 }));
  return Math.max(date.toZonedDateTime(timeZone).epochMilliseconds, before?.closeMs ?? 0);
}

/** `24:00` is the midnight that ends the day. */
function instantOf(date: Temporal.PlainDate, time: string, timeZone: string): number {
  const day = time === '24:00' ? date.add({ days: 1 }) : date;
  const clock = time === '24:00' ? '00:00' : time;
  return day.toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from(clock) }).epochMilliseconds;
}
