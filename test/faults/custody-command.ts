/** `faults`: the kill cycles and every scenario, or those that are named, for a shell. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { trialsOfCommand } from '../trials.ts';
import { builtGateway } from './built-gateway.ts';
import { killCycles } from './cycles.ts';
import { LINE_SCENARIOS } from './line-scenarios.ts';
import { missingFor, playScenario, type ScenarioReport } from './scenarios.ts';
import { secondStart } from './second-start.ts';
import { STORAGE_SCENARIOS } from './storage-scenarios.ts';
import { added, NOTHING_YET, type Verdict } from './verdict.ts';

/** Every scenario, in the order in which they are played. */
export const SCENARIOS = [...STORAGE_SCENARIOS, secondStart, ...LINE_SCENARIOS];

/** The name of the kill cycles among the scenarios. */
const KILL = 'kill';

const NAMES = [KILL, ...SCENARIOS.map(({ name }) => name)];

const HELP = `usage: faults [NAME…] [--kills N] [--seed S] [--venues N] [--json]
       faults door …     trials of the firmware; --help after its name
       faults brokers …  kinds of brokers; the same

Breaks the real gateway, its file and a real Mosquitto, and compares what was seen at the door with the common store of
the reference billing service. Exits 1 if an event was lost, doubled or put out of order, or a promise did not hold.

  NAME         default all: ${NAMES.join(', ')}
  --kills N    of the gateway in the kill cycles, default 500; with CI=true 50 unless GENKAN_FULL=1
  --seed S     default 1
  --venues N   gateways at once in the kill cycles, default 3
  --json       one object a line; the last one is the summary
`;

/** The command. Resolves with the exit code: 1 if a promise was broken, 2 if the arguments make no sense. */
export async function custodyFaults(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      kills: { type: 'string' },
      seed: { type: 'string', default: '1' },
      venues: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const kills = Number(values.kills ?? trialsOfCommand(500));
  const seed = Number(values.seed);
  const venues = Number(values.venues);
  const makesSense =
    [kills, seed, venues].every((n) => Number.isSafeInteger(n) && n > 0) &&
    positionals.every((name) => NAMES.includes(name));
  if (values.help || !makesSense) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  const wanted = (name: string) => positionals.length === 0 || positionals.includes(name);
  const say = (words: string, object: object) =>
    process.stdout.write(`${values.json ? JSON.stringify(object) : words}\n`);

  const startedMs = performance.now();
  let sum: Verdict = NOTHING_YET;
  let trials = 0;
  let violations = 0;
  const figures: Record<string, number> = {};
  if (wanted(KILL)) {
    const report = await killCycles({ kills, seed, venues });
    sum = added(sum, report);
    trials += report.kills;
    const { brokerKills, pulses, duplicatesReceived } = report;
    Object.assign(figures, { kills, brokerKills, pulses, duplicatesReceived });
    say(`${KILL}: ${inWords(report)}, ${report.brokerKills} kills of the broker`, {
      scenario: KILL,
      ...report,
    });
  }
  const folder = mkdtempSync(join(tmpdir(), 'genkan-faults-'));
  try {
    const scenarios = SCENARIOS.filter(({ name }) => wanted(name));
    const program = scenarios.length === 0 ? '' : builtGateway(join(folder, 'built'));
    for (const scenario of scenarios) {
      const why = missingFor(scenario);
      if (why !== null) {
        say(`${scenario.name}: not played, ${why}`, { scenario: scenario.name, skipped: why });
        continue;
      }
      const report = await playScenario(scenario, { program, seed, trials: trialsOfCommand });
      sum = added(sum, report);
      trials += 1;
      violations += report.broken.length;
      say(scenarioInWords(report), report);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const { lost, doubled, outOfOrder, events, visits } = sum;
  violations += lost + doubled + outOfOrder + sum.invented + sum.mismatches + sum.pulsesWithoutGrant;
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const summary = { trials, violations, lost, doubled, outOfOrder, events, visits, ...figures, seconds };
  say(`${trials} trials in ${seconds} s, ${violations} violations, ${inWords(sum)}`, summary);
  return violations === 0 ? 0 : 1;
}

function inWords({ events, visits, lost, doubled, outOfOrder }: Verdict): string {
  return `${events} events, ${visits} visits, ${lost} lost, ${doubled} doubled, ${outOfOrder} out of order`;
}

function scenarioInWords(report: ScenarioReport): string {
  const seen = Object.entries(report.seen).map(([name, value]) => `, ${name}: ${value}`);
  const broken = report.broken.map((promise) => `\n  BROKEN: ${promise}`);
  return `${report.scenario}: ${inWords(report)}${seen.join('')}${broken.join('')}`;
}
