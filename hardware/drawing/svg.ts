/** Pieces of a drawing as SVG text. Lengths in drawing units; the sheet says how large one is on paper. */

/** A place on the drawing: x, y. */
export type Point = readonly [x: number, y: number];

interface TextStyle {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
  readonly fill?: string;
}

const INK = '#111';
/** The line whose cut lets people out. */
export const RED = '#c01010';

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A text at a place. */
export function label([x, y]: Point, text: string, style: TextStyle = {}): string {
  const { size = 14, anchor = 'start', bold = false, fill = INK } = style;
  return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}"${bold ? ' font-weight="bold"' : ''} fill="${fill}">${escaped(text)}</text>`;
}

/** A way on the sheet along the axes: from a point, then to an x or to a y, and so on. */
export class Route {
  readonly points: readonly Point[];

  constructor(points: readonly Point[]) {
    this.points = points;
  }

  /** Horizontally to an x. */
  h(x: number): Route {
    return this.#to(([, y]) => [x, y]);
  }

  /** Vertically to a y. */
  v(y: number): Route {
    return this.#to(([x]) => [x, y]);
  }

  /** Slanting, to any point: the blade of a contact. */
  to(point: Point): Route {
    return this.#to(() => point);
  }

  #to(next: (last: Point) => Point): Route {
    const last = this.points.at(-1);
    return last === undefined ? this : new Route([...this.points, next(last)]);
  }
}

/** A path that begins at a place. */
export function from(point: Point): Route {
  return new Route([point]);
}

/** A wire along a route. */
export function wire({ points }: Route, width = 1.6, ink = INK): string {
  return `<polyline points="${points.map(([x, y]) => `${x},${y}`).join(' ')}" fill="none" stroke="${ink}" stroke-width="${width}"/>`;
}

/** A rectangle with its name. */
export function box([x, y]: Point, width: number, height: number, fill = '#fff', dashed = false): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}" stroke="${INK}" stroke-width="1.6"${dashed ? ' stroke-dasharray="7 4"' : ''}/>`;
}

/** Where wires are joined. */
export function joint([x, y]: Point): string {
  return `<circle cx="${x}" cy="${y}" r="3.6" fill="${INK}"/>`;
}

/** A screw terminal with its number. */
export function terminal([x, y]: Point, text: string): string {
  return [
    `<rect x="${x - 17}" y="${y - 11}" width="34" height="22" fill="#fff7d6" stroke="${INK}" stroke-width="1.4"/>`,
    label([x, y + 5], text, { anchor: 'middle', bold: true }),
  ].join('');
}

/** A potential that is joined wherever its name stands. The wire comes to its flat side. */
export function potential([x, y]: Point, name: string, side: 'left' | 'right'): string {
  const width = 15 + name.length * 8;
  const tip = side === 'left' ? -1 : 1;
  const points: readonly Point[] = [
    [x, y - 10],
    [x + tip * width, y - 10],
    [x + tip * (width + 9), y],
    [x + tip * width, y + 10],
    [x, y + 10],
  ];
  return [
    `<polygon points="${points.map(([px, py]) => `${px},${py}`).join(' ')}" fill="#e6eef7" stroke="${INK}" stroke-width="1.2"/>`,
    label([x + (tip * (width + 3)) / 2, y + 5], name, { anchor: 'middle', size: 13, bold: true }),
  ].join('');
}

/** A resistor, lying or standing, 40 long, from the point to the right or downwards. */
export function resistor([x, y]: Point, standing = false): string {
  return standing ? box([x - 6, y], 12, 40) : box([x, y - 6], 40, 12);
}

/**
 * A contact in a wire, 60 long from the point to the right (or downwards), drawn as it stands without power and
 * unpressed. `closed`: opened by what works it.
 */
export function contact([x, y]: Point, closed: boolean, standing = false, ink = INK): string {
  const at = (along: number, beside: number): Point =>
    standing ? [x - beside, y + along] : [x + along, y + beside];
  return [
    wire(from(at(0, 0)).to(at(18, 0)), 1.6, ink),
    wire(from(at(42, 0)).to(at(60, 0)), 1.6, ink),
    closed
      ? wire(from(at(18, 0)).to(at(46, -8)), 2.2, ink) + wire(from(at(42, 0)).to(at(42, -12)), 1.6, ink)
      : wire(from(at(18, 0)).to(at(42, -13)), 2.2, ink),
  ].join('');
}

/** A diode with its ring upwards, to plus; or a bidirectional TVS. */
export function suppressor([x, y]: Point, polarised: boolean): string {
  const triangle = (points: readonly Point[]): string =>
    `<polygon points="${points.map(([px, py]) => `${px},${py}`).join(' ')}" fill="#fff" stroke="#111" stroke-width="1.6"/>`;
  const bar = (at: number): string => wire(from([x - 9, at]).h(x + 9), 2.4);
  if (polarised) {
    return (
      triangle([
        [x - 9, y + 8],
        [x + 9, y + 8],
        [x, y - 8],
      ]) + bar(y - 8)
    );
  }
  return (
    triangle([
      [x - 9, y + 14],
      [x + 9, y + 14],
      [x, y],
    ]) +
    triangle([
      [x - 9, y - 14],
      [x + 9, y - 14],
      [x, y],
    ]) +
    bar(y)
  );
}

/** Ground of the electronics: the end of a wire that comes from above. */
export function zeroVolt([x, y]: Point): string {
  return [12, 8, 4].map((half, index) => wire(from([x - half, y + index * 5]).h(x + half), 1.8)).join('');
}

/** Lines of text below one another. */
export function lines(
  [x, y]: Point,
  texts: readonly string[],
  style: TextStyle & { readonly pitch?: number } = {},
): string {
  const { pitch = 18 } = style;
  return texts.map((text, index) => label([x, y + index * pitch], text, style)).join('');
}

/** A whole sheet. `title` and `description` are what a screen reader says. */
export function sheet(
  width: number,
  height: number,
  title: string,
  description: string,
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="'DejaVu Sans', 'Noto Sans', 'Noto Sans CJK JP', 'Noto Sans JP', Arial, sans-serif" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(description)}</desc>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
