import { element } from '../dom.js';
import { language } from './language.js';

/** @typedef {typeof import('./sheet-words-ja.js')} Catalogue */

/** The texts of the sheets, in the page's language. */
export const { words: sheetWords } = /** @type {Catalogue} */ (await import(`./sheet-words-${language}.js`));

/** The look of sheets is loaded with the first of them: the door does not wait for it. */
const styled = new Promise((resolve) => {
  const link = element('link', { rel: 'stylesheet', href: new URL('sheet.css', import.meta.url).href });
  link.addEventListener('load', resolve);
  link.addEventListener('error', resolve);
  document.head.append(link);
});

/**
 * Opens a sheet over the page.
 *
 * @param {string} title
 * @param {Node[]} body
 * @returns {Promise<void>} settles when it is closed
 */
export async function openSheet(title, body) {
  await styled;
  const heading = element('h2', { id: 'sheet-title' }, title);
  const close = element('button', { type: 'button', class: 'way' }, sheetWords.close);
  const sheet = element('dialog', { 'aria-labelledby': 'sheet-title' }, heading, ...body, close);
  close.addEventListener('click', () => sheet.close());
  document.body.append(sheet);
  sheet.showModal();
  await new Promise((resolve) => sheet.addEventListener('close', resolve, { once: true }));
  sheet.remove();
}
