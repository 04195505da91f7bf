/** `npm run hardware -- check` runs every corner and fails where a margin is missing; `-- write` writes the table. */
import { readFileSync, writeFileSync } from 'node:fs';
import { calculate, holds, marginOf, type Drawn } from './calculate.ts';
import { drawnOf } from './drawn.ts';
import { resultsTable } from './table.ts';

const TABLE = new URL('../circuits.generated.md', import.meta.url);

function main(command: string | undefined): number {
  if (command !== 'check' && command !== 'write') {
    console.error('usage: npm run hardware -- check | write');
    return 2;
  }
  const started = performance.now();
  const drawn: Drawn = drawnOf((path) =>
    readFileSync(new URL(path, new URL('../', import.meta.url)), 'utf8'),
  );
  const answers = calculate(drawn);
  const table = resultsTable(answers);
  for (const net of new Set(answers.map((answer) => answer.net))) {
    const [least] = answers
      .filter((answer) => answer.net === net)
      .toSorted((one, other) => relative(one) - relative(other));
    if (least !== undefined)
      console.log(
        `${net}: ${least.what}: margin ${Number(marginOf(least).toPrecision(3))} ${least.unit} (${least.corner})`,
      );
  }
  const missed = answers.filter((answer) => !holds(answer));
  for (const each of missed)
    console.error(`FAILS ${each.net}: ${each.what}: ${each.value} ${each.unit} (${each.corner})`);
  if (command === 'write') writeFileSync(TABLE, table);
  console.log(
    `${answers.length} questions, ${missed.length} fail, ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
  return missed.length > 0 ? 1 : 0;
}

/** A margin as a share of its limit, to rank volts with seconds. */
function relative(answer: Parameters<typeof marginOf>[0]): number {
  const limit = answer.ceiling ?? (answer.floor === 0 ? 1 : answer.floor) ?? 1;
  return (marginOf(answer) - (answer.wanted ?? 0)) / Math.abs(limit);
}

process.exitCode = main(process.argv[2]);
