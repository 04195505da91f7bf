import { en } from './en.ts';
import { ja } from './ja.ts';
import type { Texts } from './texts.ts';

/** A language that the gateway speaks. */
export type Language = 'ja' | 'en';

const CATALOGUES: Readonly<Record<Language, Texts>> = { ja, en };

/** The language of an `Accept-Language` header: Japanese unless English is wanted more. */
export function languageOf(acceptLanguage: string | undefined): Language {
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = parameters.map((p) => p.trim()).find((p) => p.startsWith('q='));
      return { tag, quality: quality === undefined ? 1 : Number(quality.slice(2)) };
    })
    .filter(({ tag, quality }) => quality > 0 && /^(ja|en)\b/.test(tag))
    .sort((a, b) => b.quality - a.quality);
  return wanted[0]?.tag.startsWith('en') === true ? 'en' : 'ja';
}

/** The texts of a language. */
export function textsIn(language: Language): Texts {
  return CATALOGUES[language];
}
