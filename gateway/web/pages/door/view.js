import { byId, byIdAs, element } from '../dom.js';
import { language, words } from './language.js';

/**
 * @typedef {'open' | 'checkOutNext' | 'checkOutHere' | 'retry' | 'enrol' | 'handOff' | 'renew' | 'qr' | 'visits'} Act
 * @typedef {{ act: Act, label: string } | { act?: 'call', label: string, href: string }} Way something to press: an act of
 *   the page, or a link
 * @typedef {[label: string, value: string, weight?: 'strong']} Fact
 * @typedef {object} Screen what the page shows in one state
 * @property {'plain' | 'wait' | 'good' | 'bad' | 'hm'} tone
 * @property {string} title
 * @property {string} [text]
 * @property {Fact[]} [facts] label, value, and `strong` for the one that is read first
 * @property {string} [note]
 * @property {Way | null | undefined} [main] the large button
 * @property {Way[]} [ways] the way on, below it
 */

/**
 * Puts up what does not change with the state.
 *
 * @param {{ name: string | undefined, side: string }} at
 */
export function prepare({ name, side }) {
  byId('venue').textContent = name ?? '';
  const sideName = side === 'entry' || side === 'exit' ? words.sides[side] : '';
  byId('side').textContent = sideName;
  document.title = [sideName, name].filter(Boolean).join(' · ');
  const link = byIdAs('language', HTMLAnchorElement);
  const other = language === 'ja' ? 'en' : 'ja';
  link.href = `?lang=${other}`;
  link.lang = other;
  link.textContent = words.otherLanguage;
}

/**
 * Shows a state. A status region tells a screen reader; the focus goes there where the pressed button is gone.
 *
 * @param {Screen} screen
 * @param {(act: Act) => void} act
 */
export function show({ tone, title, text = '', facts = [], note = '', main = null, ways = [] }, act) {
  const hadFocus = document.querySelector('#main :focus, #ways :focus') !== null;
  const isBusy = tone === 'wait';
  document.body.dataset.tone = tone;
  byId('title').textContent = title;
  // A line for each sentence: Japanese has no blank that a line would break at.
  byId('text').textContent = text.replaceAll('。', '。\n');
  byId('facts').replaceChildren(
    ...facts.map(([label, value, weight = 'plain']) =>
      element('div', { 'data-weight': weight }, element('dt', {}, label), element('dd', {}, value)),
    ),
  );
  byId('note').textContent = note;
  byId('main').replaceChildren(...(main === null ? [] : [pressable(main, 'main', isBusy ? null : act)]));
  byId('ways').replaceChildren(...ways.map((way) => pressable(way, 'way', act)));
  byId('said').setAttribute('aria-busy', String(isBusy));
  const pressed = isBusy ? byId('main').querySelector('button') : null;
  if (hadFocus) (pressed ?? byId('said')).focus({ preventScroll: true });
}

/**
 * @param {Way} way
 * @param {'main' | 'way'} kind
 * @param {((act: Act) => void) | null} act `null` for a button that waits
 */
function pressable(way, kind, act) {
  if ('href' in way) return element('a', { class: kind, href: way.href }, way.label);
  // Not `disabled`, which would take the focus away from under a keyboard.
  const waits = act === null ? { 'aria-disabled': 'true' } : {};
  const button = element('button', { type: 'button', class: kind, ...waits }, way.label);
  button.addEventListener('click', () => act?.(way.act));
  return button;
}
