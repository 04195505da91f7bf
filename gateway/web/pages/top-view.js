import { byId, element } from './dom.js';
import { language, words } from './language.js';

/** Names the parts of the page's head and marks the language that is shown. */
export function prepareTop() {
  byId('chips').setAttribute('aria-label', words.stateLabel);
  byId('languages').setAttribute('aria-label', words.languageLabel);
  byId('languages').querySelector(`[lang=${language}]`)?.setAttribute('aria-current', 'true');
}

/** What the gateway says of itself. `null`: it says nothing, so nothing is known. */
export function showTop(state) {
  if (state !== null) byId('venue').textContent = state.venue.name;
  const chips = state === null ? [chip('gateway', 'bad', words.noGateway)] : chipsOf(state);
  const place = byId('chips');
  // Only when something changed: a screen reader is not told the same again each second.
  if (place.innerHTML !== element('ul', {}, ...chips.map((made) => made.cloneNode(true))).innerHTML)
    place.replaceChildren(...chips);
}

const time = new Intl.DateTimeFormat(language, {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZone: 'Asia/Tokyo',
});

function chipsOf({ at, clock, online, storage, ledger, inside }) {
  const { last, receipted } = ledger;
  return [
    chip('clock', clock === 'trusted' ? 'plain' : 'bad', `${time.format(at)} ${words.clock[clock]}`.trim()),
    chip('line', online ? 'good' : 'bad', online ? words.lineUp : words.lineDown),
    chip('receipt', receipted === last ? 'good' : 'plain', words.receipt(receipted, last)),
    chip('inside', 'plain', words.inside(inside)),
    ...(storage === 'ok' ? [] : [chip('storage', 'bad', words.storageDegraded)]),
  ];
}

function chip(name, tone, text) {
  return element('li', { 'data-chip': name, 'data-tone': tone }, text);
}
