import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { computeCharge } from '../../../shared/billing/charge.ts';
import { chargeInputOf, chargeToWire } from '../../../shared/billing/wire.ts';
import { chargeSchema, type ChargeRequest } from '../../../shared/contract/charge.ts';
import { formatInstant } from '../../../shared/time.ts';
import { reservation, RUNS } from './arbitrary.ts';
import { modelCharge } from './model.ts';

const TIMEOUT_MS = 1_800_000;

/** `holds` throws nothing and returns whether the property holds: `expect` a million times would cost more than it says. */
function always<T>(value: fc.Arbitrary<T>, holds: (value: T) => boolean, runs = RUNS): void {
  fc.assert(fc.property(value, holds), { numRuns: runs });
}

describe('for every reservation', () => {
  test(
    'the charge never falls as the check-out gets later',
    () => {
      const outs = fc.tuple(reservation, fc.nat(20 * 60_000), fc.nat(50 * 1_800_000));
      always(outs, ([input, step, first]) => {
        const earlyMs = input.checkOutMs ?? input.startMs + first - 3_600_000;
        const early = computeCharge({ ...input, checkOutMs: earlyMs });
        const late = computeCharge({ ...input, checkOutMs: earlyMs + step });
        const muchLater = computeCharge({ ...input, checkOutMs: earlyMs + first });
        return early.yen <= late.yen && early.yen <= muchLater.yen;
      });
    },
    TIMEOUT_MS,
  );

  test(
    'at least one unit is charged unless it was cancelled, and the interval is made of whole units',
    () => {
      always(reservation, (input) => {
        const { rule, units, unitsBeforeCap, minutes, chargedFromMs, chargedToMs } = computeCharge(input);
        if (rule === 'cancelled')
          return unitsBeforeCap === 0 && chargedFromMs === null && chargedToMs === null;
        return (
          units >= 1 &&
          units <= unitsBeforeCap &&
          minutes === units * 30 &&
          chargedFromMs === input.startMs &&
          chargedToMs === input.startMs + unitsBeforeCap * 1_800_000
        );
      });
    },
    TIMEOUT_MS,
  );

  test(
    'H1T never costs more than a standard venue',
    () => {
      always(reservation, (input) => {
        const h1t = computeCharge({ ...input, venue: 'h1t' });
        return h1t.yen <= computeCharge({ ...input, venue: 'standard' }).yen;
      });
    },
    TIMEOUT_MS,
  );

  test(
    'a cap never makes a charge dearer, and says so where it made it cheaper',
    () => {
      always(reservation, (input) => {
        const capped = computeCharge(input);
        const uncapped = computeCharge({ ...input, cap: null });
        const isLess = capped.yen < uncapped.yen || capped.units < uncapped.units;
        return capped.yen <= uncapped.yen && capped.capApplied === isLess;
      });
    },
    TIMEOUT_MS,
  );

  test(
    'the amount is whole yen, and another reading never repeats it',
    () => {
      always(reservation, (input) => {
        const { yen, alternatives } = computeCharge(input);
        return Number.isSafeInteger(yen) && yen >= 0 && alternatives.every((other) => other.yen !== yen);
      });
    },
    TIMEOUT_MS,
  );

  test(
    'a model that walks the half hours one by one agrees',
    () => {
      always(
        reservation,
        (input) => {
          const { unitsBeforeCap, units, yen } = computeCharge(input);
          const model = modelCharge(input);
          return unitsBeforeCap === model.unitsBeforeCap && units === model.units && yen === model.yen;
        },
        Math.max(RUNS, 10_000),
      );
    },
    TIMEOUT_MS,
  );

  test(
    'only the instants count: any spelling of their offsets gives the same charge, which fits the contract',
    () => {
      const zones = fc.constantFrom('Asia/Tokyo', 'UTC', 'America/New_York', 'Asia/Kolkata');
      always(
        fc.tuple(reservation, zones, zones),
        ([input, one, other]) => {
          const charges = [one, other].map((zone) =>
            chargeToWire(computeCharge(chargeInputOf(requestOf(input, zone)))),
          );
          const [first, second] = charges.map((charge) => JSON.stringify(charge));
          return first === second && chargeSchema.safeParse(charges[0]).success;
        },
        RUNS / 10,
      );
    },
    TIMEOUT_MS,
  );
});

function requestOf(input: Parameters<typeof computeCharge>[0], zone: string): ChargeRequest {
  const text = (ms: number | null): string | null => (ms === null ? null : formatInstant(ms, zone));
  return {
    venue: input.venue,
    space: input.space,
    yenPer30Min: input.yenPer30Min,
    cap: input.cap,
    reservation: {
      start: formatInstant(input.startMs, zone),
      end: formatInstant(input.endMs, zone),
      cancelledAt: text(input.cancelledAtMs),
    },
    checkIn: text(input.checkInMs),
    checkOut: text(input.checkOutMs),
    closing: text(input.closingMs),
    ...(input.policy === undefined ? undefined : { policy: input.policy }),
  };
}

test('the time zone of the host changes nothing', () => {
  const program = `
    import * as rows from './test/shared/billing/rows.ts';
    import { visit } from './test/shared/billing/visit.ts';
    import { computeCharge } from './shared/billing/charge.ts';
    import { ticketPeriod } from './shared/billing/ticket.ts';
    import { chargeToWire } from './shared/billing/wire.ts';
    const charges = Object.values(rows).flat().map(([, told]) => chargeToWire(computeCharge(visit(told))));
    const periods = [0, 1, 2, 3, 4].map((renewalIndex) => ticketPeriod({ purchaseDate: '2025-10-31', renewalIndex }));
    process.stdout.write(new Date(0).getTimezoneOffset() + '\\n' + JSON.stringify({ charges, periods }));
  `;
  const outputs = ['UTC', 'Asia/Tokyo', 'America/New_York'].map((zone) =>
    execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
      env: { ...process.env, TZ: zone },
      encoding: 'utf8',
    }).split('\n'),
  );
  // The first line shows that the hosts did differ.
  expect(new Set(outputs.map(([hostOffset]) => hostOffset)).size).toBe(3);
  expect(new Set(outputs.map(([, results]) => results)).size).toBe(1);
});
