import { describe, expect, test } from 'vitest';
import { computeCharge } from '../../../shared/billing/charge.ts';
import { computeCharges } from '../../../shared/billing/charges.ts';
import { overlaps, refuseReservation, type Booked } from '../../../shared/billing/reservation.ts';
import { DEFAULT_POLICY } from '../../../shared/contract/policy.ts';
import { at, visit, type Told } from './visit.ts';

const cap = { minutes: 150, yen: 2500 };
const seatAllDay: Told = { booked: '09:00-18:00', out: '18:00', closing: '18:00' };
const roomAfternoon: Told = {
  room: true,
  yen: 3000,
  booked: '13:00-15:00',
  in: '13:00',
  out: '15:00',
  closing: '18:00',
};
const none = { capOnSimultaneousUse: 'none' } as const;

const LISTS: readonly (readonly [name: string, tolds: readonly Told[], yen: readonly number[]])[] = [
  [
    'a cap is applied to each reservation of a day and never to their sum: 4,500 and not 2,500',
    [
      { cap: { minutes: 150 }, out: '12:00' },
      { cap: { minutes: 150 }, booked: '13:00-15:00', in: '13:00', out: '15:00' },
    ],
    [2500, 2000],
  ],
  [
    'a seat and a room at once are charged each: 9,000 + 12,000 by the formula',
    [seatAllDay, roomAfternoon],
    [9000, 12000],
  ],
  [
    '1,500 yen for 30 minutes reproduces the printed 15,000',
    [seatAllDay, { ...roomAfternoon, yen: 1500 }],
    [9000, 6000],
  ],
  [
    'one hour of room at 3,000 gives 15,000 as well, and not the printed hours',
    [seatAllDay, { ...roomAfternoon, booked: '13:00-14:00', out: '14:00' }],
    [9000, 6000],
  ],
  [
    'a seat keeps its own cap while a room is held',
    [
      { ...seatAllDay, cap },
      { ...roomAfternoon, cap },
    ],
    [2500, 12000],
  ],
  [
    'where the policy says so a seat has no cap while a room is held',
    [
      { ...seatAllDay, cap, policy: none },
      { ...roomAfternoon, cap, policy: none },
    ],
    [9000, 12000],
  ],
  [
    'a room that begins when the seat ends is not held at once',
    [
      { cap, out: '12:00', policy: none },
      { ...roomAfternoon, booked: '12:00-13:00', in: '12:00', out: '13:00', policy: none },
    ],
    [2500, 6000],
  ],
  [
    'a cancelled room is not held at once',
    [
      { ...seatAllDay, cap, policy: none },
      { ...roomAfternoon, cancelled: '08:00', in: null, out: null },
    ],
    [2500, 0],
  ],
  [
    'two reservations back to back are capped each',
    [
      { cap, out: '12:00' },
      { cap, booked: '12:00-15:00', in: '12:00', out: '15:00' },
    ],
    [2500, 2500],
  ],
  [
    'an extension by a new reservation costs both',
    [{ out: '12:00' }, { booked: '12:00-14:00', in: '12:00', out: '14:00' }],
    [3000, 2000],
  ],
  [
    'an extension that nobody checked in to is charged beside the late stay',
    [{ out: '14:00' }, { booked: '12:00-14:00', in: null, out: null }],
    [5000, 2000],
  ],
  [
    'a stay that the next check-in closed two minutes late costs one more unit',
    [{ out: '12:02' }, { booked: '12:00-14:00', in: '12:02', out: '14:00' }],
    [3500, 2000],
  ],
  ['an empty list costs nothing', [], []],
];

describe('a list of one user', () => {
  test.each(LISTS)('%s', (_name, tolds, yen) => {
    const { perReservation, totalYen } = computeCharges(tolds.map(visit));
    expect(perReservation.map((charge) => charge.yen)).toEqual(yen);
    expect(totalYen).toBe(yen.reduce((sum, each) => sum + each, 0));
    for (const charge of perReservation) expect(charge.flags).toEqual([]);
  });

  test('each charge is what it is alone, but for the other readings', () => {
    const inputs = [seatAllDay, roomAfternoon].map((told) => visit({ ...told, cap }));
    const stripped = computeCharges(inputs).perReservation.map((charge) => ({ ...charge, alternatives: [] }));
    expect(stripped).toEqual(inputs.map(computeCharge));
  });
});

describe('other readings of a list', () => {
  const readings = (tolds: readonly Told[]) =>
    computeCharges(tolds.map(visit)).perReservation.map(({ alternatives }) => alternatives);

  test('no cap while a seat and a room are held is recorded at the seat', () => {
    const tolds = [seatAllDay, roomAfternoon].map((told) => ({ ...told, cap }));
    expect(readings(tolds)).toEqual([[{ reading: 'no-cap-on-simultaneous-use', yen: 9000 }], []]);
  });

  test('it is settled where the policy says that there is none', () => {
    const tolds = [seatAllDay, roomAfternoon].map((told) => ({ ...told, cap, policy: none }));
    expect(readings(tolds)).toEqual([[], []]);
  });

  test('hours charged twice are recorded at the later reservation, whatever the order of the list', () => {
    const late: Told = { out: '14:00' };
    const missed: Told = { booked: '12:00-14:00', in: null, out: null };
    expect(readings([late, missed])).toEqual([[], [{ reading: 'no-double-charge', yen: 0 }]]);
    expect(readings([missed, late])).toEqual([[{ reading: 'no-double-charge', yen: 0 }], []]);
  });

  test('of two that begin together, which no user may hold, the first in the list is charged first', () => {
    const twice: Told = { out: '12:00' };
    expect(readings([twice, twice])).toEqual([[], [{ reading: 'no-double-charge', yen: 0 }]]);
  });

  test('only the hours that are covered are taken off', () => {
    const next: Told = { booked: '12:00-14:00', in: '12:02', out: '14:00' };
    expect(readings([{ out: '12:02' }, next])).toEqual([[], [{ reading: 'no-double-charge', yen: 1500 }]]);
  });

  test('a seat does not cover the hours of a room', () => {
    expect(readings([{ out: '14:00' }, { room: true, booked: '12:00-14:00', in: null, out: null }])).toEqual([
      [],
      [],
    ]);
  });
});

describe('what a user may hold', () => {
  const seat: Booked = { space: 'seat', startMs: at('09:00'), endMs: at('12:00') };
  const book = (space: 'seat' | 'room', start: string, end: string): Booked => ({
    space,
    startMs: at(start),
    endMs: at(end),
  });

  test.each([
    ['a room beside a seat', book('room', '10:00', '11:00'), [seat], null],
    ['two seats that overlap', book('seat', '11:30', '13:00'), [seat], 'seat-overlap'],
    [
      'two rooms that overlap by a unit',
      book('room', '11:30', '13:00'),
      [book('room', '09:00', '12:00')],
      'room-overlap',
    ],
    ['a seat that begins when the other ends', book('seat', '12:00', '13:00'), [seat], null],
    ['a start off the clock grid', book('seat', '13:10', '14:00'), [seat], 'off-grid'],
    ['an end off the clock grid', book('seat', '13:00', '14:10'), [seat], 'off-grid'],
  ])('%s', (_name, candidate, held, refusal) => {
    expect(refuseReservation(candidate, held, DEFAULT_POLICY)).toBe(refusal);
  });

  test('a venue with a grid of ten minutes takes 13:10', () => {
    expect(refuseReservation(book('seat', '13:10', '14:00'), [], { gridMinutes: 10 })).toBeNull();
  });

  test('overlap is half-open on both sides', () => {
    expect(overlaps(seat, book('seat', '08:00', '09:00'))).toBe(false);
    expect(overlaps(seat, { startMs: at('11:59:59'), endMs: at('13:00') })).toBe(true);
  });
});
