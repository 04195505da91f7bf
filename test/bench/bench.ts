/** `npm run bench`: how fast and how lean, each line against a floor measured in the same run. See BENCH.md. */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchBacklog } from './backlog.ts';
import { benchCharge } from './charge.ts';
import { benchConsole } from './console.ts';
import { benchDecision } from './decision.ts';
import { benchExportStall } from './export-stall.ts';
import { benchFleet } from './fleet.ts';
import { benchGateRefusal } from './gate-refusal.ts';
import { benchDecisions, benchHistory, benchVerify } from './journal-lines.ts';
import { isReached, type Goal, type Measurement } from './measure.ts';
import { comparePeers } from './peers/peers.ts';
import { benchCardWear, benchMemory, benchStart } from './process-lines.ts';
import { benchScanToPulse } from './scan-to-pulse.ts';
import { benchCheckpointStall, benchDrain, benchEventLatency } from './uplink-lines.ts';

type Bench = (size: { readonly full: boolean }) => Promise<Measurement>;

const bySamples =
  (bench: (samplesPerRound: number) => Promise<Measurement>): Bench =>
  ({ full }) =>
    bench(full ? 300 : 60);

/** In the order in which they run, one after the other: two at once would time each other. */
const LINES: Readonly<Record<string, Bench>> = {
  decision: bySamples(benchDecision),
  'scan-to-pulse': bySamples(benchScanToPulse),
  decisions: benchDecisions,
  history: benchHistory,
  'checkpoint-stall': benchCheckpointStall,
  drain: benchDrain,
  backlog: benchBacklog,
  charge: benchCharge,
  'gate-refusal': benchGateRefusal,
  start: benchStart,
  memory: benchMemory,
  'event-latency': benchEventLatency,
  'card-wear': benchCardWear,
  verify: benchVerify,
  console: benchConsole,
  'export-stall': benchExportStall,
  fleet: benchFleet,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, full: { type: 'boolean', default: false } },
});
if (positionals.length === 1 && positionals[0] === 'peers')
  process.exit((await comparePeers(values)) ? 0 : 1);
const unknown = positionals.find((name) => !(name in LINES));
if (unknown !== undefined) {
  console.error(`bench: no line ${unknown}; there are ${Object.keys(LINES).join(', ')}; or peers, by itself`);
  process.exit(2);
}

const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
if (!values.json) console.log(`Node ${machine.node}, ${machine.cores} × ${machine.cpu}\n`);

const summary: Record<string, number> = {};
for (const [name, run] of Object.entries(LINES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const startMs = performance.now();
  const result = await run({ full: values.full });
  const seconds = Math.round((performance.now() - startMs) / 100) / 10;
  summary[name] = result.ratio;
  if (values.json) console.log(JSON.stringify({ line: name, ...result, ...machine, seconds }));
  else console.log(inWords(name, result, seconds));
}
if (values.json) console.log(JSON.stringify(summary));

function inWords(
  name: string,
  { unit, ours, floor, ratio, goals, also }: Measurement,
  seconds: number,
): string {
  const row = (share: 'p50' | 'p99') =>
    `  ${share}  ${String(ours[share]).padStart(9)} ${unit}` +
    (floor === null ? '' : `   floor ${String(floor[share]).padStart(9)}`);
  return [
    `${name}: ${ratio} (${ours.samples} samples, ${seconds} s)`,
    row('p50'),
    row('p99'),
    ...goals.map((goal) => `  ${isReached(goal) ? 'reached ' : 'MISSED  '} ${goalInWords(goal)}`),
    ...Object.entries(also).map(([what, value]) => `  ${what}: ${value}`),
    '',
  ].join('\n');
}

function goalInWords({ of, value, atMost, atLeast }: Goal): string {
  return `${of}: ${value}, goal ${atMost === undefined ? `≥ ${atLeast ?? ''}` : `≤ ${atMost}`}`;
}
