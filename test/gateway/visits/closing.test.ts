import { describe, expect, it } from 'vitest';
import { change, Cloud } from '../cloud.ts';
import { PastClosing } from '../../../gateway/visits/past-closing.ts';
import { at, seat, ticket, venueOf } from '../access/told.ts';
import { Evening } from './evening.ts';

const open = { open: '07:00', close: '22:00' };
const next = (time: string) => `2025-10-21T${time}:00+09:00`;

/** 20 October is shorter than other days. */
const shortened = (close: string, ...shut: readonly string[]) => ({
  hours: {
    ...open,
    exceptions: [{ date: '2025-10-20', open: '07:00', close }, ...shut.map((date) => ({ date }))],
  },
});

describe('a forgotten check-out on a day that was shortened after it was booked', () => {
  it.each([
    ['9:00 to 18:00, closed at 17:00', seat({ to: '18:00' }), shortened('17:00'), 9_000],
    [
      '9:00 to 12:00, closed at 11:00 and shut for three days',
      seat(),
      shortened('11:00', '2025-10-21', '2025-10-22', '2025-10-23'),
      3_000,
    ],
    ['17:00 to 19:00, closed at 18:00', seat({ from: '17:00', to: '19:00' }), shortened('18:00'), 2_000],
    [
      '9:00 to 12:00 on a day that is shut',
      seat(),
      { hours: { ...open, exceptions: [{ date: '2025-10-20' }] } },
      3_000,
    ],
  ])('costs what was reserved: %s', async (_, booked, venue, yen) => {
    const evening = await Evening.begin(venue);
    await evening.until(booked.start);
    await evening.scan('u-1', [booked]);
    await evening.until('2025-10-25T00:00:00+09:00');
    expect(evening.bill()).toEqual({ 'u-1': yen });
  });

  it('is final at the end of the reservation: nobody is inside over night', async () => {
    const evening = await Evening.begin(shortened('17:00'));
    await evening.scan('u-1', [seat({ to: '18:00' })]);
    await evening.until('17:59');
    expect(evening.walk.journal.stays.countOpen()).toBe(1);
    await evening.until('18:02');
    expect(evening.walk.journal.stays.countOpen()).toBe(0);
  });

  it('of a reservation that begins after the closing of its day is charged as reserved, not to the closing of the next', async () => {
    const evening = await Evening.begin(shortened('17:00'));
    await evening.until('19:00');
    await evening.scan('u-1', [seat({ from: '19:00', to: '20:00' })]);
    await evening.until(next('23:00'));
    expect(evening.bill()).toEqual({ 'u-1': 1_000 });
  });

  it('and one that is late costs no hour in which the venue is shut: 19:00 to 20:00, out at 21:10, 1,000 and not 2,500', async () => {
    const evening = await Evening.begin(shortened('17:00'));
    await evening.until('19:00');
    const booked = [seat({ from: '19:00', to: '20:00' })];
    await evening.scan('u-1', booked);
    await evening.until('20:00:30');
    await evening.until('21:10');
    expect(await evening.scan('u-1', booked, 'exit')).toBe('check-out');
    expect(evening.bill()).toEqual({ 'u-1': 1_000 });
  });
});

describe('a check-in on the next morning', () => {
  it('settles what nobody could settle over night as what it was: 3,000 and not 24,000 where nothing closes', async () => {
    const evening = await Evening.begin({ hours: null });
    await evening.scan('u-1', [seat()]);
    evening.walk.clock.trusted = 'untrusted';
    await evening.until(next('09:00'));
    expect(evening.bill()).toEqual({});
    evening.walk.clock.trusted = 'trusted';
    const second = seat({ id: 'r-9', start: next('09:00'), end: next('12:00') });
    expect(await evening.scan('u-1', [second])).toBe('check-in');
    expect(evening.all('charge.computed')[0]?.charge).toMatchObject({
      rule: 'forgotten-no-closing',
      yen: 3_000,
      flags: ['review', 'settled-late'],
    });
  });
});

describe('hours that were changed', () => {
  it('after the visit change no charge of it: a correction of 9,000 stays within the closing of that day', async () => {
    const cloud = await Cloud.over({ hours: { open: '07:00', close: '18:00' } });
    const { evening } = cloud;
    await evening.scan('u-1', [seat()]);
    await evening.until('18:05');
    expect(evening.bill()).toEqual({ 'u-1': 9_000 });
    const longer = await Cloud.over({ hours: { open: '07:00', close: '23:00' } }, evening);
    const stay = evening.all('stay.checked-in')[0]?.stay ?? '';
    await longer.command({ cmd: 'correct-stay', stay, checkIn: '2025-10-20T09:10:00+09:00' });
    expect(evening.bill()).toEqual({ 'u-1': 9_000 });
    expect(evening.all('charge.superseded').at(-1)?.after.tariff).toMatchObject({
      closing: '2025-10-20T18:00:00+09:00',
      policy: { stamp: 'minute' },
    });
  });

  it.each([
    ['to 23:00 after the booking: 9,000 and not 14,000', '18:00', '23:00', 9_000],
    ['to 17:00 after the booking: 8,000 and not 9,000', '18:00', '17:00', 8_000],
  ])('%s', async (_, booked, now, yen) => {
    const evening = await Evening.begin({ hours: { open: '07:00', close: now } });
    evening.tell('u-1', seat(), { closingMs: at(booked) });
    await evening.scan('u-1', []);
    await evening.until(next('00:00'));
    expect(evening.bill()).toEqual({ 'u-1': yen });
  });
});

describe('a reservation that ends after the closing of its day', () => {
  const told = {
    reservation: 'r-1',
    sub: 'u-1',
    end: '2025-10-20T18:00:00+09:00',
    closing: '2025-10-20T17:00:00+09:00',
  };

  it('is told when the cloud tells of it, once, and again at a start after its day was shortened further', async () => {
    const cloud = await Cloud.over(shortened('17:00'));
    await cloud.reservations(cloud.delta(0, 1, [change(1, seat({ to: '18:00' }))]));
    expect(cloud.evening.all('reservation.past-closing')).toMatchObject([told]);
    await cloud.reservations(cloud.delta(1, 2, [change(2, seat({ to: '18:00', yenPer30Min: 400 }))]));
    expect(cloud.evening.all('reservation.past-closing')).toHaveLength(1);
    const { journal, clock } = cloud.evening.walk;
    const restarted = () => new PastClosing({ journal, clock, venue: venueOf(shortened('16:00')) }).start();
    restarted();
    expect(cloud.evening.all('reservation.past-closing')).toMatchObject([
      told,
      { ...told, closing: '2025-10-20T16:00:00+09:00' },
    ]);
    restarted();
    expect(cloud.evening.all('reservation.past-closing')).toHaveLength(2);
  });

  it('is told at its check-in where the pass alone knows of it', async () => {
    const evening = await Evening.begin(shortened('17:00'));
    await evening.scan('u-1', [seat({ to: '18:00' })]);
    expect(evening.all('reservation.past-closing')).toMatchObject([told]);
  });

  it('is no news of a ticket, nor of one that ends with the day', async () => {
    const evening = await Evening.begin(shortened('12:00'));
    await evening.scan('u-1', [seat()]);
    await evening.scan('u-2', [ticket()]);
    expect(evening.all('reservation.past-closing')).toEqual([]);
  });
});
