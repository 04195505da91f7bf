/** `faults brokers`: the same venue through every kind of broker that is installed, for a shell. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { needs } from '../needs.ts';
import { trialsOfCommand } from '../trials.ts';
import { builtGateway } from './built-gateway.ts';
import { added, NOTHING_YET, type Verdict } from './verdict.ts';
import { BROKER_KINDS } from './broker-kinds.ts';
import { playBroker } from './broker-trial.ts';

const NAMES = BROKER_KINDS.map(({ name }) => name);

const HELP = `usage: faults brokers [NAME…] [--kills N] [--seed S] [--json]

Kills brokers under a gateway that is at work, and says how long it took until billing confirmed events again. Exits 1 if
an event was lost, doubled or put out of order.

  NAME       default all: ${NAMES.join(', ')}
  --kills N  of each broker that comes back, default 10; with CI=true 1 unless GENKAN_FULL=1. A node of NATS dies for good.
  --seed S   default 1
  --json     one object a line; the last one is the summary
`;

/** The command. Resolves with the exit code: 1 if a promise was broken, 2 if the arguments make no sense. */
export async function brokerFaults(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      kills: { type: 'string' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const kills = Number(values.kills ?? trialsOfCommand(10));
  const seed = Number(values.seed);
  const makesSense =
    [kills, seed].every((n) => Number.isSafeInteger(n) && n > 0) &&
    positionals.every((name) => NAMES.includes(name));
  if (values.help || !makesSense) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  const say = (words: string, object: object) =>
    process.stdout.write(`${values.json ? JSON.stringify(object) : words}\n`);
  const startedMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'genkan-brokers-'));
  let sum: Verdict = NOTHING_YET;
  let trials = 0;
  try {
    const program = builtGateway(join(folder, 'built'));
    for (const kind of BROKER_KINDS) {
      if (positionals.length > 0 && !positionals.includes(kind.name)) continue;
      const { lacking } = needs('socat', ...kind.needs).meta;
      if (lacking !== undefined) {
        const skipped = `${lacking.join(', ')} not installed`;
        say(`${kind.name}: not played, ${skipped}`, { broker: kind.name, skipped });
        continue;
      }
      const report = await playBroker(kind, { program, seed, kills });
      sum = added(sum, report);
      trials += report.recoveryMs.length;
      const recovered = report.recoveryMs.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(', ');
      say(`${kind.name}: ${inWords(report)}; receipts again after ${recovered}`, report);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const { events, visits, ...broken } = sum;
  const violations = Object.values(broken).reduce((total, count) => total + count, 0);
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const { lost, doubled, outOfOrder } = sum;
  say(`${trials} failures in ${seconds} s, ${violations} violations, ${inWords(sum)}`, {
    ...{ trials, violations, lost, doubled, outOfOrder, events, visits, seconds },
  });
  return violations === 0 ? 0 : 1;
}

function inWords({ events, visits, lost, doubled, outOfOrder }: Verdict): string {
  return `${events} events, ${visits} visits, ${lost} lost, ${doubled} doubled, ${outOfOrder} out of order`;
}
