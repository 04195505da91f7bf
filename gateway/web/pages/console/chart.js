import { element } from '../dom.js';
import { texts } from './words.js';

/** About as wide as it is shown, so that its words are as large as the page’s small ones. */
const WIDTH = Math.max(240, Math.min(460, innerWidth - 56));
const HEIGHT = 200;
const LEFT = 36;
const BOTTOM = 24;
const TOP = 10;

/**
 * @param {keyof SVGElementTagNameMap} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** The next 1, 2 or 5 times a power of ten: where an axis ends. @param {number} most */
function axisEnd(most) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return [1, 2, 5, 10].map((step) => step * power).find((end) => end >= most) ?? most;
}

/**
 * @param {number} end where the axis of values ends
 * @param {...readonly Node[]} content
 */
function frame(end, ...content) {
  /** @param {number} value */
  const y = (value) => HEIGHT - BOTTOM - (value / end) * (HEIGHT - BOTTOM - TOP);
  const steps = end >= 4 ? [0, end / 2, end] : [0, end];
  return svg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'chart', 'aria-hidden': 'true', focusable: 'false' },
    ...steps.flatMap((value) => [
      svg('line', { x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value), class: 'grid' }),
      svg('text', { x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end' }, String(value)),
    ]),
    ...content.flat(),
  );
}

/**
 * The same in numbers, for whoever cannot see a picture.
 *
 * @param {string} head
 * @param {readonly string[]} columns
 * @param {readonly (readonly [string, ...number[]])[]} rows
 */
function table(head, columns, rows) {
  return element(
    'table',
    { class: 'hidden' },
    element('tr', {}, ...[head, ...columns].map((text) => element('th', { scope: 'col' }, text))),
    ...rows.map(([label, ...values]) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, label),
        ...values.map((value) => element('td', {}, String(value))),
      ),
    ),
  );
}

/**
 * @param {{
 *   labels: readonly string[],
 *   head: string,
 *   series: readonly { name: string, values: readonly number[], isFaint?: boolean }[],
 * }} what
 */
export function barChart({ labels, head, series }) {
  const end = axisEnd(Math.max(1, ...series.flatMap(({ values }) => values)));
  const step = (WIDTH - LEFT) / labels.length;
  const width = (step * 0.72) / series.length;
  const scale = (HEIGHT - BOTTOM - TOP) / end;
  const bars = series.map(({ values, isFaint = false, name }, nth) =>
    values.map((value, index) =>
      svg(
        'rect',
        {
          x: LEFT + index * step + step * 0.14 + nth * width,
          y: HEIGHT - BOTTOM - value * scale,
          width,
          height: value * scale,
          class: isFaint ? 'bar faint' : 'bar',
        },
        svg('title', {}, `${labels[index]} ${name}: ${value}`),
      ),
    ),
  );
  // As many names as there is room for.
  const every = Math.ceil(
    labels.length / Math.floor((WIDTH - LEFT) / Math.max(34, 9 * (labels[0]?.length ?? 1))),
  );
  const names = labels.map((label, index) =>
    index % every === 0
      ? [svg('text', { x: LEFT + (index + 0.5) * step, y: HEIGHT - 6, 'text-anchor': 'middle' }, label)]
      : [],
  );
  const legend = element(
    'p',
    { class: 'legend', 'aria-hidden': 'true' },
    ...series.map(({ name, isFaint }) => element('span', { class: isFaint ? 'faint' : '' }, name)),
  );
  const rows = labels.map(
    (label, index) => /** @type {const} */ ([label, ...series.map(({ values }) => values[index] ?? 0)]),
  );
  return element(
    'div',
    {},
    frame(end, ...bars, ...names),
    legend,
    table(
      head,
      series.map(({ name }) => name),
      rows,
    ),
  );
}

/** @param {{ points: readonly [number, number][], label: (atMs: number) => string }} what points in the order of time */
export function lineChart({ points, label }) {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || first === last)
    return element('p', { class: 'hint' }, texts.chartNone);
  const end = axisEnd(Math.max(1, ...points.map(([, value]) => value)));
  const [fromMs] = first;
  const [toMs, latest] = last;
  /** @param {number} ms */
  const x = (ms) => LEFT + ((ms - fromMs) / Math.max(1, toMs - fromMs)) * (WIDTH - LEFT);
  /** @param {number} value */
  const y = (value) => HEIGHT - BOTTOM - (value / end) * (HEIGHT - BOTTOM - TOP);
  const path = points.map(
    ([ms, value], index) => `${index === 0 ? 'M' : 'L'}${x(ms).toFixed(1)} ${y(value).toFixed(1)}`,
  );
  const middleMs = (fromMs + toMs) / 2;
  const names = [
    { ms: fromMs, anchor: 'start' },
    { ms: middleMs, anchor: 'middle' },
    { ms: toMs, anchor: 'end' },
  ].map(({ ms, anchor }) => svg('text', { x: x(ms), y: HEIGHT - 6, 'text-anchor': anchor }, label(ms)));
  const most = Math.max(...points.map(([, value]) => value));
  return element(
    'div',
    {},
    frame(end, [svg('path', { d: path.join(' '), class: 'curve' })], names),
    element('p', { class: 'hidden' }, `${label(fromMs)}–${label(toMs)}: 0–${most}, ${latest}`),
  );
}
