import { byId, element } from '/pages/dom.js';
import { span, writer } from '/pages/venue-time.js';
import { words } from './words.js';

/** @import { DemoState, ShownStay } from '../shown.ts' */

/** Visits that are shown; the service keeps all. */
const SHOWN_MAX = 8;

let shown = '';

const clock = writer('sv', { timeStyle: 'medium' });

/**
 * What the billing service holds: it can know only what has reached it over the line.
 *
 * @param {DemoState['cloud']} cloud
 * @param {boolean} isCut
 */
export function showBill({ stored, receipt, stays }, isCut) {
  byId('bill-hint').textContent = words.billHint({ stored, receipt });
  const text = JSON.stringify([stays, isCut]);
  // Only when something changed: an opened explanation stays open, a screen reader is not told the same again.
  if (text === shown) return;
  shown = text;
  const remarks = [...(stays.length === 0 ? [words.billEmpty] : []), ...(isCut ? [words.billCut] : [])];
  byId('bill').replaceChildren(
    ...remarks.map((remark) => element('li', { class: 'empty' }, remark)),
    ...stays.slice(-SHOWN_MAX).reverse().map(row),
  );
}

/** @param {ShownStay} stay */
function row(stay) {
  const { sub, reservation, checkIn, checkOut, charge, isVoided } = stay;
  /** @param {string | null} instant */
  const time = (instant) => (instant === null ? '…' : clock(instant));
  const [amount, ...why] = amountOf(stay);
  return element(
    'li',
    {
      'data-stay': stay.stay,
      'data-sub': sub,
      'data-reservation': reservation ?? '',
      'data-yen': charge === null ? '' : String(charge.yen),
    },
    element(
      'div',
      { class: 'bill-line' },
      element('span', {}, element('b', {}, sub), ` ${time(checkIn)} – ${time(checkOut)}`),
      element('b', { class: isVoided ? 'bill-none' : 'bill-yen' }, amount),
    ),
    ...why.map((line) => element('p', {}, line)),
  );
}

/** @param {ShownStay} stay @returns {[amount: string, ...why: string[]]} */
function amountOf({ checkOut, use, charge, superseded, isVoided }) {
  if (isVoided) return [words.voided];
  if (use !== null) return [words.yen(0), words.use(use)];
  if (charge === null) return [checkOut === null ? words.inside : words.notBilled];
  const { chargedFrom, chargedTo } = charge;
  const charged = chargedFrom === null || chargedTo === null ? '' : `${span(chargedFrom, chargedTo)} · `;
  const remarks = [
    ...(charge.online ? [] : [words.offline]),
    ...(superseded > 0 ? [words.superseded(superseded)] : []),
    ...charge.flags,
  ];
  return [
    words.yen(charge.yen),
    `${charged}${words.arithmetic(charge)}`,
    `${charge.rule}: ${words.rules[charge.rule]}`,
    ...(remarks.length === 0 ? [] : [remarks.join(' · ')]),
  ];
}
