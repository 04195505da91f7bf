/** `faults door`: the trials of a door under fire, in several processes, for a shell. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { trialsOfCommand } from '../trials.ts';
import { doorTrials, merge, nothingYet } from './door.ts';
import type { DoorReport, FailedTrial } from './door.ts';

const HELP = `usage: faults door [--trials N] [--seed S] [--jobs N] [--hex FILE] [--json]

Trials of the firmware in the emulator: host killed and stopped, line garbled, cut and flooded, board reset and hung
at random instants, orders that cross with a secure lost, spoilt, repeated and late. Exits 1 if the lock was released without a cause, a lease overran by more than 50 ms, somebody
waited longer than 100 ms to get out, or a lease of a former boot, or from before a secure, was obeyed.

  --trials N   default 5,000; with CI=true 500 unless GENKAN_FULL=1
  --seed S     of the first trial, default 1; the others follow
  --jobs N     processes, default 2
  --hex FILE   another firmware than the committed one
  --json       one object a line; the last one is the summary
`;

interface Wanted {
  readonly trials: number;
  readonly seed: number;
  readonly jobs: number;
  readonly hex: string | undefined;
}

/** A worker's last word, and each failure before it. */
type Word = { readonly report: DoorReport } | { readonly failed: FailedTrial };

/** The subcommand. Resolves with the exit code: 1 if any promise was broken, 2 if the arguments make no sense. */
export async function doorFaults(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      trials: { type: 'string' },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: '2' },
      hex: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      worker: { type: 'boolean', default: false },
    },
  });
  const wanted: Wanted = {
    trials: Number(values.trials ?? trialsOfCommand(5_000)),
    seed: Number(values.seed),
    jobs: Number(values.jobs),
    hex: values.hex,
  };
  const makesSense = [wanted.trials, wanted.seed, wanted.jobs].every((n) => Number.isSafeInteger(n) && n > 0);
  if (values.help || !makesSense) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  if (values.worker) {
    const report = alone(wanted, (failed) => process.send?.({ failed } satisfies Word));
    process.send?.({ report } satisfies Word);
    return 0;
  }
  const startedMs = performance.now();
  const tell = (failed: FailedTrial): void => {
    const replay = replayOf(failed, wanted);
    process.stdout.write(
      `${values.json ? JSON.stringify({ ...failed, replay }) : failureInWords(failed, replay)}\n`,
    );
  };
  const report = await (wanted.jobs === 1 || wanted.trials < 50 ? alone(wanted, tell) : shared(wanted, tell));
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  process.stdout.write(
    `${values.json ? JSON.stringify({ ...report, seconds }) : inWords(report, seconds)}\n`,
  );
  return report.violations === 0 ? 0 : 1;
}

function alone({ trials, seed, hex }: Wanted, tell: (failed: FailedTrial) => void): DoorReport {
  return doorTrials({ trials, seed, board: hex === undefined ? {} : { hex } }, tell);
}

/** The same trials in several processes: each takes a stretch of the seeds. */
async function shared(
  { trials, seed, jobs, hex }: Wanted,
  tell: (failed: FailedTrial) => void,
): Promise<DoorReport> {
  const stretch = Math.ceil(trials / jobs);
  const starts = Array.from({ length: Math.ceil(trials / stretch) }, (_, i) => i * stretch);
  const reports = await Promise.all(
    starts.map(async (start) => {
      const worker = fork(new URL('faults.ts', import.meta.url), [
        ...['door', '--worker', '--trials', String(Math.min(stretch, trials - start))],
        ...['--seed', String(seed + start), ...(hex === undefined ? [] : ['--hex', hex])],
      ]);
      let report: DoorReport | undefined;
      worker.on('message', (word: Word) => {
        if ('failed' in word) tell(word.failed);
        else ({ report } = word);
      });
      // The channel closes after its last message; the process may be gone before that is read.
      await Promise.all([once(worker, 'exit'), once(worker, 'disconnect')]);
      if (report === undefined)
        throw new Error(`the trials from seed ${seed + start} on ended without a report`);
      return report;
    }),
  );
  return reports.reduce(merge, nothingYet(seed));
}

/** The one command that runs this trial again. */
function replayOf({ seed }: FailedTrial, { hex }: Wanted): string {
  return `npm run -s faults -- door --trials 1 --seed ${seed}${hex === undefined ? '' : ` --hex ${hex}`}`;
}

function failureInWords({ seed, violations }: FailedTrial, replay: string): string {
  const each = violations.map(({ kind, atMs, detail }) => `${kind} at ${atMs.toFixed(1)} ms, ${detail}`);
  return `seed ${seed}: ${each.join('; ')}\n  ${replay}`;
}

function inWords(report: DoorReport, seconds: number): string {
  const ms = (value: number | null): string => (value === null ? 'none' : `${value.toFixed(1)} ms`);
  return [
    `${report.trials} trials in ${seconds} s, ${report.violations} violations`,
    `worst lease overrun ${ms(report.worstOverrunMs)}, with interrupts hung ${ms(report.worstHungOverrunMs)}`,
    `worst egress ${ms(report.worstEgressMs)} of ${report.egresses}`,
  ].join('\n');
}
