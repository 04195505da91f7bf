import { deflateSync } from 'node:zlib';

/** Points in a millimetre (ISO 32000-1 section 8.3.2.3: a point is 1/72 inch). */
const PT_PER_MM = 72 / 25.4;

export interface PageOptions {
  readonly title: string;
  readonly widthMm: number;
  readonly heightMm: number;
}

/**
 * Makes a page of a PDF (ISO 32000-1, version 1.4) from a drawing that holds nothing but filled paths with absolute
 * commands `M L Q C Z`. Nothing is rendered: what was drawn stays sharp at any size.
 *
 * @param shapes SVG with a `viewBox` that begins at 0 0
 * @throws Error for a drawing with anything else in it: a bug
 */
export function pdfOf(shapes: string, { title, widthMm, heightMm }: PageOptions): Uint8Array {
  const width = Number(/viewBox="0 0 ([\d.]+) /.exec(shapes)?.[1]);
  const scale = (widthMm * PT_PER_MM) / width;
  const size = [widthMm, heightMm].map((mm) => (mm * PT_PER_MM).toFixed(2));
  // A page's origin is at the bottom; a drawing's is at the top.
  const content = [
    `${scale.toFixed(6)} 0 0 ${(-scale).toFixed(6)} 0 ${size[1] ?? ''} cm`,
    ...fillsOf(shapes),
  ];
  const stream = deflateSync(Buffer.from(content.join('\n')));
  return fileOf([
    Buffer.from(
      '<< /Type /Catalog /Pages 2 0 R /Lang (ja) /ViewerPreferences << /DisplayDocTitle true >> >>',
    ),
    Buffer.from('<< /Type /Pages /Kids [3 0 R] /Count 1 >>'),
    Buffer.from(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${size.join(' ')}] /Resources << >> /Contents 4 0 R >>`,
    ),
    Buffer.concat([
      Buffer.from(`<< /Length ${stream.length} /Filter /FlateDecode >>\nstream\n`),
      stream,
      Buffer.from('\nendstream'),
    ]),
    Buffer.from(`<< /Title <${utf16(title)}> /Producer (Genkan) >>`),
  ]);
}

/** Header, numbered objects, their table, trailer. The first is the catalogue, the last the information. */
function fileOf(objects: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  const add = (bytes: Uint8Array) => {
    parts.push(bytes);
    length += bytes.length;
  };
  // Four bytes above 127 tell programs that copy files that this is no text.
  add(Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', 'latin1'));
  const starts = objects.map((object, index) => {
    const start = length;
    add(Buffer.from(`${index + 1} 0 obj\n`));
    add(object);
    add(Buffer.from('\nendobj\n'));
    return start;
  });
  const table = starts.map((start) => `${String(start).padStart(10, '0')} 00000 n \n`).join('');
  const count = objects.length + 1;
  const trailer = `trailer\n<< /Size ${count} /Root 1 0 R /Info ${objects.length} 0 R >>\nstartxref\n${length}\n%%EOF\n`;
  add(Buffer.from(`xref\n0 ${count}\n0000000000 65535 f \n${table}${trailer}`));
  return Buffer.concat(parts);
}

function* fillsOf(shapes: string): Generator<string> {
  for (const [, attributes = ''] of shapes.matchAll(/<path ([^>]*)\/>/g)) {
    const [, fill] = /fill="#([0-9a-f]{6})"/.exec(attributes) ?? [];
    const [, d] = / d="([^"]*)"/.exec(` ${attributes}`) ?? [];
    if (fill === undefined || d === undefined || /transform=|opacity=/.test(attributes))
      throw new Error(`not a plain fill: ${attributes.slice(0, 80)}`);
    const colour = [0, 2, 4].map((at) => (Number.parseInt(fill.slice(at, at + 2), 16) / 255).toFixed(3));
    yield `${colour.join(' ')} rg`;
    yield* segmentsOf(d);
    yield attributes.includes('evenodd') ? 'f*' : 'f';
  }
}

/** A path in the operators of a PDF (ISO 32000-1 section 8.5.2), which knows no quadratic curves. */
function* segmentsOf(d: string): Generator<string> {
  let [x, y] = [0, 0];
  for (const [, command = '', rest = ''] of d.matchAll(/([A-Za-z])([^A-Za-z]*)/g)) {
    const n = rest
      .trim()
      .split(/[\s,]+/)
      .map(Number);
    const [a = 0, b = 0, c = 0, e = 0] = n;
    if (command === 'M') yield `${pair(a, b)} m`;
    else if (command === 'L') yield `${pair(a, b)} l`;
    else if (command === 'C') yield `${n.map(short).join(' ')} c`;
    else if (command === 'Q') {
      const nearer = (from: number, control: number) => from + (2 / 3) * (control - from);
      yield `${pair(nearer(x, a), nearer(y, b))} ${pair(nearer(c, a), nearer(e, b))} ${pair(c, e)} c`;
    } else if (command === 'Z') yield 'h';
    else throw new Error(`not a path of M L Q C Z: ${command}`);
    if (command !== 'Z') [x, y] = [n.at(-2) ?? x, n.at(-1) ?? y];
  }
}

function short(value: number): string {
  return String(Math.round(value * 1_000) / 1_000);
}

function pair(x: number, y: number): string {
  return `${short(x)} ${short(y)}`;
}

/** A text string in UTF-16 with its mark (ISO 32000-1 section 7.9.2.2), in hexadecimal. */
function utf16(text: string): string {
  return Buffer.from(`\ufeff${text}`, 'utf16le').swap16().toString('hex').toUpperCase();
}
