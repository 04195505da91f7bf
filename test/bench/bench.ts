import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchDecision } from './decision.ts';
import { benchScanToPulse } from './scan-to-pulse.ts';
import type { Comparison } from './measure.ts';

/** A line of the table: what is timed, and the ratios that it should stay below. */
interface Line {
  readonly goal: { readonly p50: number; readonly p99: number };
  readonly run: (samplesPerRound: number) => Promise<Comparison>;
}

const LINES: Readonly<Record<string, Line>> = {
  decision: { goal: { p50: 1.6, p99: 2.5 }, run: benchDecision },
  'scan-to-pulse': { goal: { p50: 1.6, p99: 2.5 }, run: benchScanToPulse },
};

const SAMPLES = { quick: 60, full: 300 } as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, full: { type: 'boolean', default: false } },
});
const unknown = positionals.find((name) => !(name in LINES));
if (unknown !== undefined) {
  console.error(`bench: no line ${unknown}; there are ${Object.keys(LINES).join(', ')}`);
  process.exit(2);
}

const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
if (!values.json) console.log(`Node ${machine.node}, ${machine.cores} × ${machine.cpu}\n`);
const summary: Record<string, number> = {};
for (const [name, { goal, run }] of Object.entries(LINES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const result = await run(values.full ? SAMPLES.full : SAMPLES.quick);
  summary[name] = result.ratio.p50;
  if (values.json) console.log(JSON.stringify({ line: name, unit: 'µs', goal, ...result, ...machine }));
  else console.log(table(name, goal, result));
}
if (values.json) console.log(JSON.stringify(summary));

function table(name: string, goal: Line['goal'], { ours, floor, ratio }: Comparison): string {
  const row = (share: 'p50' | 'p99') =>
    `  ${share}  ${String(ours[share]).padStart(7)} µs   floor ${String(floor[share]).padStart(7)} µs   ` +
    `ratio ${ratio[share].toFixed(2)}   goal ${goal[share]}`;
  return `${name} (${ours.samples} samples)\n${row('p50')}\n${row('p99')}\n`;
}
