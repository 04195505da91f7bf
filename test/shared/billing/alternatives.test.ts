import { describe, expect, test } from 'vitest';
import { computeCharge } from '../../../shared/billing/charge.ts';
import { CHARGE_READINGS, type ChargeReading } from '../../../shared/contract/charge.ts';
import { visit, type Told } from './visit.ts';

const ROWS: readonly (readonly [name: string, told: Told, reading: ChargeReading, yen: number])[] = [
  ['one second late, stamps to the second: one more unit', { out: '12:00:01' }, 'stamp-second', 3500],
  ['12:30:30, stamps to the second: one more unit', { out: '12:30:30' }, 'stamp-second', 4000],
  ['H1T at the end, the printed buckets continued', { h1t: true, out: '12:00' }, 'bucket-at-the-end', 3500],
  ['H1T room left early, not shortened', { h1t: true, room: true, out: '10:30' }, 'room-not-shortened', 3000],
  [
    'cap by its hours',
    { yen: 600, cap: { minutes: 150, yen: 2500 }, out: '12:00' },
    'cap-by-minutes-only',
    3000,
  ],
  ['cap by its yen', { yen: 400, cap: { minutes: 150, yen: 2500 }, out: '12:00' }, 'cap-by-yen-only', 2400],
  [
    'cancelled at the start, accepted',
    { cancelled: '09:00', in: null, out: null },
    'cancellation-accepted',
    0,
  ],
  [
    'cancelled, and scanned out half an hour late',
    { cancelled: '08:00', in: null, out: '12:30' },
    'cancellation-ignored',
    3500,
  ],
  ['H1T out without in, as a no-show', { h1t: true, in: null, out: '10:40' }, 'no-check-in-is-no-show', 3000],
  ['09:15 to 12:40 by the clock', { booked: '09:15-12:15', in: '09:15', out: '12:40' }, 'clock-grid', 4000],
  [
    'H1T from 09:15 to 10:35 by the clock',
    { h1t: true, booked: '09:15-12:15', in: '09:15', out: '10:35' },
    'clock-grid',
    2000,
  ],
  [
    'scanned after closing, billed by the scan',
    { out: '18:05', closing: '18:00' },
    'late-beyond-closing',
    9500,
  ],
  [
    'scanned between a closing moved forward and the end',
    { h1t: true, booked: '09:00-18:00', out: '17:10', closing: '17:00' },
    'forgotten-at-posted-closing',
    9000,
  ],
  ['H1T a minute late, as a shortening alone', { h1t: true, out: '12:01' }, 'h1t-reservation-at-most', 3000],
  ['in at 08:45, charged from there', { in: '08:45', out: '12:00' }, 'from-check-in', 3500],
  [
    'forgotten where the closing was moved to before the end',
    { booked: '09:00-18:00', out: null, closing: '17:00' },
    'forgotten-to-posted-closing',
    8000,
  ],
  ['forgotten to a closing at 21:45', { out: null, closing: '21:45' }, 'forgotten-to-whole-units', 12500],
  ['forgotten where nothing closes, 24 hours', { out: null, closing: null }, 'forgotten-24-hours', 24000],
  [
    'forgotten behind a door that nobody saw open',
    { out: null, flags: ['door-not-opened'] },
    'never-entered',
    3000,
  ],
];

/** Seen by a list only: `charges.test.ts`. */
const OF_LISTS: readonly ChargeReading[] = ['no-cap-on-simultaneous-use', 'no-double-charge'];

describe('the other reading is recorded with its amount', () => {
  test.each(ROWS)('%s', (_name, told, reading, yen) => {
    expect(computeCharge(visit(told)).alternatives).toEqual([{ reading, yen }]);
  });

  test('every reading of the contract is shown here or by a list', () => {
    expect(new Set([...ROWS.map(([, , reading]) => reading), ...OF_LISTS])).toEqual(new Set(CHARGE_READINGS));
  });
});

describe('no other reading is recorded', () => {
  test.each<[string, Told]>([
    ['where it costs the same', { room: true, out: '12:00:30' }],
    ['where nothing is open', { out: '12:15' }],
    [
      'where the units from the start cost what the clock costs',
      { booked: '09:10-12:10', in: '09:10', out: '12:25' },
    ],
    ['where the policy has settled the stamps', { out: '12:00:01', policy: { stamp: 'second' } }],
    [
      'where the policy has settled the rooms',
      { h1t: true, room: true, out: '10:30', policy: { h1tRoomShorten: false } },
    ],
    [
      'where the policy has settled the deadline',
      { cancelled: '08:30', in: null, out: null, policy: { cancelDeadlineMinutes: 60 } },
    ],
    [
      'where the policy has settled the cut-off',
      { out: null, closing: null, policy: { forgottenCutoff: '24-hours' } },
    ],
    [
      'where a mismatched cap is on a room, which has none',
      { room: true, yen: 600, cap: { minutes: 150, yen: 2500 }, out: '12:00' },
    ],
  ])('%s', (_name, told) => {
    expect(computeCharge(visit(told)).alternatives).toEqual([]);
  });
});
