import { en } from './words-en.js';
import { ja } from './words-ja.js';

/** Japanese, unless the address or the browser asks for English first. */
function chosen() {
  const asked = new URLSearchParams(location.search).get('lang');
  const wanted = asked === null ? navigator.languages : [asked];
  const first = wanted.map((tag) => tag.toLowerCase()).find((tag) => /^(ja|en)\b/.test(tag));
  return first?.startsWith('en') ? 'en' : 'ja';
}

export const language = chosen();

/** The texts of the page in its language. */
export const words = { ja, en }[language];

/**
 * Fills every element that names a word of the catalogue.
 *
 * @param {Readonly<Record<string, unknown>>} catalogue
 */
export function fillWords(catalogue) {
  document.documentElement.lang = language;
  for (const place of document.querySelectorAll('[data-word]')) {
    const word = catalogue[place.getAttribute('data-word') ?? ''];
    if (typeof word === 'string') place.textContent = word;
  }
}
