import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { changeStay, endOf, settleNoShow, settleStay } from '../../../gateway/access/settle.ts';
import type { SyncedReservation } from '../../../gateway/access/synced.ts';
import { EVENT_DATA } from '../../../shared/contract/events.ts';
import type { Reservation } from '../../../shared/contract/pass.ts';
import { formatInstant } from '../../../shared/time.ts';
import { at, guestOf, MEMBER, seat, stayOf, ticket, venueOf } from '../access/told.ts';
import { settledLines } from './seventy-days.ts';

const open = { open: '07:00', close: '18:00' };
const contextAt = (now: string, venue: Readonly<Record<string, unknown>> = { hours: open }) => ({
  venue: venueOf(venue),
  nowMs: at(now),
  online: false,
  clock: 'trusted' as const,
});
const told = (reservation: Reservation, over: Partial<SyncedReservation> = {}): SyncedReservation => ({
  ...MEMBER,
  version: 1,
  issuedMs: 0,
  reservation,
  cancelledAtMs: null,
  ...over,
});

describe('a stay that nobody checks out of ends', () => {
  it.each([
    ['a seat at the closing of its day', stayOf(seat()), { hours: open }, '2025-10-20T18:00:00+09:00'],
    [
      'one to closing time at closing time',
      stayOf(seat({ to: '18:00' })),
      { hours: open },
      '2025-10-20T18:00:00+09:00',
    ],
    [
      'one beyond closing time at its own end',
      stayOf(seat({ to: '18:30' })),
      { hours: open },
      '2025-10-20T18:30:00+09:00',
    ],
    ['one where nothing closes at its end', stayOf(seat()), { hours: null }, '2025-10-20T12:00:00+09:00'],
    [
      'one where nothing closes a day after its start',
      stayOf(seat()),
      { hours: null, policy: { forgottenCutoff: '24-hours' } },
      '2025-10-21T09:00:00+09:00',
    ],
    [
      'a ticket’s visit at the next closing',
      stayOf(ticket(), { checkInMs: at('17:59') }),
      { hours: open },
      '2025-10-20T18:00:00+09:00',
    ],
    [
      'a ticket’s visit where nothing closes at midnight',
      stayOf(ticket()),
      { hours: null },
      '2025-10-21T00:00:00+09:00',
    ],
    [
      'one on a day on which the venue stays shut at its end',
      stayOf(seat()),
      { hours: { ...open, exceptions: [{ date: '2025-10-20' }] } },
      '2025-10-20T12:00:00+09:00',
    ],
  ])('%s', (_, stay, venue, end) => {
    expect(formatInstant(endOf(stay, venueOf(venue)).endMs)).toBe(end);
  });

  it.each([
    ['minute', '18:00:59.999', '18:01:00'],
    ['second', '18:00:00.999', '18:00:01'],
  ])('and is settled when no check-out of the closing %s can come any more', (stamp, before, due) => {
    const venue = { hours: open, policy: { stamp } };
    expect(settleStay(stayOf(seat()), contextAt(before, venue))).toBeNull();
    expect(settleStay(stayOf(seat()), contextAt(due, venue))?.stay.state).toBe('forgotten');
  });
});

describe('what is settled', () => {
  it.each([
    ['18:06:00', []],
    ['18:06:00.001', ['settled-late']],
  ])('at %s is flagged: %s', (now, flags) => {
    expect(settleStay(stayOf(seat()), contextAt(now))?.stay.charge?.flags).toEqual(flags);
  });

  it('is told in the words of the contract', () => {
    const context = { ...contextAt('18:10'), id: 'E-e1', wasTurnedAway: true };
    const all = [
      settleStay(stayOf(seat()), context),
      settleStay(stayOf(ticket()), context),
      settleStay(stayOf(guestOf('u-9')), context),
      settleNoShow(told(seat()), null, context),
    ];
    const names = all
      .flatMap((billed) => billed?.events ?? [])
      .map((event) => {
        EVENT_DATA[event.name].parse(event.data);
        return event.name;
      });
    expect(names).toEqual([
      'stay.forgotten',
      'charge.computed',
      'stay.checked-out',
      'stay.checked-out',
      'stay.no-show',
      'charge.computed',
    ]);
  });

  it('by a clock that nobody vouches for says so', () => {
    const context = { ...contextAt('18:10'), clock: 'untrusted' as const };
    expect(settleStay(stayOf(seat()), context)?.stay.flags).toContain('clock-untrusted');
  });

  it('is nothing before the end, where it was cancelled in time, and for a guest', () => {
    const context = { ...contextAt('12:00'), id: 'E-e1', wasTurnedAway: false };
    expect(settleNoShow(told(seat({ to: '12:30' })), null, context)).toBeNull();
    expect(settleNoShow(told(seat(), { cancelledAtMs: at('08:59') }), null, context)).toBeNull();
    expect(settleNoShow(told(guestOf('u-9')), null, context)).toBeNull();
    expect(settleNoShow(told(seat()), null, context)?.yen).toBe(3_000);
  });
});

describe('a change of a reservation', () => {
  const context = contextAt('18:10');
  const longer = told(seat({ to: '14:00' }));

  it('brings an open stay under its terms and says nothing', () => {
    const changed = changeStay(stayOf(seat()), longer, context);
    expect(changed).toMatchObject({
      stay: { endsAtMs: at('14:00'), entitlement: { end: '2025-10-20T14:00:00+09:00' } },
      events: [],
    });
  });

  it('changes a forgotten stay’s charge where its price changed', () => {
    const forgotten = settleStay(stayOf(seat()), context)?.stay ?? stayOf(seat());
    const changed = changeStay(forgotten, told(seat({ yenPer30Min: 400 })), context);
    expect(changed.events).toMatchObject([
      { name: 'charge.superseded', data: { before: { yen: 9_000 }, after: { yen: 7_200 } } },
    ]);
  });

  it('leaves a forgotten stay’s charge to closing time as it is where only its end changed', () => {
    const forgotten = settleStay(stayOf(seat()), context)?.stay ?? stayOf(seat());
    expect(changeStay(forgotten, longer, context).events).toEqual([]);
  });

  it.each(['checked-out', 'voided'] as const)('leaves a stay that is %s alone', (state) => {
    const stay = stayOf(seat(), { state });
    expect(changeStay(stay, longer, context)).toEqual({ stay, events: [], yen: null });
  });
});

describe('the host’s time zone', () => {
  it('changes nothing: UTC, Asia/Tokyo and America/New_York settle alike', () => {
    const program = `
      import { settledLines } from './test/gateway/visits/seventy-days.ts';
      process.stdout.write(new Date(0).getTimezoneOffset() + '\\n' + settledLines().join('\\n'));
    `;
    const outputs = ['UTC', 'Asia/Tokyo', 'America/New_York'].map((zone) =>
      execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
        env: { ...process.env, TZ: zone },
        encoding: 'utf8',
        maxBuffer: 16 * 1024 ** 2,
      }).split('\n'),
    );
    // The first line shows that the hosts did differ.
    expect(new Set(outputs.map(([hostOffset]) => hostOffset)).size).toBe(3);
    const here = settledLines();
    expect(here.length).toBeGreaterThan(800);
    for (const [, ...lines] of outputs) expect(lines).toEqual(here);
  }, 180_000);
});
