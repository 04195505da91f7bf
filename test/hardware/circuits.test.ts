import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { calculate, holds, type Circuit } from '../../hardware/circuit/calculate.ts';
import { drawnOf } from '../../hardware/circuit/drawn.ts';
import { rowsOf } from '../../hardware/circuit/table.ts';
import { needs } from '../needs.ts';

const text = (path: string): string =>
  readFileSync(new URL(`../../hardware/${path}`, import.meta.url), 'utf8');
const drawn = drawnOf(text);

/** What misses its margin when a part has other values. */
function missedWith(
  circuit: Circuit,
  label: string,
  electrical: Readonly<Record<string, number>>,
  lock?: string,
): readonly string[] {
  const parts = drawn.parts.map((part) =>
    part.label === label && (lock === undefined || part.for.includes(lock))
      ? { ...part, electrical: { ...part.electrical, ...electrical } }
      : part,
  );
  return calculate({ ...drawn, parts }, [circuit])
    .filter((answer) => !holds(answer))
    .map(({ net, what }) => `${net}: ${what}`);
}

describe('the circuits in ngspice', needs('ngspice'), () => {
  it('keep every margin at every corner, and the committed table says how narrow they are', () => {
    const answers = calculate(drawn);
    expect(answers.filter((answer) => !holds(answer))).toEqual([]);
    const committed = [...text('circuits.generated.md').matchAll(/^\| (.+) \|$/gm)]
      .slice(2)
      .map(([, row = '']) => row.split('|').map((cell) => cell.trim()));
    const fresh = rowsOf(answers);
    expect(fresh.map(([net, what]) => [net, what])).toEqual(committed.map(([net, what]) => [net, what]));
    fresh.forEach(([net, what, value = ''], index) => {
      const before = committed[index]?.[2] ?? '';
      const near = Math.abs(parseFloat(value) - parseFloat(before));
      // Another build of ngspice steps otherwise: 2 %, or a hundredth of a volt, or half a milliampere.
      const step = value.endsWith(' V') ? 0.01 : 0.0005;
      expect(near, `${net}, ${what}: ${value}, the table says ${before}`).toBeLessThanOrEqual(
        Math.max(0.02 * Math.abs(parseFloat(before)), step),
      );
    });
  }, 120_000);

  it('an open fire loop is hidden by a TVS of 5.8 V, whose leakage its data sheet puts at 1,000 µA', () => {
    expect(missedWith('inputs', 'V2', { leakageAmps: 1e-3 })).toContain(
      'N2 fireInput (D3): open reads high, above 0.6 of 5 V',
    );
  });

  it('15 V at an input lifts the board’s own 5 V with 330 Ω before the pin', () => {
    expect(missedWith('inputs', 'R5', { ohms: 330 })).toContain('N1 to N5: 5 V rail with 15 V on a terminal');
  });

  it('the magnet holds for longer than 100 ms with a plain diode across it', () => {
    expect(missedWith('locks', 'D1', { clampVolts: 1 }, 'maglock')).toEqual([
      'lock line, Magnetic lock, fail-safe: lets go within 100 ms of the order, K1 included',
    ]);
  });

  it('a short at the lock takes the controller down without the capacitor before U1', () => {
    expect(missedWith('supply', 'C3', { farads: 1e-5 })).toContain(
      'supply, lock shorted: the controller lives: input of U1 above 7.5 V',
    );
  });

  it('a D4 of 20 V is broken by a discharge at the 9 V of the lamps', () => {
    expect(missedWith('outputs', 'D4', { reverseVolts: 20 })).toEqual([
      'terminal 18, 9 V: D4 in a discharge',
    ]);
  });

  it('a lock of 0.7 A is too much for F1', () => {
    expect(missedWith('locks', 'Y1', { amps: 0.7 }, 'maglock')).toContain(
      'lock line, Magnetic lock, fail-safe: F1 at most at 80 %',
    );
  });

  it('K1 does not pull in through 47 Ω', () => {
    expect(missedWith('relays', 'R3', { ohms: 47 })).toEqual(['K1 lock relay: pulls in: coil above 4.5 V']);
  });
});
