import { describe, expect, it } from 'vitest';
import { recordDecision, type DecisionRecord, type RecordContext } from '../../../gateway/access/record.ts';
import {
  EVENT_DATA,
  type DomainEvent,
  type EventData,
  type EventName,
} from '../../../shared/contract/events.ts';
import { at, cleaner, decide, guestOf, requestOf, seat, stayOf, ticket, venueOf, type Told } from './told.ts';

/** Decides and records. */
function record(told: Told, over: Partial<RecordContext> = {}): DecisionRecord {
  const result = recordDecision(decide(told), {
    venue: venueOf(told.venue),
    request: requestOf(told),
    nowMs: at(told.now),
    grant: 7,
    epoch: 'E',
    leaseMs: 3_000,
    online: true,
    clock: 'trusted',
    ...over,
  });
  for (const event of result.events) EVENT_DATA[event.name].parse(event.data);
  return result;
}

const names = ({ events }: DecisionRecord): readonly string[] => events.map(({ name }) => name);

/** The data of the one event of that name. */
function dataOf<N extends EventName>({ events }: DecisionRecord, name: N): EventData<N> {
  const found = events.filter((event): event is Extract<DomainEvent, { name: N }> => event.name === name);
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} events ${name}`);
  return first.data as EventData<N>;
}

const inSeat = { stays: [stayOf(seat())] };
const out = (now: string, over: Partial<Told> = {}): Told => ({
  now,
  side: 'exit',
  has: [seat()],
  state: inSeat,
  ...over,
});

describe('a denial', () => {
  it('is one event and changes no stay', () => {
    const denied = record({ now: '12:00', has: [seat()] });
    expect(names(denied)).toEqual(['access.denied']);
    expect(denied).toMatchObject({
      answer: { granted: false, reason: 'reservation-ended' },
      stay: null,
      stays: [],
    });
    expect(dataOf(denied, 'access.denied')).toEqual({
      door: 'front',
      side: 'entry',
      reason: 'reservation-ended',
      via: 'scanner',
      iss: 'https://issuer.example',
      sub: 'u-1',
      presentation: 'a'.repeat(64),
    });
  });
});

describe('a check-in', () => {
  it('to a reservation opens a stay to its end and charges nothing', () => {
    const checkedIn = record({ now: '09:00:07.250', has: [seat()] });
    expect(names(checkedIn)).toEqual(['access.granted', 'stay.checked-in']);
    expect(checkedIn.stays).toEqual([
      stayOf(seat(), {
        id: 'E-7',
        grant: 7,
        checkInMs: at('09:00:07.250'),
        endsAtMs: at('12:00'),
        closingMs: at('22:00'),
      }),
    ]);
    expect(checkedIn.answer).toMatchObject({
      kind: 'check-in',
      space: 'seat-12',
      until: '2025-10-20T12:00:00+09:00',
      yen: null,
    });
    expect(dataOf(checkedIn, 'stay.checked-in').checkIn).toBe('2025-10-20T09:00:07.250+09:00');
  });

  it('by a ticket carries the use and never a charge', () => {
    const checkedIn = record({ now: '09:00', has: [ticket({ used: 25 })] });
    expect(names(checkedIn)).toEqual(['access.granted', 'stay.checked-in']);
    expect(dataOf(checkedIn, 'stay.checked-in').visit).toEqual({
      kind: 'ticket',
      ticket: 't-1',
      plan: 'basic',
      used: 26,
      remaining: 5,
    });
    expect(checkedIn.answer).toMatchObject({ uses: { used: 26, remaining: 5, shown: true }, until: null });
  });

  it('to the next reservation checks out of the open one at that instant, and charges it first', () => {
    const next = seat({ id: 'r-5', from: '11:00', to: '13:00' });
    const moved = record({ now: '11:00', has: [seat(), next], state: inSeat });
    expect(names(moved)).toEqual([
      'access.granted',
      'stay.checked-out',
      'charge.computed',
      'reservation.shortened',
      'stay.checked-in',
    ]);
    expect(dataOf(moved, 'stay.checked-out')).toMatchObject({
      stay: 'e-r-1',
      by: 'next-reservation',
      door: null,
      grant: null,
    });
    expect(dataOf(moved, 'charge.computed')).toMatchObject({ stay: 'e-r-1', charge: { yen: 2_500 } });
    expect(moved.stays.map(({ id, state }) => [id, state])).toEqual([
      ['e-r-1', 'checked-out'],
      ['E-7', 'open'],
    ]);
    expect(moved.answer).toMatchObject({ kind: 'check-in', yen: null });
  });

  it('by a clock that nobody vouches for says so', () => {
    const checkedIn = record({ now: '09:00', has: [seat()] }, { clock: 'untrusted' });
    expect(dataOf(checkedIn, 'stay.checked-in').flags).toEqual(['clock-untrusted']);
    expect(record({ now: '09:00', has: [seat()] }, { clock: 'holdover' }).stays[0]?.flags).toEqual([]);
  });

  it('tells the time in the zone of the venue', () => {
    const checkedIn = record({ now: '09:00', has: [seat()], venue: { timeZone: 'Asia/Seoul' } });
    expect(checkedIn.answer).toMatchObject({ until: '2025-10-20T12:00:00+09:00' });
    const london = record({ now: '09:00', has: [seat()], venue: { timeZone: 'Europe/London' } });
    expect(london.answer).toMatchObject({ until: '2025-10-20T04:00:00+01:00' });
  });
});

describe('a re-entry', () => {
  it('opens no stay, uses nothing and charges nothing', () => {
    const again = record({ now: '10:00', has: [ticket()], state: { stays: [stayOf(ticket())] } });
    expect(names(again)).toEqual(['access.granted', 'stay.reentered']);
    expect(again.stays).toEqual([stayOf(ticket())]);
    expect(again.answer).toMatchObject({ kind: 're-entry', uses: null, yen: null });
  });

  it('into the paid rest leaves the check-out as it was', () => {
    const rest = stayOf(seat(), { state: 'checked-out', checkOutMs: at('10:40'), endsAtMs: at('11:00') });
    const again = record({ now: '10:50', has: [seat()], state: { stays: [rest] } });
    expect(again.stays).toMatchObject([rest]);
    expect(again.answer).toMatchObject({ until: '2025-10-20T11:00:00+09:00' });
  });
});

describe('a check-out at an H1T venue', () => {
  it('at exactly 10:30 is charged 2,000 yen to 11:00, and gives the rest back', () => {
    const left = record(out('10:30'));
    expect(names(left)).toEqual([
      'access.granted',
      'stay.checked-out',
      'charge.computed',
      'reservation.shortened',
    ]);
    expect(dataOf(left, 'charge.computed')).toMatchObject({
      stay: 'e-r-1',
      reservation: 'r-1',
      charge: {
        rule: 'h1t-shortened',
        chargedFrom: '2025-10-20T09:00:00+09:00',
        chargedTo: '2025-10-20T11:00:00+09:00',
        yen: 2_000,
        computedBy: 'gateway',
        online: true,
        clock: 'trusted',
      },
    });
    expect(dataOf(left, 'reservation.shortened')).toMatchObject({
      reservation: 'r-1',
      freeFrom: '2025-10-20T11:00:00+09:00',
      freeUntil: '2025-10-20T12:00:00+09:00',
    });
    expect(left.answer).toMatchObject({ kind: 'check-out', yen: 2_000, until: '2025-10-20T11:00:00+09:00' });
    expect(left.stays).toMatchObject([
      stayOf(seat(), { state: 'checked-out', checkOutMs: at('10:30'), endsAtMs: at('11:00') }),
    ]);
  });

  it.each([
    ['09:29:59.999', 500],
    ['10:29:59.999', 1_500],
    ['11:59:59.999', 3_000],
    ['12:00', 3_000],
    ['12:00:59.999', 3_000],
    ['12:01', 3_500],
  ])('at %s is charged %i yen', (now, yen) => {
    expect(record(out(now)).answer).toMatchObject({ yen });
  });

  it('in the last half hour gives nothing back', () => {
    expect(names(record(out('11:30')))).toEqual(['access.granted', 'stay.checked-out', 'charge.computed']);
  });

  it('without the line is the same charge, marked as not seen by the cloud', () => {
    const { charge } = dataOf(record(out('10:30'), { online: false }), 'charge.computed');
    expect(charge).toEqual({ ...dataOf(record(out('10:30')), 'charge.computed').charge, online: false });
  });

  it('by a clock that nobody vouches for is flagged, though the check-in was not', () => {
    const left = record(out('10:30'), { clock: 'untrusted' });
    expect(dataOf(left, 'charge.computed').charge.flags).toEqual(['clock-untrusted']);
    expect(left.stays[0]?.flags).toEqual(['clock-untrusted']);
  });

  it('after the closing is flagged and billed as forgotten', () => {
    const { charge } = dataOf(record(out('22:01')), 'charge.computed');
    expect(charge).toMatchObject({
      rule: 'forgotten-seat-to-closing',
      yen: 13_000,
      flags: ['checkout-after-closing'],
    });
  });
});

describe('a check-out', () => {
  it('at a standard venue keeps the whole reservation', () => {
    const left = record(out('10:30', { venue: { kind: 'standard' } }));
    expect(names(left)).toEqual(['access.granted', 'stay.checked-out', 'charge.computed']);
    expect(left.answer).toMatchObject({ yen: 3_000, until: '2025-10-20T12:00:00+09:00' });
  });

  it('of a capped seat is charged the cap, shortened first', () => {
    const capped = seat({ cap: { minutes: 60 } });
    const { charge } = dataOf(
      record(out('10:30', { state: { stays: [stayOf(capped)] } })),
      'charge.computed',
    );
    expect(charge).toMatchObject({ unitsBeforeCap: 4, units: 2, yen: 1_000, capApplied: true });
  });

  it('of a guest is never charged: the host’s company pays', () => {
    const left = record(out('10:30', { state: { stays: [stayOf(guestOf('u-9', { yenPer30Min: 500 }))] } }));
    expect(names(left)).toEqual(['access.granted', 'stay.checked-out']);
    expect(left.answer).toMatchObject({ kind: 'check-out', yen: null });
  });

  it('of a ticket’s visit is never charged', () => {
    const left = record(out('10:30', { state: { stays: [stayOf(ticket())] } }));
    expect(names(left)).toEqual(['access.granted', 'stay.checked-out']);
    expect(left.answer).toMatchObject({ yen: null });
  });

  it.each([
    [
      'two that begin in one unit count it once: 9:00 to 12:00 beside 9:01, 9:10, 9:40 and 11:30',
      [
        ['09:01', '09:20'],
        ['09:10', '09:29'],
        ['09:40', '10:00'],
        ['11:30', '13:00'],
      ],
      1_500,
    ],
    [
      'one that ends where the other begins, and one within another, add nothing',
      [
        ['10:00', '11:00'],
        ['11:00', '12:00'],
        ['10:10', '10:20'],
      ],
      1_000,
    ],
    ['one that begins at the end is not charged twice', [['12:00', '14:00']], null],
  ] as const)('charges twice what two reservations hold: %s', (_, others, otherYen) => {
    const reservations = others.map(([from, to], index) => seat({ id: `r-${index + 5}`, from, to }));
    const left = record(out('12:00', { venue: { kind: 'standard' } }), { reservations });
    const { charge } = dataOf(left, 'charge.computed');
    const readings = charge.alternatives.filter(({ reading }) => reading === 'no-double-charge');
    expect(charge.yen).toBe(3_000);
    expect(readings).toEqual(otherYen === null ? [] : [{ reading: 'no-double-charge', yen: otherYen }]);
  });

  it(
    'of a reservation of 7,000 years beside one of a morning is charged at once: a door waits for it',
    { timeout: 1_000 },
    () => {
      const endless = seat({ end: '9025-10-20T09:00:00+09:00' });
      const left = record(
        out('10:30', { venue: { kind: 'standard' }, state: { stays: [stayOf(endless)] } }),
        {
          reservations: [seat({ id: 'r-5', from: '12:00', to: '14:00' })],
        },
      );
      const { charge } = dataOf(left, 'charge.computed');
      expect(charge.flags).toContain('double-cover');
      expect(charge.alternatives).toContainEqual({ reading: 'no-double-charge', yen: charge.yen - 4 * 500 });
    },
  );

  it('charges what was agreed at check-in, whatever pass is shown at the exit', () => {
    const dearer = seat({ yenPer30Min: 9_999 });
    expect(record(out('10:30', { has: [dearer] })).answer).toMatchObject({ yen: 2_000 });
  });
});

describe('an admission', () => {
  it('of staff opens no stay and is never billed', () => {
    const admitted = record({ now: '06:00', has: [cleaner] });
    expect(names(admitted)).toEqual(['access.granted']);
    expect(admitted).toMatchObject({ answer: { kind: 'admit', stay: null }, stay: null, stays: [] });
  });
});
