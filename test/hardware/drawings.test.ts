import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  assertWired,
  type LockType,
  type Part,
  type PinMap,
  type Wiring,
} from '../../hardware/drawing/descriptions.ts';
import { manual } from '../../hardware/drawing/manual.ts';
import { terminalTable } from '../../hardware/drawing/tables.ts';
import { wiringDrawing } from '../../hardware/drawing/wiring.ts';
import { exampleConfig } from '../gateway/example.ts';

const root = new URL('../../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const pins = JSON.parse(text('hardware/pins.json')) as PinMap;
const wiring = JSON.parse(text('hardware/wiring.json')) as Wiring;
const locks = JSON.parse(text('hardware/locks.json')) as readonly LockType[];
const lockOf = (id: string): LockType => {
  const lock = locks.find((each) => each.id === id);
  if (lock === undefined) throw new Error(`no lock ${id}`);
  return lock;
};

/** How wide a text is about, in units of its size: a Japanese character is square, any other 0.58 of that. */
function widthOf(content: string): number {
  return Array.from(content).reduce(
    (sum, each) => sum + (/[\u3000-\u9fff\uff00-\uffef]/.test(each) ? 1 : 0.58),
    0,
  );
}

interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const meets = (one: Area, other: Area): boolean =>
  one.right > other.left && other.right > one.left && one.bottom > other.top && other.bottom > one.top;

/** Every text of a sheet, with its place and what is drawn later than the last box around it: its lines, as areas. */
function textsOf(svg: string) {
  const drawn = [...svg.matchAll(/<(text|rect|polyline|line) ([^>]*)>(?:([^<]*)<\/text>)?/g)].map(
    ([, kind, attributes = '', content = '']) => {
      const of = new Map(
        [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
      );
      const number = (name: string): number => Number(of.get(name));
      if (kind === 'text') {
        const [x, y, size, anchor] = [number('x'), number('y'), number('font-size'), of.get('text-anchor')];
        const width = widthOf(content.trim()) * size;
        const left = x - (anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0);
        return { kind, content, areas: [{ left, right: left + width, top: y - size * 0.75, bottom: y }] };
      }
      if (kind === 'rect') {
        const [left, top] = [number('x'), number('y')];
        const [right, bottom] = [left + number('width'), top + number('height')];
        return {
          kind,
          content,
          areas: linesBetween([left, top, right, top, right, bottom, left, bottom, left, top]),
        };
      }
      const points =
        kind === 'line'
          ? ['x1', 'y1', 'x2', 'y2'].map(number)
          : (of.get('points') ?? '').split(/[ ,]/).map(Number);
      return { kind, content, areas: linesBetween(points) };
    },
  );
  return drawn.flatMap(({ kind, content, areas: [area] }, index) => {
    if (kind !== 'text' || area === undefined || content.trim() === '') return [];
    const box = drawn.findLastIndex(
      ({ kind: other, areas: [upper, right, lower] }, at) =>
        at < index &&
        other === 'rect' &&
        upper !== undefined &&
        right !== undefined &&
        lower !== undefined &&
        upper.left <= area.left &&
        right.right >= area.right &&
        upper.top <= area.top &&
        lower.bottom >= area.bottom,
    );
    const later = drawn.slice(Math.max(box, 0)).filter((each) => each.kind !== 'text');
    return [{ ...area, content, lines: later.flatMap(({ areas }) => areas) }];
  });
}

/** The stretches between points x, y, x, y … */
function linesBetween(points: readonly number[]): readonly Area[] {
  const stretches: Area[] = [];
  for (let at = 2; at + 1 < points.length; at += 2) {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = points.slice(at - 2, at + 2);
    stretches.push({
      left: Math.min(x1, x2),
      right: Math.max(x1, x2),
      top: Math.min(y1, y2),
      bottom: Math.max(y1, y2),
    });
  }
  return stretches;
}

describe('the drawings', () => {
  it('are committed as they are generated', () => {
    const check = spawnSync('npx', ['tsx', 'hardware/generate.ts', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(check.stderr).not.toContain('stale');
    expect(check.status).toBe(0);
  });

  it('wire every pin of the pin map exactly once', () => {
    expect(() => assertWired(pins, wiring)).not.toThrow();
    const without = { ...wiring, terminals: wiring.terminals.filter(({ pin }) => pin !== 'fireInput') };
    expect(() => assertWired(pins, without)).toThrow('fireInput of pins.json is wired 0 times');
    const unknown = { ...wiring, internal: [...wiring.internal, { pin: 'laser', to: '', with: '' }] };
    expect(() => assertWired(pins, unknown)).toThrow('laser is no pin');
  });

  describe.each(locks.map(({ id }) => id))('of the %s', (id) => {
    const texts = textsOf(wiringDrawing(pins, wiring, lockOf(id)));

    it('names every terminal of the rail and every wired pin', () => {
      const contents = texts.map(({ content }) => content);
      for (const { terminal } of wiring.terminals) expect(contents).toContain(String(terminal));
      for (const { arduino, name } of pins.pins)
        if (name !== 'statusLed') expect(contents).toContain(arduino);
    });

    it('has no two texts over one another, and none outside of the sheet', () => {
      expect(texts.filter(({ right }) => right >= 1666).map(({ content }) => content)).toEqual([]);
      const pairs = texts.flatMap((one, index) =>
        texts.slice(index + 1).flatMap((other) => (meets(one, other) ? [[one.content, other.content]] : [])),
      );
      expect(pairs).toEqual([]);
    });

    it('has no line through a text', () => {
      const struck = texts.filter((text) => text.lines.some((line) => meets(text, line)));
      expect(struck.map(({ content }) => content)).toEqual([]);
    });
  });
});

describe('the lock types', () => {
  it('a maglock has contacts in its supply that no electronics can bridge; a strike has its handle', () => {
    expect(lockOf('maglock').breaks.map(({ label }) => label)).toEqual(['K9', 'S1', 'S2']);
    expect(lockOf('maglock').contact).toBe('12');
    expect(lockOf('strike').contact).toBe('14');
    expect(lockOf('strike').notes.join(' ')).toContain('handle inside');
  });

  it('stand both in the terminal table', () => {
    const table = terminalTable(pins, wiring, locks);
    for (const { title } of locks) expect(table).toContain(title);
    expect(table).toMatch(/\| X1:6 +\| D3 through N2 +\|/);
  });
});

describe('the installer’s manual in Japanese', () => {
  const parts = JSON.parse(text('hardware/parts.json')) as readonly Part[];

  it('says each terminal in Japanese, what is special of each lock, and the fuse to buy', () => {
    const said = manual(pins, wiring, locks, parts);
    for (const { terminal, ja } of wiring.terminals) {
      expect(ja, `terminal ${terminal}`).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
      expect(said).toMatch(
        new RegExp(`\\| X1:${terminal} +\\|.*${ja.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`),
      );
    }
    for (const { ja } of locks) for (const each of [ja.title, ...ja.notes]) expect(said).toContain(each);
    expect(said).toContain(parts.find(({ label }) => label === 'F1')?.number);
    expect(() => manual(pins, wiring, locks, [])).toThrow('parts.json has no PS1');
  });

  it('is no longer than two pages of A4, 50 lines each', () => {
    const printed = manual(pins, wiring, locks, parts)
      .split('\n')
      .filter((line) => line.trim() !== '');
    expect(printed.length).toBeLessThanOrEqual(100);
  });
});

describe('the rules for the names of ports', () => {
  const rules = text('hardware/70-genkan.rules');
  const config = exampleConfig();
  const paths = config.doors.flatMap(({ controller, scanners }) => [
    controller.path,
    ...scanners.flatMap((scanner) => (scanner.kind === 'serial' ? [scanner.path] : [])),
  ]);

  it.each(paths)('make %s of the example configuration', (path) => {
    expect(rules).toContain(`SYMLINK+="${path.replace('/dev/', '')}"`);
  });
});
