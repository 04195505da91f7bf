import fc from 'fast-check';
import type { ChargeInput } from '../../../shared/billing/charge.ts';
import { policySchema } from '../../../shared/contract/policy.ts';
import { trials } from '../../trials.ts';

/** Runs of a property. */
export const RUNS = trials(1_000_000);

const MINUTE = 60_000;
const UNIT = 30 * MINUTE;
const YEAR_2020_MS = 1_577_836_800_000;

/** Milliseconds around a start: mostly on or beside a unit or a minute, where roundings go wrong, sometimes anywhere. */
const offset = (unitsMin: number, unitsMax: number): fc.Arbitrary<number> =>
  fc
    .tuple(
      fc.integer({ min: unitsMin, max: unitsMax }),
      fc.constantFrom(0, 0, 0, 1, 999, 1_000, 59_999, MINUTE, -1, -1_000, -MINUTE, 10 * MINUTE, 29 * MINUTE),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: UNIT }) },
      ),
    )
    .map(([units, edge, anywhere]) => units * UNIT + edge + anywhere);

/** One time in four `null`. */
const sometimes = (value: fc.Arbitrary<number>): fc.Arbitrary<number | null> => fc.option(value, { freq: 4 });

const policy = fc
  .record({
    stamp: fc.constantFrom('minute' as const, 'second' as const),
    h1tRoomShorten: fc.boolean(),
    capRooms: fc.boolean(),
    capOnSimultaneousUse: fc.constantFrom('own' as const, 'none' as const),
    cancelDeadlineMinutes: fc.constantFrom(0, 0, 1, 60),
    forgottenCutoff: fc.constantFrom('reservation' as const, '24-hours' as const),
  })
  .map((fields) => policySchema.parse(fields));

const cap = fc.oneof(
  fc.record({ minutes: fc.integer({ min: 1, max: 20 }).map((units) => units * 30) }),
  fc.record({ yen: fc.integer({ min: 1, max: 20_000 }) }),
  fc.record({
    minutes: fc.integer({ min: 1, max: 20 }).map((units) => units * 30),
    yen: fc.integer({ min: 1, max: 20_000 }),
  }),
);

/** Any reservation that the contract lets through, on and off the grid, the minute and the second. */
export const reservation: fc.Arbitrary<ChargeInput> = fc
  .record({
    venue: fc.constantFrom('h1t' as const, 'standard' as const),
    space: fc.constantFrom('seat' as const, 'room' as const),
    yenPer30Min: fc.oneof(fc.constantFrom(0, 1, 333, 500, 3_000), fc.integer({ min: 0, max: 100_000 })),
    cap: fc.option(cap, { freq: 3 }),
    startMs: fc.integer({ min: 0, max: 10_000 * 48 }).map((units) => YEAR_2020_MS + units * UNIT),
    shiftMs: fc.constantFrom(0, 0, 0, 0, MINUTE, 15 * MINUTE, 30_000, 1),
    length: offset(0, 20),
    cancelled: sometimes(offset(-50, 10)),
    checkIn: sometimes(offset(-3, 20)),
    checkOut: sometimes(offset(-3, 50)),
    closing: sometimes(offset(-2, 50)),
    policy,
    simultaneousUse: fc.boolean(),
  })
  .map(({ shiftMs, length, cancelled, checkIn, checkOut, closing, ...rest }) => {
    const startMs = rest.startMs + shiftMs;
    return {
      ...rest,
      startMs,
      endMs: startMs + Math.max(1, length),
      cancelledAtMs: cancelled === null ? null : startMs + cancelled,
      checkInMs: checkIn === null ? null : startMs + checkIn,
      checkOutMs: checkOut === null ? null : startMs + checkOut,
      closingMs: closing === null ? null : startMs + closing,
    };
  });
