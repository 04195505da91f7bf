import { existsSync } from 'node:fs';
import { Resvg, type ResvgRenderOptions } from '@resvg/resvg-js';
import { escapeMarkup } from '../../shared/markup.ts';
import { FACES } from './sheet.ts';

/** A sign that no face has (a noncharacter of Unicode): drawn as the face's sign for a missing one. */
const NO_SIGN = '\u{ffffe}';

/** Where the package fonts-noto-cjk of Debian and Raspberry Pi OS puts the faces that are drawn with. */
const USUAL_FILES = ['Regular', 'Bold'].map(
  (weight) => `/usr/share/fonts/opentype/noto/NotoSansCJK-${weight}.ttc`,
);

type Font = NonNullable<ResvgRenderOptions['font']>;

const QUIETLY: ResvgRenderOptions = { logLevel: 'off', font: { loadSystemFonts: false } };

/** This machine has no face for what is to be printed. */
export class MissingFace extends Error {
  override readonly name = 'MissingFace';
}

/**
 * Turns the text of a drawing into shapes, so that it looks the same wherever it is opened and printed.
 *
 * @throws MissingFace naming the signs that no installed face has
 */
export function shapesOf(svg: string): string {
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, shown = '']) => shown).join('');
  const signs = [...new Set(texts.replace(/&#\d+;|\s|\p{Cf}/gu, ''))];
  let font: Font = { fontFiles: USUAL_FILES.filter((file) => existsSync(file)) };
  let missing = missingIn(signs, font);
  if (missing.length > 0) {
    // Reading every font of the machine takes seconds, so they are asked last.
    font = { loadSystemFonts: true };
    missing = missingIn(missing, font);
  }
  if (missing.length > 0)
    throw new MissingFace(
      `no installed font has ${missing.slice(0, 12).join(' ')}: install one, such as the package fonts-noto-cjk`,
    );
  return flattened(svg, font);
}

/** @param dpi dots an inch @param widthMm of the paper */
export function pngOf(shapes: string, { dpi, widthMm }: { dpi: number; widthMm: number }): Uint8Array {
  const value = Math.round((widthMm / 25.4) * dpi);
  return new Resvg(shapes, { ...QUIETLY, fitTo: { mode: 'width', value } }).render().asPng();
}

function flattened(svg: string, font: Font): string {
  return new Resvg(svg, { ...QUIETLY, font: { ...QUIETLY.font, ...font } }).toString();
}

/** Those that are drawn as a missing sign is. Whole lines are looked at, for each line reads the fonts anew. */
function missingIn(signs: readonly string[], font: Font): readonly string[] {
  if (signs.length === 0 || areAllDrawn(signs, font)) return [];
  if (signs.length === 1) return signs;
  const half = Math.ceil(signs.length / 2);
  return [...missingIn(signs.slice(0, half), font), ...missingIn(signs.slice(half), font)];
}

function areAllDrawn(signs: readonly string[], font: Font): boolean {
  const probe = [NO_SIGN, signs.join('')].map((line) => `<text>${escapeMarkup(line)}</text>`).join('');
  const size = `viewBox="0 0 9 9" font-size="1000" font-family="${FACES}"`;
  const drawn = flattened(`<svg xmlns="http://www.w3.org/2000/svg" ${size}>${probe}</svg>`, font);
  const [none, all] = [...drawn.matchAll(/ d="([^"]*)"/g)].map(([, path = '']) => outlinesOf(path));
  // Without a single face nothing is drawn at all.
  return none?.[0] !== undefined && all !== undefined && !all.includes(none[0]);
}

/** The outlines of a path, each told from where it begins: the same wherever in a line a sign stands. */
function outlinesOf(path: string): string[] {
  return path.split('Z').map((outline) => {
    const numbers = (outline.match(/-?[\d.]+/g) ?? []).map(Number);
    const [x = 0, y = 0] = numbers;
    return numbers.map((number, index) => Math.round(number - (index % 2 === 0 ? x : y))).join(' ');
  });
}
