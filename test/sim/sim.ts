/**
 * `npm run sim -- [--seeds N] [--seed N] [--json]`: lives simulated days, one a seed, and says whether what the product
 * promises held. A seed that fails prints the command that lives it again.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { lifeOf } from './process.ts';
import type { SimResult } from './run.ts';

const DAY_MS = 24 * 3600_000;
const SEEDS = 200;

interface Found {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly simulatedMs: number;
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    /** Ends at the first seed that fails. */
    'until-violation': { type: 'boolean', default: false },
    /** Set in the processes that share the work: every so many-th seed is theirs. */
    share: { type: 'string' },
  },
});

const from = wholeNumber('--from', values.from);
const count = wholeNumber('--seeds', values.seeds ?? String(SEEDS));

if (values.share !== undefined) await work(values.share);
else if (values.seed !== undefined) process.exitCode = await replay(wholeNumber('--seed', values.seed));
else process.exitCode = await share();

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

/** One of the processes: tells each seed as it is lived. */
async function work(share: string): Promise<void> {
  const [mine = 0, of = 1] = share.split('/').map(Number);
  const host = lifeOf();
  process.once('disconnect', () => process.exit());
  for (let seed = from + mine; seed < from + count; seed += of) {
    const { violations, simulatedMs } = await host.live(seed, false);
    process.send?.({ seed, violations, simulatedMs } satisfies Found);
  }
  host.end();
  process.disconnect();
}

/** Shares the seeds among processes: a day is one thread's work. */
async function share(): Promise<number> {
  const startedMs = performance.now();
  const found: Found[] = [];
  const processes = Math.min(availableParallelism(), count);
  const workers = Array.from({ length: processes }, (_, mine) =>
    fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--share', `${mine}/${processes}`]),
  );
  let isEnough = false;
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          worker.on('message', (message: Found) => {
            found.push(message);
            if (message.violations.length > 0 && !isEnough) tell(message);
            if (message.violations.length === 0 || !values['until-violation']) return;
            isEnough = true;
            for (const other of workers) other.kill('SIGKILL');
          });
          worker.on('exit', (code) => {
            if (code === 0 || isEnough) resolve();
            else reject(new Error(`a process of the simulation ended with ${String(code)}`));
          });
        }),
    ),
  );
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
