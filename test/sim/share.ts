import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { planted, root, type Plant } from './planted.ts';

/** A day leaves little behind: what is young dies young, and is best collected seldom; with more room the caches miss. */
const EXEC_ARGV = ['--min-semi-space-size=16', '--max-semi-space-size=16'];

/** Seeds that a process has before it: while it is given the next it lives the one. */
const GIVEN_AHEAD = 2;

/** What one seed came to. */
export interface Found {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly simulatedMs: number;
}

export interface ShareOptions {
  readonly from: number;
  readonly count: number;
  /** A bug to put into the sources. Default: none. */
  readonly plant?: Plant;
  /** Ends at the first seed that fails. Default: `false`. */
  readonly untilViolation?: boolean;
  /** Called with each seed as it is lived. */
  readonly onFound?: (found: Found) => void;
}

/**
 * Lives the seeds, shared among as many processes as there are cores: a day is one thread's work. Each is given its next
 * seed when it has lived one, for days are not equally long.
 */
export async function liveSeeds(options: ShareOptions): Promise<readonly Found[]> {
  const { from, count, plant } = options;
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  // Below node_modules: the packages are found from there.
  const folder = mkdtempSync(join(cache, 'simulation-'));
  try {
    const worker = join(folder, 'worker.mjs');
    await bundle(worker, plant);
    return await share(worker, Math.min(availableParallelism(), count), { ...options, end: from + count });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The worker with all of its sources in one file: they are compiled once, and as they are written. */
async function bundle(outfile: string, plant: Plant | undefined): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('worker.ts', import.meta.url))],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    plugins: [
      {
        name: 'plant',
        setup(compiler) {
          if (plant === undefined) return;
          const place = join(root, plant.file);
          compiler.onLoad({ filter: /\.ts$/ }, ({ path }) =>
            path === place ? { contents: planted(plant), loader: 'ts' } : null,
          );
        },
      },
    ],
  });
}

async function share(
  worker: string,
  processes: number,
  { from, end, untilViolation = false, onFound }: ShareOptions & { readonly end: number },
): Promise<readonly Found[]> {
  const found: Found[] = [];
  let next = from;
  let isEnough = false;
  const workers = Array.from({ length: processes }, () => ({
    process: fork(worker, { execArgv: EXEC_ARGV }),
    owes: 0,
  }));
  const give = (one: (typeof workers)[number]): void => {
    if (next < end) {
      one.process.send(next);
      next += 1;
      one.owes += 1;
    } else if (one.owes === 0) one.process.disconnect();
  };
  const ended = workers.map(
    (one) =>
      new Promise<void>((resolve, reject) => {
        one.process.on('message', (message: Found) => {
          one.owes -= 1;
          found.push(message);
          if (isEnough) return;
          onFound?.(message);
          isEnough = untilViolation && message.violations.length > 0;
          if (isEnough) for (const each of workers) each.process.kill('SIGKILL');
          else give(one);
        });
        one.process.on('exit', (code) => {
          if (code === 0 || isEnough) resolve();
          else reject(new Error(`a process of the simulation ended with ${String(code)}`));
        });
      }),
  );
  for (let ahead = 0; ahead < GIVEN_AHEAD; ahead += 1) workers.forEach(give);
  await Promise.all(ended);
  return found;
}
