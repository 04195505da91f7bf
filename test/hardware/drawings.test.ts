import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assertWired, type LockType, type PinMap, type Wiring } from '../../hardware/drawing/descriptions.ts';
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

/** Every text of a sheet, with its place and how wide it is about (0.58 of its size for each character). */
function textsOf(svg: string) {
  return [
    ...svg.matchAll(
      /<text x="([\d.]+)" y="([\d.]+)" font-size="(\d+)"(?: text-anchor="(\w+)")?[^>]*>([^<]*)</g,
    ),
  ].map(([, x, y, size, anchor, content]) => {
    const width = (content ?? '').trim().length * Number(size) * 0.58;
    const left = Number(x) - (anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0);
    return {
      content: content ?? '',
      left,
      right: left + width,
      top: Number(y) - Number(size) * 0.75,
      bottom: Number(y),
    };
  });
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
      for (const one of texts) {
        expect(one.right, one.content).toBeLessThan(1680);
        for (const other of texts) {
          if (one === other || one.content.trim() === '' || other.content.trim() === '') continue;
          const apart =
            one.right <= other.left ||
            other.right <= one.left ||
            one.bottom <= other.top ||
            other.bottom <= one.top;
          expect(apart, `"${one.content}" over "${other.content}"`).toBe(true);
        }
      }
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
