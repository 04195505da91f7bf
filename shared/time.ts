import { Temporal } from 'temporal-polyfill';

/**
 * Instants are plain numbers named `...Ms`: whole milliseconds since the epoch. A time of day exists only together
 * with a zone, and the zone is always an argument: the host's own never enters.
 */

/** A second, in milliseconds. */
export const SECOND_MS = 1_000;
/** A minute, in milliseconds. */
export const MINUTE_MS = 60_000;
/** An hour, in milliseconds. */
export const HOUR_MS = 3_600_000;
/** Twenty-four hours, in milliseconds; a civil day may be longer or shorter. */
export const DAY_MS = 86_400_000;

/** The zone of the documents' venues. +09:00 and no daylight saving since 1952. */
export const JAPAN = 'Asia/Tokyo';

const JAPAN_FIXED_SINCE_MS = -568_026_000_000;
const JAPAN_OFFSET_MINUTES = 540;
/** Years read. The last four-digit year is left out, so that rounding up to a unit never needs a fifth digit. */
const YEAR_MIN = 1970;
const YEAR_MAX = 9998;

/**
 * Reads an instant: RFC 3339 with seconds and a mandatory offset (`Z` or `±hh:mm`), capital `T` and `Z`, years
 * 1970–9998. Digits beyond the millisecond are cut off. Leap seconds are refused.
 *
 * @returns epoch milliseconds
 * @throws RangeError whose message names what is missing or wrong
 */
export function parseInstant(text: string): number {
  const instantMs = readInstant(text);
  if (Number.isNaN(instantMs)) throw new RangeError(diagnose(text));
  return instantMs;
}

/** What keeps `text` from being an instant (see `parseInstant`), or `null` where nothing does. */
export function instantProblem(text: string): string | null {
  return Number.isNaN(readInstant(text)) ? diagnose(text) : null;
}

/**
 * Writes an instant as `2025-06-02T09:00:00+09:00`; milliseconds only where there are any. The same instant always
 * gives the same text.
 *
 * @param zone an IANA name; Japan and UTC cost no look-up
 * @throws RangeError where the instant is not whole milliseconds in the years 0–9999, or the zone is unknown
 */
export function formatInstant(instantMs: number, zone = JAPAN): string {
  if (!Number.isInteger(instantMs)) throw new RangeError('an instant is a whole number of milliseconds');
  const offsetMinutes = offsetMinutesAt(instantMs, zone);
  const localMs = instantMs + offsetMinutes * MINUTE_MS;
  const day = Math.floor(localMs / DAY_MS);
  const inDayMs = localMs - day * DAY_MS;
  const seconds = Math.floor(inDayMs / SECOND_MS);
  const ms = inDayMs - seconds * SECOND_MS;
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const fraction = ms === 0 ? '' : `.${String(ms).padStart(3, '0')}`;
  const time = `${two(hours)}:${two(minutes % 60)}:${two(seconds % 60)}${fraction}`;
  return `${dateText(day)}T${time}${offsetText(offsetMinutes)}`;
}

/** The start of the minute that holds the instant: 12:00:59.999 → 12:00:00. */
export function truncateToMinute(instantMs: number): number {
  return Math.floor(instantMs / MINUTE_MS) * MINUTE_MS;
}

/** The start of the second that holds the instant. */
export function truncateToSecond(instantMs: number): number {
  return Math.floor(instantMs / SECOND_MS) * SECOND_MS;
}

/** The civil date, `YYYY-MM-DD`, that a wall calendar in the zone shows at the instant. */
export function civilDateAt(instantMs: number, zone = JAPAN): string {
  return dateText(Math.floor((instantMs + offsetMinutesAt(instantMs, zone) * MINUTE_MS) / DAY_MS));
}

/**
 * Reads a civil date, `YYYY-MM-DD`. A day that its month does not have is refused, never moved.
 *
 * @throws RangeError naming what is wrong
 */
export function parseCivilDate(text: string): Temporal.PlainDate {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (parts === null) throw new RangeError('must be a date such as 2025-06-02');
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (year < YEAR_MIN || year > YEAR_MAX) throw new RangeError(`year must be ${YEAR_MIN} to ${YEAR_MAX}`);
  if (month < 1 || month > 12) throw new RangeError('month must be 01 to 12');
  if (day < 1 || day > daysInMonth(year, month)) throw new RangeError('no such day in that month');
  return Temporal.PlainDate.from({ year, month, day });
}

/** The first instant of a civil date in the zone; after midnight where a clock change skips midnight. */
export function startOfDayMs(date: Temporal.PlainDate, zone = JAPAN): number {
  return date.toZonedDateTime(zone).epochMilliseconds;
}

/** Epoch milliseconds, or NaN for anything that is not such a text. No allocation: it runs six times a charge. */
function readInstant(text: string): number {
  const length = text.length;
  if (length < 20 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T') return NaN;
  if (text[13] !== ':' || text[16] !== ':') return NaN;
  const year = digits(text, 0) * 100 + digits(text, 2);
  const month = digits(text, 5);
  const day = digits(text, 8);
  const hours = digits(text, 11);
  const minutes = digits(text, 14);
  const seconds = digits(text, 17);
  if (!(year >= YEAR_MIN && year <= YEAR_MAX && month >= 1 && month <= 12)) return NaN;
  if (!(day >= 1 && day <= daysInMonth(year, month))) return NaN;
  if (!(hours <= 23 && minutes <= 59 && seconds <= 59)) return NaN;
  let at = 19;
  let ms = 0;
  if (text[at] === '.') {
    let weight = 100;
    for (at += 1; isDigit(text, at); at += 1) {
      ms += Math.floor(weight) * (text.charCodeAt(at) - 48);
      weight /= 10;
    }
    if (at === 20) return NaN;
  }
  const offset = text[at] === 'Z' && at + 1 === length ? 0 : readOffsetMinutes(text, at);
  const localMinutes = (daysSinceEpoch(year, month, day) * 24 + hours) * 60 + minutes;
  return (localMinutes - offset) * MINUTE_MS + seconds * SECOND_MS + ms;
}

/** Minutes of a `±hh:mm` that ends the text, or NaN. */
function readOffsetMinutes(text: string, at: number): number {
  if (text.length !== at + 6 || text[at + 3] !== ':') return NaN;
  const sign = text[at] === '+' ? 1 : text[at] === '-' ? -1 : NaN;
  const hours = digits(text, at + 1);
  const minutes = digits(text, at + 4);
  return hours <= 23 && minutes <= 59 ? sign * (hours * 60 + minutes) : NaN;
}

/** Why `readInstant` gave NaN, in words for whoever wrote the text. */
function diagnose(text: string): string {
  const example = 'such as 2025-06-02T09:00:00+09:00';
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return `time and offset are missing: must be ${example}`;
  const shape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/.exec(text);
  if (shape === null) return `must be an instant ${example}`;
  if (shape[1] === undefined) return `seconds are missing: must be an instant ${example}`;
  if (shape[2] === undefined) return 'offset is missing: must end in +09:00 or Z';
  if (text.slice(17, 19) === '60') return 'leap seconds are not accepted';
  const year = Number(text.slice(0, 4));
  if (year < YEAR_MIN || year > YEAR_MAX) return `year must be ${YEAR_MIN} to ${YEAR_MAX}`;
  return 'no such date, time or offset';
}

/** The last look-up of each zone. Since 1972 every zone has changed its offset only at whole quarters of an hour. */
const lastOffsets = new Map<string, { readonly quarter: number; readonly minutes: number }>();
const QUARTER_MS = 15 * MINUTE_MS;
const ZONES_REMEMBERED = 64;

function offsetMinutesAt(instantMs: number, zone: string): number {
  if (zone === JAPAN && instantMs >= JAPAN_FIXED_SINCE_MS) return JAPAN_OFFSET_MINUTES;
  if (zone === 'UTC') return 0;
  const quarter = Math.floor(instantMs / QUARTER_MS);
  const last = lastOffsets.get(zone);
  if (last?.quarter === quarter) return last.minutes;
  const zoned = Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(zone);
  const minutes = Math.round(zoned.offsetNanoseconds / 60e9);
  if (lastOffsets.size >= ZONES_REMEMBERED) lastOffsets.clear();
  lastOffsets.set(zone, { quarter, minutes });
  return minutes;
}

function offsetText(offsetMinutes: number): string {
  if (offsetMinutes === JAPAN_OFFSET_MINUTES) return '+09:00';
  const size = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Days from 1970-01-01 to a civil date (Howard Hinnant, chrono-compatible low-level date algorithms). */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const ofEra = y - era * 400;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

/** The last day that was written: the instants of a visit share it. */
let lastDate = { days: NaN, text: '' };

/** The inverse of `daysSinceEpoch`, as `YYYY-MM-DD`. */
function dateText(days: number): string {
  if (days !== lastDate.days) lastDate = { days, text: civilText(days) };
  return lastDate.text;
}

function civilText(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const n =
    dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor(n / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const m = Math.floor((5 * dayOfYear + 2) / 153);
  const month = m < 10 ? m + 3 : m - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  if (year < 0 || year > 9999) throw new RangeError('instant outside the years 0 to 9999');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(dayOfYear - Math.floor((153 * m + 2) / 5) + 1)}`;
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysInMonth(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (MONTH_DAYS[month - 1] ?? 0);
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** The two-digit number at `at`, or NaN. */
function digits(text: string, at: number): number {
  return isDigit(text, at) && isDigit(text, at + 1)
    ? text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528
    : NaN;
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}
