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
export function show(screen, act) {
  const { tone, title, text = '', facts = [], note = '', main = null, ways = [] } = screen;
  const hadFocus =
    byId('main').contains(document.activeElement) || byId('ways').contains(document.activeElement);
  document.body.dataset.tone = tone;
  byId('title').textContent = title;
  byId('text').textContent = text;
  byId('facts').replaceChildren(
    ...facts.map(([label, value, weight = 'plain']) =>
      element('div', { 'data-weight': weight }, element('dt', {}, label), element('dd', {}, value)),
    ),
  );
  byId('note').textContent = note;
  showMain(main, tone === 'wait', act);
  byId('ways').replaceChildren(...ways.map((way) => pressable(way, act)));
  byId('said').setAttribute('aria-busy', String(tone === 'wait'));
  if (hadFocus && (main === null || tone !== 'wait')) byId('said').focus({ preventScroll: true });
}

function showMain(main, isBusy, act) {
  const button = byId('main');
  const made =
    main?.href === undefined ? element('button', { type: 'button' }) : element('a', { href: main.href });
  made.id = 'main';
  made.className = 'main';
  made.hidden = main === null;
  if (main !== null) made.append(main.label);
  // Not `disabled`, which would take the focus away from under a keyboard.
  if (isBusy) made.setAttribute('aria-disabled', 'true');
  else if (main !== null && main.href === undefined) made.addEventListener('click', () => act(main.act));
  const hadFocus = document.activeElement === button;
  button.replaceWith(made);
  if (hadFocus) made.focus({ preventScroll: true });
}

function pressable({ act: name, label, href }, act) {
  if (href !== undefined) return element('a', { class: 'way', href }, label);
  const button = element('button', { type: 'button', class: 'way', 'data-act': name }, label);
  button.addEventListener('click', () => act(name));
  return button;
}
