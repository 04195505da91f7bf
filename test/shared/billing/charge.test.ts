import { describe, expect, test } from 'vitest';
import { computeCharge, previewCharge, releasedInterval } from '../../../shared/billing/charge.ts';
import { RULES } from '../../../shared/billing/rules.ts';
import { CHARGE_FLAGS, CHARGE_RULES } from '../../../shared/contract/charge.ts';
import { DEFAULT_POLICY, policyHash } from '../../../shared/contract/policy.ts';
import { H1T, MEETING_RULES, POLICIES, PRINTED, ROOMS_AND_CAPS, STANDARD } from './rows.ts';
import { at, visit, type ChargeRow, type Told } from './visit.ts';

function expectRow([, told, expected]: ChargeRow): void {
  const { rule, n, yen, to, cappedTo, flags = [] } = expected;
  const input = visit(told);
  expect(computeCharge(input)).toMatchObject({
    rule,
    chargedFromMs: to === null ? null : input.startMs,
    chargedToMs: to === null ? null : at(to),
    unitsBeforeCap: n,
    units: cappedTo ?? n,
    minutes: (cappedTo ?? n) * 30,
    yen,
    capApplied: cappedTo !== undefined,
    flags,
  });
}

describe('what the document prints', () => {
  test.each(PRINTED)('%s', (...row) => expectRow(row));
});

describe('standard venues', () => {
  test.each(STANDARD)('%s', (...row) => expectRow(row));
});

describe('H1T venues', () => {
  test.each(H1T)('%s', (...row) => expectRow(row));
});

describe('rooms and caps', () => {
  test.each(ROOMS_AND_CAPS)('%s', (...row) => expectRow(row));
});

describe('where rules meet', () => {
  test.each(MEETING_RULES)('%s', (...row) => expectRow(row));
});

describe('policies', () => {
  test.each(POLICIES)('%s', (...row) => expectRow(row));
});

/** 9:00–12:00 at 500 yen, closing 22:00: yen of a standard seat, an H1T seat, a standard room, an H1T room. */
const BY_CHECK_OUT: readonly (readonly [
  outs: string,
  told: Omit<Told, 'h1t' | 'room'>[],
  yen: readonly number[],
])[] = [
  [
    'before 09:00 to 09:29:59',
    [{ out: '08:30' }, { out: '09:00' }, { out: '09:29:59' }],
    [3000, 500, 3000, 500],
  ],
  ['09:30:00', [{ out: '09:30' }], [3000, 1000, 3000, 1000]],
  ['10:30:00 to 10:59:59', [{ out: '10:30' }, { out: '10:59:59' }], [3000, 2000, 3000, 2000]],
  ['11:00:00 to 11:29:59', [{ out: '11:00' }, { out: '11:29:59' }], [3000, 2500, 3000, 2500]],
  ['12:00:00 to 12:00:59', [{ out: '12:00' }, { out: '12:00:59' }], [3000, 3000, 3000, 3000]],
  ['12:01:00 to 12:30:59', [{ out: '12:01' }, { out: '12:30:59' }], [3500, 3500, 3000, 3000]],
  ['never, checked in', [{ out: null }], [13000, 13000, 3000, 3000]],
  ['never, and never in', [{ in: null, out: null }], [3000, 3000, 3000, 3000]],
];

describe('one reservation by its check-out', () => {
  test.each(BY_CHECK_OUT)('out %s', (_outs, tolds, yen) => {
    for (const told of tolds) {
      const kinds: Told[] = [
        told,
        { ...told, h1t: true },
        { ...told, room: true },
        { ...told, h1t: true, room: true },
      ];
      expect(kinds.map((kind) => computeCharge(visit(kind)).yen)).toEqual(yen);
    }
  });
});

describe('the charge as a record', () => {
  test('it keeps the rule set, price, cap, policy hash and both forms of the stamps', () => {
    const input = visit({ out: '12:15:59', cap: { minutes: 150 } });
    expect(computeCharge({ ...input, checkInMs: at('09:00:07') + 250 })).toMatchObject({
      ruleset: 'WORKUS-2023-05',
      tariff: {
        venue: 'standard',
        space: 'seat',
        yenPer30Min: 500,
        cap: { minutes: 150 },
        policyHash: policyHash(DEFAULT_POLICY),
      },
      stamps: {
        checkIn: { rawMs: at('09:00:07') + 250, truncatedMs: at('09:00') },
        checkOut: { rawMs: at('12:15:59'), truncatedMs: at('12:15') },
      },
    });
  });

  test('flags of the caller are listed once, in the order of the contract, behind none of its own', () => {
    const input = visit({ in: null, out: '08:30' });
    const { flags } = computeCharge({ ...input, flags: ['overstay', 'review', 'checkin-missing'] });
    expect(flags).toEqual(['checkin-missing', 'checkout-before-start', 'review', 'overstay']);
    expect(flags).toEqual(CHARGE_FLAGS.filter((flag) => flags.includes(flag)));
  });

  test('the table of rules and the contract name the same rules in the same order', () => {
    expect(RULES.map(({ rule }) => rule)).toEqual(CHARGE_RULES);
  });

  test.each([
    ['a price that is not whole', { yenPer30Min: 333.5 }, 'yenPer30Min'],
    ['a negative price', { yenPer30Min: -1 }, 'yenPer30Min'],
    ['an end at the start', { endMs: at('09:00') }, 'endMs'],
    ['a check-out that is no number', { checkOutMs: NaN }, 'checkOutMs'],
    ['a cap off the whole numbers', { cap: { yen: 0.5 } }, 'cap.yen'],
    ['an amount above the exact integers', { yenPer30Min: Number.MAX_SAFE_INTEGER }, 'exact'],
  ])('%s is refused by name', (_name, wrong, named) => {
    expect(() => computeCharge({ ...visit({ out: '12:00' }), ...wrong })).toThrow(named);
  });
});

describe('what an H1T check-out gives back', () => {
  test('a check-out at 10:40 gives back 11:00 to 12:00', () => {
    const charge = computeCharge(visit({ h1t: true, out: '10:40' }));
    expect(releasedInterval(charge, at('12:00'))).toEqual({ fromMs: at('11:00'), toMs: at('12:00') });
  });

  test('a capped stay gives back what it was shortened by, and not what the cap took', () => {
    const charge = computeCharge(visit({ h1t: true, out: '10:40', cap: { minutes: 30 } }));
    expect(releasedInterval(charge, at('12:00'))).toEqual({ fromMs: at('11:00'), toMs: at('12:00') });
  });

  test.each<[string, Told]>([
    ['a check-out in the last unit', { h1t: true, out: '11:30' }],
    ['a check-out at a standard venue', { out: '10:40' }],
    ['a late check-out', { h1t: true, out: '12:30' }],
  ])('%s gives back nothing', (_name, told) => {
    expect(releasedInterval(computeCharge(visit(told)), at('12:00'))).toBeNull();
  });

  test('an end off the units is never given back twice: 11:35 of 11:45 gives back nothing', () => {
    const charge = computeCharge(visit({ h1t: true, booked: '09:00-11:45', out: '11:35' }));
    expect(releasedInterval(charge, at('11:45'))).toBeNull();
  });
});

test('a preview is the charge of that check-out', () => {
  const open = visit({ h1t: true, out: null });
  expect(previewCharge(open, at('10:40'))).toEqual(computeCharge(visit({ h1t: true, out: '10:40' })));
});
