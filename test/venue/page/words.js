import { language } from '/pages/language.js';
import { en } from './words-en.js';
import { ja } from './words-ja.js';

/** The demo's texts in the language of the page. */
export const catalogue = { ja, en }[language];
