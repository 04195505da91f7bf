import { performance } from 'node:perf_hooks';

/** Rounds of a measurement. Ours and the floor take turns, so that a drift of the machine meets both. */
const ROUNDS = 7;

/** One thing to be timed: `prepare` outside of the clock, `run` on it. */
export interface Subject<T> {
  /** Made fresh for every sample. */
  readonly prepare: () => Promise<T> | T;
  /** Returns milliseconds to add that did not pass on this machine's clock (virtual time of the board), if any. */
  readonly run: (sample: T) => Promise<number | undefined> | number | undefined;
  /** What has to settle before the next sample. */
  readonly settle?: () => Promise<void>;
}

/** Microseconds. */
export interface Timing {
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
}

/** A ratio with both sides. */
export interface Comparison {
  readonly ours: Timing;
  readonly floor: Timing;
  readonly ratio: { readonly p50: number; readonly p99: number };
}

/** What a line should come to. */
export interface Goal {
  /** What the value is of. */
  readonly of: string;
  readonly value: number;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** What a line came to. */
export interface Measurement {
  /** Of `ours` and `floor`. */
  readonly unit: string;
  readonly ours: Timing;
  /** `null` where there is nothing to compare with. */
  readonly floor: Timing | null;
  /** The line's figure, as its goal is written: ours to the floor for times, ours of the floor's for rates. */
  readonly ratio: number;
  readonly goals: readonly Goal[];
  /** Further figures, by name. */
  readonly also: Readonly<Record<string, number | string>>;
}

/** Whether a goal was reached. */
export function isReached({ value, atMost = Infinity, atLeast = -Infinity }: Goal): boolean {
  return value <= atMost && value >= atLeast;
}

/** A comparison of times as a line of the table. */
export function timesLine(
  { ours, floor, ratio }: Comparison,
  goal: { readonly p50: number; readonly p99: number },
  also: Measurement['also'] = {},
): Measurement {
  const goals = (['p50', 'p99'] as const).map((share) => ({
    of: `ratio of ${share}`,
    value: ratio[share],
    atMost: goal[share],
  }));
  return { unit: 'µs', ours, floor, ratio: ratio.p50, goals, also };
}

/** A comparison with what disturbs as a line of the table: its figure is the ratio of the p99. */
export function disturbedLine(
  { ours, floor, ratio }: Comparison,
  goal: { readonly of: string; readonly atMost: number },
): Measurement {
  const goals = [{ ...goal, value: ratio.p99 }];
  return { unit: 'µs', ours, floor, ratio: ratio.p99, goals, also: { 'ratio of p50': ratio.p50 } };
}

/**
 * Compares how fast two things go, in alternating rounds. Each round gives the microseconds that one piece took on
 * average; `p99` is the slowest round. The ratio is the share of the floor's rate that ours reaches.
 */
export async function compareRates(
  ours: () => Promise<number> | number,
  floor: () => Promise<number> | number,
  { rounds = ROUNDS, pieces }: { readonly rounds?: number; readonly pieces: number },
): Promise<{ readonly ours: Timing; readonly floor: Timing; readonly ratio: number }> {
  const a: number[] = [];
  const b: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    b.push(await floor());
    a.push(await ours());
  }
  const of = (micros: number[]): Timing => ({
    samples: rounds * pieces,
    p50: round2(percentile(micros, 0.5)),
    p99: round2(Math.max(...micros)),
  });
  return { ours: of(a), floor: of(b), ratio: round2(percentile(b, 0.5) / percentile(a, 0.5)) };
}

/** Times ours against the floor in alternating rounds, after one round that is not counted. */
export async function compare<A, B>(
  ours: Subject<A>,
  floor: Subject<B>,
  samplesPerRound: number,
): Promise<Comparison> {
  await timeRound(ours, samplesPerRound);
  await timeRound(floor, samplesPerRound);
  const a: number[][] = [];
  const b: number[][] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    a.push(await timeRound(ours, samplesPerRound));
    b.push(await timeRound(floor, samplesPerRound));
  }
  return comparisonOf(a, b);
}

/** Two things by their rounds. */
export function comparisonOf(
  oursByRound: readonly (readonly number[])[],
  floorByRound: readonly (readonly number[])[],
): Comparison {
  const [ours, floor] = [summarise(oursByRound), summarise(floorByRound)];
  return { ours, floor, ratio: { p50: round2(ours.p50 / floor.p50), p99: round2(ours.p99 / floor.p99) } };
}

/**
 * Times one thing in alternating rounds: left alone, which is the floor, and while something else goes on.
 *
 * @param during brings the disturbance about, does the work under it, and ends it
 */
export async function compareDisturbed<T>(
  subject: Subject<T>,
  samplesPerRound: number,
  during: (work: () => Promise<void>) => Promise<void>,
): Promise<Comparison> {
  await timeRound(subject, samplesPerRound);
  const alone: number[][] = [];
  const disturbed: number[][] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    alone.push(await timeRound(subject, samplesPerRound));
    await during(async () => void disturbed.push(await timeRound(subject, samplesPerRound)));
  }
  return comparisonOf(disturbed, alone);
}

/** Times one thing alone. */
export async function time<T>(subject: Subject<T>, samples: number): Promise<Timing> {
  await timeRound(subject, Math.ceil(samples / 10));
  return summarise([await timeRound(subject, samples)]);
}

/** Microseconds of each sample of one round. */
export async function timeRound<T>({ prepare, run, settle }: Subject<T>, samples: number): Promise<number[]> {
  const micros: number[] = [];
  for (let i = 0; i < samples; i += 1) {
    const sample = await prepare();
    const start = performance.now();
    const result = run(sample);
    const virtualMs = result instanceof Promise ? await result : result;
    micros.push((performance.now() - start + (virtualMs ?? 0)) * 1000);
    await settle?.();
  }
  return micros;
}

/** The median over the rounds of each round's percentile: one stall of the disk spoils one round, not the figure. */
function summarise(rounds: readonly (readonly number[])[]): Timing {
  const over = (share: number) =>
    Math.round(
      percentile(
        rounds.map((micros) => percentile(micros, share)),
        0.5,
      ),
    );
  return { samples: rounds.reduce((sum, { length }) => sum + length, 0), p50: over(0.5), p99: over(0.99) };
}

/** @param share 0 to 1 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** To two digits after the point. */
export function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
