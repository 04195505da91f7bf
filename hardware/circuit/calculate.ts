/** All circuits of both drawings at all their corners, from the same data that the drawings are made of. */
import {
  discharges,
  foreignVoltage,
  loops,
  readBacks,
  supplySense,
  type Loop,
  type ReadBack,
} from './inputs.ts';
import { controllerSupply, lockLine, shortAtLock } from './lock.ts';
import { feed, feedDischarge, outletDischarges, outlets, type Outlet } from './outputs.ts';
import { lockRelay, panelRelay, relayRelease } from './relays.ts';
import type { Answer } from './spice.ts';
import { spread, valuesOf, type ValuedPart, type Values } from './values.ts';

/** What the calculation needs of the drawings' data. */
export interface Drawn {
  readonly pins: readonly { readonly name: string; readonly arduino: string; readonly direction: string }[];
  readonly terminals: readonly { readonly pin?: string; readonly through?: string; readonly use: string }[];
  readonly inputs: readonly {
    readonly terminal: number;
    readonly endOfLine?: { readonly part: string; readonly how: 'series' | 'parallel' };
  }[];
  readonly locks: readonly {
    readonly id: string;
    readonly title: string;
    readonly readBack: { readonly contacts: string; readonly to: '5 V' | '0 V' };
  }[];
  readonly parts: readonly ValuedPart[];
}

/** Cable there and back with its contact: 40 m of 0.5 mm² and an old contact. Ω. */
const CLOSED_OHMS = 10;
/** The board itself at 9 V, its USB chip included. A. */
const BOARD_AMPS = 0.1;
/** Gateway and readers at their most, from the supply. A. */
const GATEWAY_AMPS = 1.19;

/** The circuits that are calculated, by name. */
export const CIRCUITS = ['inputs', 'readBack', 'outputs', 'relays', 'locks', 'supply'] as const;
export type Circuit = (typeof CIRCUITS)[number];

/** The narrowest answer to each question about each net, in the order of the circuits. */
export function calculate(drawn: Drawn, circuits: readonly Circuit[] = CIRCUITS): readonly Answer[] {
  const values = valuesOf(drawn.parts);
  const coilAmps = values('K1', 'maxVolts') / values('K1', 'coilOhms');
  const nineAmps = BOARD_AMPS + coilAmps + values('H1–H3', 'amps') + values('H4', 'amps');
  const watts = nineAmps * values('U1', 'volts');
  // The supply is charged with the controller at 13.1 V, its lowest.
  const allAmps = watts / values('U1', 'efficiency') / 13.1 + values('Y1', 'amps') + GATEWAY_AMPS;
  const calculations: Readonly<Record<Circuit, () => readonly Answer[]>> = {
    inputs: () => [
      ...loops(values, loopsOf(drawn, values)),
      ...foreignVoltage(values, 'N1 to N5'),
      ...discharges(values, 'N1 to N5'),
      ...supplySense(values),
    ],
    readBack: () => readBacks(values, readBacksOf(drawn)),
    outputs: () => [
      ...outlets(values, outletsOf(drawn)),
      ...outletDischarges(values, outletsOf(drawn)),
      ...feed(values, BOARD_AMPS + coilAmps),
      ...feedDischarge(values),
    ],
    relays: () => [...lockRelay(values), ...relayRelease(values), ...panelRelay(values)],
    locks: () => {
      const relaySeconds = Math.max(...relayRelease(values).map(({ value }) => value));
      return drawn.locks.flatMap((lock) => lockLine(values, lock, relaySeconds));
    },
    supply: () => [...shortAtLock(values, watts), ...controllerSupply(values, watts, allAmps)],
  };
  return narrowest(circuits.flatMap((circuit) => calculations[circuit]()));
}

/** How far an answer is from its limit, in its unit: negative is a failure. */
export function marginOf({ value, floor, ceiling }: Answer): number {
  return Math.min(
    floor === undefined ? Infinity : value - floor,
    ceiling === undefined ? Infinity : ceiling - value,
  );
}

/** Whether the answer is as far from its limit as was wanted. */
export function holds(answer: Answer): boolean {
  return marginOf(answer) >= (answer.wanted ?? 0);
}

function narrowest(answers: readonly Answer[]): readonly Answer[] {
  const found = new Map<string, Answer>();
  for (const answer of answers) {
    const key = `${answer.net}\n${answer.what}`;
    const known = found.get(key);
    if (known === undefined || marginOf(answer) < marginOf(known)) found.set(key, answer);
  }
  return [...found.values()];
}

/** The loops at the terminals that lead to an input pin. */
function loopsOf(drawn: Drawn, values: Values): readonly Loop[] {
  return drawn.terminals.flatMap(({ pin, through }, index) => {
    const found = drawn.pins.find(({ name }) => name === pin);
    if (found?.direction !== 'input' || through === undefined) return [];
    const end = drawn.inputs.find(({ terminal }) => terminal === index + 1)?.endOfLine;
    const [least, most] = end === undefined ? [0, 0] : spread(values, end.part, 'ohms');
    return [
      {
        net: `${through} ${found.name} (${found.arduino})`,
        openOhms: end?.how === 'parallel' ? least : null,
        closedOhms: CLOSED_OHMS + (end?.how === 'series' ? most : 0),
      },
    ];
  });
}

/** The terminals that lead to an output pin; those with the same parts are one circuit. */
function outletsOf({ pins, terminals }: Drawn): readonly Outlet[] {
  const found = terminals.flatMap(({ pin, through }) => {
    const output = pins.find(({ name, direction }) => name === pin && direction === 'output');
    return output === undefined || through === undefined ? [] : [{ output, through }];
  });
  return [...new Set(found.map(({ through }) => through))].map((through): Outlet => {
    const names = found.filter((each) => each.through === through).map(({ output }) => output);
    const buzzer = through.endsWith('R10');
    return {
      net: names.map(({ name, arduino }) => `${name} (${arduino})`).join(', '),
      resistor: buzzer ? 'R10' : 'R9',
      load: buzzer ? 'H4' : 'H1–H3',
    };
  });
}

function readBacksOf({ locks }: Drawn): readonly ReadBack[] {
  return locks.map(({ title, readBack }) => ({
    net: `N6 read-back ${readBack.contacts}, ${title}`,
    to: readBack.to,
  }));
}
