import { words as sheetEn } from '../door/sheet-words-en.js';
import { words as sheetJa } from '../door/sheet-words-ja.js';
import { language, words } from '../language.js';
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
const zone = 'Asia/Tokyo';
const timeFormat = new Intl.DateTimeFormat(locale, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZone: zone,
});
const minuteFormat = new Intl.DateTimeFormat(locale, {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZone: zone,
});
const dayFormat = new Intl.DateTimeFormat(locale, {
  month: 'numeric',
  day: 'numeric',
  weekday: 'short',
  timeZone: zone,
});

const msOf = (instant) => (typeof instant === 'number' ? instant : Date.parse(instant));
const dayOf = (ms) => new Date(ms).toLocaleDateString('sv', { timeZone: zone });

/** 10:29:05, with the day where it is not that of `now`. */
export function time(instant, now = instant) {
  const ms = msOf(instant);
  const text = timeFormat.format(ms);
  return dayOf(ms) === dayOf(msOf(now)) ? text : `${dayFormat.format(ms)} ${text}`;
}

/** 10:29, with the day where it is not that of `now`. */
export function minute(instant, now = instant) {
  const ms = msOf(instant);
  const text = minuteFormat.format(ms);
  return dayOf(ms) === dayOf(msOf(now)) ? text : `${dayFormat.format(ms)} ${text}`;
}

export const day = (instant) => dayFormat.format(msOf(instant));
