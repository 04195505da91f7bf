import { computeCharge, type ChargeInput } from '../../shared/billing/charge.ts';
import { compareRates, type Measurement } from './measure.ts';

const HOUR_MS = 3600_000;
const MINUTE_MS = 60_000;
const START_MS = Date.parse('2026-11-24T09:00:00+09:00');

/** Charges through the library, instants as epoch milliseconds, input checked. */
export async function benchCharge({ full }: { full: boolean }): Promise<Measurement> {
  const pieces = full ? 200_000 : 20_000;
  const inputs = Array.from({ length: pieces }, (_, number): ChargeInput => {
    const checkInMs = START_MS + (number % 60) * MINUTE_MS;
    return {
      venue: number % 3 === 0 ? 'standard' : 'h1t',
      space: number % 4 === 0 ? 'room' : 'seat',
      yenPer30Min: 500,
      cap: number % 2 === 0 ? { minutes: 150 } : null,
      startMs: START_MS,
      endMs: START_MS + 3 * HOUR_MS,
      cancelledAtMs: null,
      checkInMs,
      checkOutMs: number % 10 === 0 ? null : checkInMs + (number % 200) * MINUTE_MS,
      closingMs: START_MS + 12 * HOUR_MS,
    };
  });
  const each = (work: (input: ChargeInput) => unknown) => () => {
    const startMs = performance.now();
    for (const input of inputs) work(input);
    return ((performance.now() - startMs) * 1000) / pieces;
  };
  const floor = each((input) => JSON.parse(JSON.stringify(input)));
  const ours = each(computeCharge);
  floor();
  ours();
  const compared = await compareRates(ours, floor, { pieces });
  return {
    unit: 'µs a charge',
    ...compared,
    goals: [{ of: 'share of the floor’s rate', value: compared.ratio, atLeast: 0.5 }],
    also: { 'charges a second': Math.round(1e6 / compared.ours.p50) },
  };
}
