import { byId, element } from '/pages/dom.js';
import { words as venueWords } from '/pages/language.js';
import { catalogue as words } from './words.js';

/** What the billing service holds: it can know only what has reached it over the line. */
export function showBill(billing, isCut) {
  const { stored, receipt, gaps, duplicates, mismatches, rejected, totalYen, stays } = billing;
  byId('bill-hint').textContent = words.billHint({ stored, receipt });
  byId('total').textContent = words.total(venueWords.yen(totalYen));
  const rows = stays.map(row);
  const remarks = [
    ...(stays.length === 0 ? [words.billEmpty] : []),
    ...(isCut ? [words.billCut] : []),
    ...(duplicates > 0 ? [words.duplicates(duplicates)] : []),
    ...(gaps > 0 ? [words.gaps(gaps)] : []),
    ...(mismatches > 0 ? [words.mismatches(mismatches)] : []),
    ...(rejected > 0 ? [words.rejected(rejected)] : []),
  ].map((text) => element('li', { class: 'empty' }, text));
  byId('bill').replaceChildren(...rows, ...remarks);
}

function row({ stay, sub, checkIn, checkOut, use, charge }) {
  const time = (instant) => (instant === null ? '…' : instant.slice(11, 19));
  return element(
    'li',
    { 'data-stay': stay },
    element('span', { class: 'bill-who' }, sub, element('small', {}, `${time(checkIn)} – ${time(checkOut)}`)),
    element('span', { class: 'bill-what' }, ...amount(use, charge, checkOut)),
  );
}

function amount(use, charge, checkOut) {
  if (use !== null) return [venueWords.yen(0), element('small', {}, venueWords.uses(use))];
  if (charge === null) return [checkOut === null ? words.inside : words.notBilled];
  const span = charge.chargedFrom === null ? '' : venueWords.span(charge.chargedFrom, charge.chargedTo);
  const offline = charge.online ? '' : ` · ${venueWords.computedOffline}`;
  return [venueWords.yen(charge.yen), element('small', {}, `${span} · ${charge.rule}${offline}`)];
}
