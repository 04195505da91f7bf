/**
 * `npm run sim -- [--seeds N] [--seed N] [--json]`: lives simulated days, one a seed, and says whether what the product
 * promises held. A seed that fails prints the command that lives it again. `--plant BUG` puts a known bug into the
 * sources first, which then has to be found.
 */
import { parseArgs } from 'node:util';
import { PLANTS } from './planted.ts';
import { lifeOf } from './process.ts';
import type { SimResult } from './run.ts';
import { liveSeeds, type Found } from './share.ts';

const DAY_MS = 24 * 3600_000;
const SEEDS = 200;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    /** Ends at the first seed that fails. */
    'until-violation': { type: 'boolean', default: false },
    /** The name of a bug that is put into the sources first. */
    plant: { type: 'string' },
  },
});

const from = wholeNumber('--from', values.from);
const count = wholeNumber('--seeds', values.seeds ?? String(SEEDS));

process.exitCode =
  values.seed === undefined ? await live() : await replay(wholeNumber('--seed', values.seed));

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  process.stderr.write(`${name}: must be a whole number\n`);
  process.exit(2);
}

/** Lives one seed with everything it traces. */
async function replay(seed: number): Promise<number> {
  const host = lifeOf();
  const startedMs = performance.now();
  const result = await host.live(seed, true);
  host.end();
  if (!values.json) for (const line of result.lines) process.stdout.write(`${line}\n`);
  tell(result);
  summary([result], startedMs);
  return result.violations.length === 0 ? 0 : 1;
}

async function live(): Promise<number> {
  const startedMs = performance.now();
  const plant = PLANTS.find(({ name }) => name === values.plant);
  if (values.plant !== undefined && plant === undefined) {
    process.stderr.write(`--plant: must be one of ${PLANTS.map(({ name }) => `"${name}"`).join(', ')}\n`);
    return 2;
  }
  const found = await liveSeeds({
    from,
    count,
    ...(plant && { plant }),
    untilViolation: values['until-violation'],
    onFound: tell,
  });
  summary(found, startedMs);
  return found.every(({ violations }) => violations.length === 0) ? 0 : 1;
}

function tell({ seed, violations }: Pick<SimResult, 'seed' | 'violations'>): void {
  if (violations.length === 0) return;
  const replayed = `npm run -s sim -- --seed ${seed}`;
  if (values.json) process.stdout.write(`${JSON.stringify({ seed, violations, replay: replayed })}\n`);
  else
    process.stdout.write(`seed ${seed}:\n${violations.map((one) => `  ${one}\n`).join('')}  ${replayed}\n`);
}

function summary(found: readonly Found[], startedMs: number): void {
  const line = {
    seeds: found.length,
    violations: found.reduce((sum, { violations }) => sum + violations.length, 0),
    simulatedDays:
      Math.floor((found.reduce((sum, { simulatedMs }) => sum + simulatedMs, 0) / DAY_MS) * 10) / 10,
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
