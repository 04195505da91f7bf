import { words as gatewayWords, language } from '/pages/language.js';
import { en } from './words-en.js';
import { ja } from './words-ja.js';

/** The demo's own texts in the language of the page. */
export const words = { ja, en }[language];

/** Names of events, reasons and causes: the gateway's own. */
export { gatewayWords, language };
