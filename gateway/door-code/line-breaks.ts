/** Wide signs of Chinese, Japanese and Korean: a whole em each. The rest is counted as a little more than half of one. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
const NARROW_EM = 0.58;

/** Signs that begin no line (JIS X 4051, line-start prohibition). */
const NOT_FIRST =
  /^[、。，．・：；？！゛゜ー々〜」』）】〕］｝ゝゞぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ]/u;

/** About how wide a line is, in ems of its face. Never less than it is in a usual face. */
export function widthOf(line: string): number {
  return Array.from(line).reduce(
    (sum, sign) => sum + (WIDE.test(sign) || sign > '\uffff' ? 1 : NARROW_EM),
    0,
  );
}

/**
 * Breaks a text into lines: between words, and between any two wide signs where the next may begin a line.
 *
 * @param emMax width of a line in ems
 */
export function linesOf(text: string, emMax: number): string[] {
  const lines = [''];
  for (const piece of piecesOf(text)) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && widthOf((line + piece).trimEnd()) > emMax) lines.push(piece);
    else lines[lines.length - 1] = line + piece;
  }
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

/** What is not to be torn apart. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (const sign of text) {
    const last = pieces.at(-1) ?? '';
    const before = Array.from(last).at(-1) ?? ' ';
    const breaks = before === ' ' || ((WIDE.test(before) || WIDE.test(sign)) && !NOT_FIRST.test(sign));
    if (breaks && sign !== ' ') pieces.push(sign);
    else if (pieces.length === 0) pieces.push(sign);
    else pieces[pieces.length - 1] = last + sign;
  }
  return pieces;
}
