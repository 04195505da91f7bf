/** Runs circuits in ngspice. Each deck holds one circuit at many corners, side by side, at one temperature. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is asked of one number of a circuit, in the unit named. */
export interface Question {
  readonly net: string;
  readonly what: string;
  readonly unit: 'V' | 'A' | 'W' | 's' | 'A²s';
  /** Volts, amperes and so on that the number must stay above (`floor`) or below (`ceiling`). */
  readonly floor?: number;
  readonly ceiling?: number;
  /** The margin to the limit that is wanted, in the same unit; 0 if not given. */
  readonly wanted?: number;
}

/** A question with ngspice's expression for its number: one for `let`, or the rest of a `meas tran` line. */
export interface Probe extends Question {
  readonly expression: string;
}

/** A circuit at one corner. */
export interface Bench {
  /** The corner in words, for the table. */
  readonly corner: string;
  readonly netlist: readonly string[];
  readonly probes: readonly Probe[];
}

/** An answered question. */
export interface Answer extends Question {
  readonly corner: string;
  readonly value: number;
}

/** The coldest and the warmest that it gets in the cabinet. °C. */
export const TEMPERATURES = [-10, 60] as const;

/**
 * Runs benches in one ngspice.
 * @param celsius temperature of every part
 * @param transient `tran` with its arguments; without it the operating point
 * @throws Error with ngspice's words if it ends badly, or for a probe without a number
 */
export function simulate(
  celsius: number,
  benches: readonly Bench[],
  transient: string | null,
): readonly Answer[] {
  const asked = benches.flatMap((bench) => bench.probes.map((probe) => ({ bench, probe })));
  const measured = asked.map(({ probe }, index) =>
    transient === null
      ? `let m${index} = ${probe.expression}\nprint m${index}`
      : `meas tran m${index} ${probe.expression}`,
  );
  const deck = [
    'genkan',
    ...benches.flatMap(({ netlist }) => netlist),
    `.options temp=${celsius} reltol=1e-4`,
    '.control',
    transient === null ? 'op' : transient,
    ...measured,
    'quit 0',
    '.endc',
    '.end',
    '',
  ].join('\n');
  const said = ngspice(deck);
  const numbers = new Map(
    [...said.matchAll(/^m(\d+)\s*=\s*(\S+)/gm)].map(([, index, value]) => [Number(index), Number(value)]),
  );
  return asked.map(({ bench, probe }, index) => {
    const value = numbers.get(index);
    if (value === undefined || !Number.isFinite(value))
      throw new Error(`ngspice: no number for "${probe.what}" of ${probe.net}, ${bench.corner}\n${said}`);
    return { ...probe, corner: `${bench.corner}, ${celsius} °C`, value };
  });
}

function ngspice(deck: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'genkan-circuit-'));
  try {
    const path = join(folder, 'deck.cir');
    writeFileSync(path, deck);
    const run = spawnSync('ngspice', ['-b', path], { encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 26 });
    if (run.error !== undefined) throw run.error;
    // A run that gave up half-way still ends with 0.
    if (run.status !== 0 || /aborted|too small|from checkvalid/.test(run.stdout + run.stderr))
      throw new Error(`ngspice ended with ${run.status}\n${run.stdout}${run.stderr}`);
    return run.stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
