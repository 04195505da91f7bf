import { words as sheetEn } from '../door/sheet-words-en.js';
import { words as sheetJa } from '../door/sheet-words-ja.js';
import { language, words } from '../language.js';
import { writer } from '../venue-time.js';
import { alarmNames } from './alarm-names.generated.js';
import { en } from './words-en.js';
import { ja } from './words-ja.js';

/** Every text of the console in the page's language; those of events, reasons and flags are shared with the other pages. */
export const texts = {
  ...words,
  ...{ ja, en }[language],
  alarmKinds: alarmNames[language],
  flags: { ja: sheetJa, en: sheetEn }[language].flags,
};

const locale = language === 'ja' ? 'ja-JP' : 'en-GB';
/** @type {Intl.DateTimeFormatOptions} */
const hours = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const secondText = writer(locale, { ...hours, second: '2-digit' });
const minuteText = writer(locale, hours);
const civilDate = writer('sv', { dateStyle: 'short' });

/** @import { Instant } from '../venue-time.js' */

/** `11/24(火)`: the day at the venue. */
export const day = writer(locale, { month: 'numeric', day: 'numeric', weekday: 'short' });

/** @param {string} text @param {Instant} instant @param {Instant} now */
const withDay = (text, instant, now) =>
  civilDate(instant) === civilDate(now) ? text : `${day(instant)} ${text}`;

/**
 * 10:29:05, with the day where it is not that of `now`.
 *
 * @param {Instant} instant
 * @param {Instant} [now]
 */
export const time = (instant, now = instant) => withDay(secondText(instant), instant, now);

/**
 * 10:29, with the day where it is not that of `now`.
 *
 * @param {Instant} instant
 * @param {Instant} [now]
 */
export const minute = (instant, now = instant) => withDay(minuteText(instant), instant, now);
