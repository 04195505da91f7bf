/** ngspice lines of the parts that more than one circuit has. `n` is the suffix that keeps corners apart. */
import { leakageAt, type Values } from './values.ts';

/** Worst data-sheet curve of the clamp D3 (0.32 V at 1 mA, 0.40 V at 10 mA); its leakage stands beside it. */
export function clampModel(values: Values): string {
  return `.model clamp D(is=${values('D3', 'saturationAmps')} n=${values('D3', 'emission')} rs=${values('D3', 'seriesOhms')} eg=0.69 xti=2 cjo=10p)`;
}

/** A TVS that works both ways, at the upper end of its clamping, with the inductance of its leads (3 mm). */
export function suppressor(values: Values, label: string, name: string, node: string): readonly string[] {
  const breakdown = values(label, 'breakdownMaxVolts');
  const slope = (values(label, 'clampVolts') - breakdown) / values(label, 'clampAmps');
  return [
    `Ltvs${name} ${node} tvs${name} 5n`,
    `Btvs${name} tvs${name} 0 I = (max(v(tvs${name})-${breakdown},0) - max(-v(tvs${name})-${breakdown},0))/${slope}`,
    `Ctvs${name} tvs${name} 0 300p`,
  ];
}

/** A constant current out of a node, whichever way harms: leakage at its worst. Positive amperes pull down. */
export function leak(name: string, node: string, amps: number): string {
  return `Bleak${name} ${node} 0 I = ${amps}*tanh(20*v(${node}))`;
}

/** A leakage out of the 5 V rail into a node. */
export function leakFromRail(name: string, rail: string, node: string, amps: number): string {
  return `Bleak${name} ${rail} ${node} I = ${amps}*tanh(20*v(${rail},${node}))`;
}

/** What leaks at a terminal to 0 V: its TVS, and a damp cable of 100 kΩ. */
export function terminalLeaks(values: Values, n: string, node: string, celsius: number): readonly string[] {
  return [leak(`tvs${n}`, node, leakageAt(values('V2', 'leakageAmps'), celsius)), `Rdamp${n} ${node} 0 100k`];
}

/**
 * The board's 5 V: a regulator that gives current and takes none, with the least that the board draws. Current that
 * comes in from outside beyond that lifts the rail.
 */
export function rail(values: Values, n: string, volts: number): readonly string[] {
  return [
    `Vreg${n} reg${n} 0 ${volts}`,
    `Breg${n} reg${n} rail${n} I = max(v(reg${n},rail${n}),0)*100`,
    `Rload${n} rail${n} 0 ${5 / values('A1', 'railLoadAmps')}`,
    `Crail${n} rail${n} 0 10u`,
  ];
}

/**
 * IEC 61000-4-2, contact discharge of 8 kV: 30 A within 1 ns, then 150 pF through 330 Ω. As a current, because what it
 * meets has volts where the generator has thousands.
 */
export function discharge(n: string, node: string, sign: 1 | -1): readonly string[] {
  const points: string[] = ['0 0', '10n 0'];
  for (const after of [0, 1, 2, 4, 8, 16, 30, 60, 100, 150, 250, 400]) {
    const amps = sign * (24 * Math.exp(-after / 49.5) + 6 * Math.exp(-after / 6.5));
    points.push(`${11 + after}n ${amps.toPrecision(5)}`);
  }
  return [`Iesd${n} 0 ${node} PWL(${points.join(' ')} 480n 0)`];
}

/** The time that a discharge is followed for. */
export const DISCHARGE = 'tran 0.5n 500n 0 1n';
