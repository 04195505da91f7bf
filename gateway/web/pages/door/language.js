const WORDS = { ja: './words-ja.js', en: './words-en.js' };

/** Japanese, unless the address or the browser asks for English first. */
function chosen() {
  const asked = new URLSearchParams(location.search).get('lang');
  const wanted = asked === null ? navigator.languages : [asked];
  const first = wanted.map((tag) => tag.toLowerCase()).find((tag) => /^(ja|en)\b/.test(tag));
  return first?.startsWith('en') ? 'en' : 'ja';
}

export const language = chosen();

/** The texts in that language; the other catalogue is not loaded. */
export const { words } = /** @type {typeof import('./words-ja.js')} */ (await import(WORDS[language]));

document.documentElement.lang = language;
