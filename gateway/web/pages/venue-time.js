/**
 * Times as the clocks at the venue show them, wherever the browser stands: the gateway writes its zone into the page.
 *
 * @typedef {number | string} Instant epoch milliseconds, or RFC 3339
 */

/** @param {Instant} instant */
export const msOf = (instant) => (typeof instant === 'number' ? instant : Date.parse(instant));

/**
 * Writes instants in the venue's zone. The formatter is made when it is first wanted: a page's first one takes its time.
 *
 * @param {string} locale
 * @param {Intl.DateTimeFormatOptions} options
 * @returns {(instant: Instant) => string}
 */
export function writer(locale, options) {
  /** @type {Intl.DateTimeFormat | undefined} */
  let format;
  return (instant) => {
    format ??= new Intl.DateTimeFormat(locale, { ...options, timeZone: zone() });
    return format.format(msOf(instant));
  };
}

/** A browser that is given no zone takes its own: the wrong hour for a member who looks from abroad. */
function zone() {
  const { zone: named } = document.body.dataset;
  if (named === undefined) throw new Error('the page names no time zone');
  return named;
}

const twoDigits = writer('sv', { timeStyle: 'short' });

/** `9:05` @param {Instant} instant */
export const clock = (instant) => twoDigits(instant).replace(/^0/, '');

/** `9:05–10:30` @param {Instant} from @param {Instant} to */
export const span = (from, to) => `${clock(from)}–${clock(to)}`;

const wall = writer('sv', { dateStyle: 'short', timeStyle: 'medium' });

/** `2026-11-24T09:05` as the venue's clocks show it, for a field `datetime-local`. @param {Instant} instant */
export const local = (instant) => wall(instant).replace(' ', 'T').slice(0, 16);

const DAY_MS = 86_400_000;

/**
 * The instant at which the venue's clocks show a date and time, which is what a field `datetime-local` holds. Of the two
 * that clocks put back show twice it is the earlier; one that clocks put forward leave out is as much later.
 *
 * @param {string} shown `2026-11-24T09:05`
 * @returns RFC 3339, in UTC
 */
export function instantAt(shown) {
  const wanted = Date.parse(`${shown}Z`);
  // By the zone's offsets a day before and after: there is no more than one change between them.
  const instants = [wanted - DAY_MS, wanted + DAY_MS].map((ms) => wanted - offsetMs(ms));
  const [before = wanted] = instants;
  return new Date(instants.find((ms) => offsetMs(ms) === wanted - ms) ?? before).toISOString();
}

/** How far the venue's clocks are ahead of UTC at an instant. @param {number} ms whole seconds */
const offsetMs = (ms) => Date.parse(`${wall(ms).replace(' ', 'T')}Z`) - ms;
