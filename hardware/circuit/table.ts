import { table } from '../drawing/tables.ts';
import { holds, marginOf } from './calculate.ts';
import type { Answer } from './spice.ts';

const digits = (value: number, unit: string): string =>
  unit === 's' ? `${(value * 1000).toPrecision(3)} ms` : `${Number(value.toPrecision(3))} ${unit}`;

/** The table's rows: net, question, worst value, margin, corner. */
export function rowsOf(answers: readonly Answer[]): readonly (readonly string[])[] {
  return answers.map((answer) => [
    answer.net,
    answer.what,
    digits(answer.value, answer.unit),
    digits(marginOf(answer), answer.unit) + (holds(answer) ? '' : ' **missing**'),
    answer.corner,
  ]);
}

/** The narrowest answer to each question as Markdown. */
export function resultsTable(answers: readonly Answer[]): string {
  return [
    '<!-- Written by `npm run hardware -- write` from pins.json, wiring.json, locks.json and parts.json, by ngspice. -->',
    '',
    '# What the circuits do at their corners',
    '',
    'The narrowest of all corners: tolerances, −10 and 60 °C, leakage at its worst, 4.3 to 5.25 V at the controller,',
    '10.5 to 15 V at the supply. The margin is the distance to the limit.',
    '',
    table(['net', 'asked', 'worst', 'margin', 'at'], rowsOf(answers)),
    '',
  ].join('\n');
}
