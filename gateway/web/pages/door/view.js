import { byId, element } from '../dom.js';
import { language, words } from './language.js';

/**
 * @typedef {{ act: string, label: string, href?: string }} Way something to press: an act of the page, or a link
 * @typedef {object} Screen what the page shows in one state
 * @property {'plain' | 'wait' | 'good' | 'bad' | 'hm'} tone
 * @property {string} title
 * @property {string} [text]
 * @property {[string, string, string?][]} [facts] label, value, and `strong` for the one that is read first
 * @property {string} [note]
 * @property {Way | null} [main] the large button
 * @property {Way[]} [ways] the way on, below it
 */

/** Puts up what does not change with the state. */
export function prepare({ name, side }) {
  byId('venue').textContent = name;
  byId('side').textContent = words.sides[side] ?? '';
  document.title = [words.sides[side], name].filter((text) => text !== undefined).join(' · ');
  const link = byId('language');
  const other = language === 'ja' ? 'en' : 'ja';
  link.href = `?lang=${other}`;
  link.lang = other;
  link.textContent = words.otherLanguage;
}

/**
 * Shows a state. A status region tells a screen reader; the focus goes there where the pressed button is gone.
 *
 * @param {Screen} screen
 * @param {(act: string) => void} act
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
  if (hadFocus) ((isBusy && byId('main').firstChild) || byId('said')).focus({ preventScroll: true });
}

/** @param {((act: string) => void) | null} act `null` for a button that waits */
function pressable({ act: name, label, href }, kind, act) {
  if (href !== undefined) return element('a', { class: kind, href }, label);
  // Not `disabled`, which would take the focus away from under a keyboard.
  const waits = act === null ? { 'aria-disabled': 'true' } : {};
  const button = element('button', { type: 'button', class: kind, ...waits }, label);
  button.addEventListener('click', () => act?.(name));
  return button;
}
