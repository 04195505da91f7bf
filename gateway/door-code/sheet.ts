import encodeQR from 'qr';
import type { Side } from '../../shared/contract/primitives.ts';
import { escapeMarkup } from '../../shared/markup.ts';
import { textsIn, type Language } from '../messages/catalogue.ts';
import { linesOf, widthOf } from './line-breaks.ts';

/** Paper that a sheet is printed on, upright, in millimetres (ISO 216). */
export const PAPERS = { a4: { width: 210, height: 297 }, a5: { width: 148, height: 210 } } as const;
/** A size of the paper that codes are printed on. */
export type Paper = keyof typeof PAPERS;

/** What a sheet says. */
export interface SheetOptions {
  readonly venue: string;
  readonly side: Side;
  /** What the code holds. */
  readonly url: string;
  /** The name of the venue's Wi-Fi; `null`: it is not named. */
  readonly wifi: string | null;
  /** The telephone number for a member at a shut door, or `null`. */
  readonly support: string | null;
  readonly paper: Paper;
}

/** Drawn for A4 in millimetres; A5 is the same drawing, for both have the same proportions. */
const { width: WIDTH, height: HEIGHT } = PAPERS.a4;
const MARGIN = 16;
const BAND = 46;

/** The code with its light margin of four modules (ISO/IEC 18004): 93 mm are read from a metre and a half. */
const CODE = { x: (WIDTH - 104) / 2, y: 80, size: 104, border: 4 } as const;

const INK = '#1d2124';
const FAINT = '#575c61';
const BRAND = '#1f4a44';
const TINT = '#eaf1ef';

/** Japanese faces of the usual systems, the widest spread first. */
export const FACES =
  "'Noto Sans CJK JP', 'Noto Sans JP', 'Hiragino Sans', 'Yu Gothic', Meiryo, 'IPAexGothic', sans-serif";

interface Line {
  readonly text: string;
  readonly x: number;
  /** Where the letters stand. */
  readonly y: number;
  readonly size: number;
  readonly colour?: string;
  readonly weight?: 400 | 700;
  readonly anchor?: 'start' | 'middle' | 'end';
}

/**
 * Draws the sheet that is posted at a side of a door: the venue's name, the code, and what to do in Japanese and
 * English. Only filled shapes and text, so that it can be told as a page of a PDF without loss.
 *
 * @returns SVG whose text needs a Japanese face
 */
export function drawSheet(options: SheetOptions): string {
  const { paper, venue, side, url } = options;
  const { width, height } = PAPERS[paper];
  const [ja, en] = [textsIn('ja').display[side], textsIn('en').display[side]];
  // The two stand side by side, in the middle together.
  const heading = { ja: 19, en: 11, gap: 5 };
  const left = (WIDTH - widthOf(ja) * heading.ja - heading.gap - widthOf(en) * heading.en) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}mm" height="${height}mm" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="${FACES}">`,
    box(0, 0, WIDTH, HEIGHT, '#ffffff'),
    box(0, 0, WIDTH, BAND, BRAND),
    nameOf(venue),
    text({ text: ja, x: left, y: 69, size: heading.ja, weight: 700, colour: BRAND }),
    text({
      text: en,
      x: left + widthOf(ja) * heading.ja + heading.gap,
      y: 69,
      size: heading.en,
      colour: FAINT,
    }),
    codeOf(url),
    ...stepsOf(options),
    ...footOf(options),
    '</svg>',
  ].join('\n');
}

/** The venue's name in one, two or three lines, as large as it fits. */
function nameOf(venue: string): string {
  const room = WIDTH - 2 * MARGIN;
  const size =
    [14, 11, 9, 7].find((each) => linesOf(venue, room / each).length * each * 1.3 <= BAND - 12) ?? 5.5;
  const lines = linesOf(venue, room / size);
  const top = BAND / 2 - (lines.length * size * 1.3) / 2;
  return lines
    .map((line, index) =>
      text({
        text: line,
        x: WIDTH / 2,
        y: top + size * (1.02 + 1.3 * index),
        size,
        weight: 700,
        colour: '#ffffff',
        anchor: 'middle',
      }),
    )
    .join('\n');
}

/** The code as one shape. The level of correction leaves a quarter of it to scratches and stains. */
function codeOf(url: string): string {
  const modules = encodeQR(url, 'raw', { ecc: 'quartile', border: CODE.border });
  const step = CODE.size / modules.length;
  const at = (index: number) => (index * step).toFixed(4);
  const shapes = modules.flatMap((row, y) =>
    runsOf(row).map(
      ([from, to]) =>
        `M${num(CODE.x, at(from))} ${num(CODE.y, at(y))}H${num(CODE.x, at(to))}V${num(CODE.y, at(y + 1))}H${num(CODE.x, at(from))}Z`,
    ),
  );
  return `<path fill="#000000" d="${shapes.join('')}"/>`;
}

/** From and to of the dark stretches of a row: one shape each, so that no hairline shows between modules. */
function runsOf(row: readonly boolean[]): [number, number][] {
  const runs: [number, number][] = [];
  row.forEach((isDark, x) => {
    const last = runs.at(-1);
    if (isDark && last?.[1] === x) last[1] = x + 1;
    else if (isDark) runs.push([x, x + 1]);
  });
  return runs;
}

function stepsOf({ side, wifi }: SheetOptions): string[] {
  const steps = (language: Language) => {
    const { sheet } = textsIn(language);
    return [wifi === null ? sheet.wifi : `${sheet.wifi} (${wifi})`, sheet.scan, sheet.tap[side]];
  };
  const english = steps('en');
  return steps('ja').flatMap((japanese, index) => {
    const y = 194 + index * 20;
    return [
      disc(MARGIN + 6, y + 4.2, 6, BRAND),
      text({
        text: String(index + 1),
        x: MARGIN + 6,
        y: y + 6.6,
        size: 6.6,
        weight: 700,
        colour: '#ffffff',
        anchor: 'middle',
      }),
      fitted({ text: japanese, x: MARGIN + 18, y: y + 3.6, size: 6.4, weight: 700 }),
      fitted({ text: english[index] ?? '', x: MARGIN + 18, y: y + 10.6, size: 4.9, colour: FAINT }),
    ];
  });
}

/** What else a member may need to know, and the address for whoever has no camera. */
function footOf({ side, support, url }: SheetOptions): string[] {
  const notes = (['ja', 'en'] as const).map((language) => {
    const { sheet } = textsIn(language);
    const help = support === null ? [] : [`${sheet.help} ${support}`];
    return [side === 'entry' ? sheet.first : sheet.button, ...help].join(language === 'ja' ? '　' : '  ');
  });
  return [
    box(MARGIN, 255, WIDTH - 2 * MARGIN, 22, TINT),
    ...notes.map((note, index) =>
      fitted({
        text: note,
        x: WIDTH / 2,
        y: 264 + index * 7.6,
        size: index === 0 ? 4.9 : 4.2,
        anchor: 'middle',
        colour: index === 0 ? INK : FAINT,
      }),
    ),
    fitted({ text: url, x: WIDTH / 2, y: 287, size: 3.8, colour: FAINT, anchor: 'middle' }),
  ];
}

/** A line that is set smaller where it would run over the margin. */
function fitted(line: Line): string {
  const room = line.anchor === 'middle' ? WIDTH - 2 * MARGIN - 8 : WIDTH - MARGIN - line.x;
  return text({ ...line, size: Math.min(line.size, room / widthOf(line.text)) });
}

function text({ text: shown, x, y, size, colour = INK, weight = 400, anchor = 'start' }: Line): string {
  const style = `font-size="${size.toFixed(2)}" font-weight="${weight}" text-anchor="${anchor}" fill="${colour}"`;
  return `<text x="${x.toFixed(2)}" y="${y.toFixed(2)}" ${style}>${escapeMarkup(shown)}</text>`;
}

function box(x: number, y: number, width: number, height: number, fill: string): string {
  return `<path fill="${fill}" d="M${x} ${y}H${x + width}V${y + height}H${x}Z"/>`;
}

function disc(x: number, y: number, radius: number, fill: string): string {
  return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${fill}"/>`;
}

function num(origin: number, offset: string): string {
  return (origin + Number(offset)).toFixed(3);
}
