import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { formatInstant, parseInstant } from '../../../shared/time.ts';
import { Sqlite } from '../../../gateway/journal/sqlite.ts';
import { beginEpoch } from '../../../gateway/journal/successor.ts';
import { until } from '../../venue/until.ts';
import { seat, ticket } from '../access/told.ts';
import { rig, VENUE, type Rig } from './rig.ts';

const version = ({ gateway }: Rig) => gateway.journal.synced.version('reservations');

describe('over a real broker', () => {
  it('a gateway asks for reservations and uses at every birth, and learns what was booked while the line was down', async () => {
    const venue = await rig();
    const { bookings, gateway, line } = venue;
    await until('everything was asked for', () => bookings.asked.length === 4);
    expect([...bookings.asked].sort()).toEqual(['receipt', 'reservations', 'trust', 'usage']);
    await bookings.book('u-1', seat());
    await until('the booking is here', () => version(venue) === 1);

    line.cut();
    await until('the line is down', () => !gateway.isOnline());
    await bookings.book('u-2', seat({ id: 'r-2' }));
    await bookings.used({
      stay: 'ginza-1',
      ticket: 't-1',
      venue: 'ginza-1',
      at: formatInstant(venue.clock.wallMs()),
      counts: true,
    });
    // What is known opens the door while the line is down; what is not does not.
    expect(await venue.scan('u-1', [])).toBe('check-in');
    expect(await venue.scan('u-2', [])).toBe('no-reservation');

    line.mend();
    await until('the second booking is here', () => version(venue) === 2, 30_000);
    await until('the use is here', () => gateway.journal.synced.version('usage') === 1);
    venue.clock.moveBy(11_000);
    expect(await venue.scan('u-2', [])).toBe('check-in');
  });

  it('a gateway that is restored from a copy of 9:00 hears that the visit was over at 10:40 for 2,000, which is charged once', async () => {
    const venue = await rig();
    expect(await venue.scan('u-1', [seat()])).toBe('check-in');
    const copy = `${venue.journal}.copy`;
    const db = new Sqlite(venue.journal, { readonly: true });
    await db.backup(copy);
    db.close();
    venue.clock.moveTo(parseInstant('2025-10-20T10:40:00+09:00'));
    expect(await venue.scan('u-1', [], 'exit')).toBe('check-out');
    await until('it is billed', () => venue.billing.totalYen() === 2_000);
    await venue.restart((path) => {
      const birth = { epoch: ulid(venue.clock.wallMs()), leaseBase: 9 };
      beginEpoch({ path, from: copy, aside: `${path}.aside`, birth, isCopy: true });
    });
    await until('the cloud’s word is here', () => venue.gateway.journal.stays.open().length === 0);
    venue.clock.moveTo(parseInstant('2025-10-20T22:40:00+09:00'));
    await until('the new epoch is received', () => venue.gateway.journal.custody.seq > 0);
    expect(venue.count('charge.computed')).toBe(0);
    expect(venue.billing.totalYen()).toBe(2_000);
    expect(venue.billing.report()).toMatchObject({ mismatches: [], sideBySide: [], gaps: [] });
  });

  it('a cancellation shuts the door to a pass that was issued before', async () => {
    const venue = await rig();
    const later = seat({ from: '10:00' });
    await venue.bookings.book('u-1', later);
    await venue.bookings.cancel('u-1', later);
    await until('the cancellation is here', () => version(venue) === 2);
    venue.clock.moveTo(parseInstant('2025-10-20T10:00:00+09:00'));
    expect(await venue.scan('u-1', [later])).toBe('no-reservation');
  });

  it('an operator’s check-out is carried out once and answered', async () => {
    const venue = await rig();
    expect(await venue.scan('u-1', [seat()])).toBe('check-in');
    const [stay] = venue.gateway.journal.stays.open();
    venue.clock.moveTo(parseInstant('2025-10-20T10:40:00+09:00'));
    const iat = Math.floor(venue.clock.wallMs() / 1000);
    const claims = {
      jti: 'c-1',
      iat,
      exp: iat + 60,
      aud: VENUE,
      by: 'operator-7',
      reason: 'the exit reader is broken',
      cmd: 'check-out',
      stay: stay?.id ?? '',
      at: '2025-10-20T10:30:00+09:00',
    };
    expect(await venue.bookings.command(claims)).toEqual({
      command: 'c-1',
      outcome: 'executed',
      detail: 'checked-out',
      yen: 2_000,
    });
    expect(await venue.bookings.command(claims)).toMatchObject({ outcome: 'refused', detail: 'used before' });
    expect([
      venue.count('charge.computed'),
      venue.count('command.executed'),
      venue.count('command.refused'),
    ]).toEqual([1, 1, 1]);
  });

  it('the sign of the venue follows whoever comes and goes', async () => {
    const venue = await rig();
    const shown = () => venue.signs.at(-1);
    await until('the venue is shown as vacant', () => shown()?.sign === '○');
    expect(shown()).toEqual({ inside: 0, capacity: 4, free: 4, sign: '○' });
    for (const n of [1, 2]) await venue.scan(`u-${n}`, [ticket({ id: `t-${n}` })]);
    await until('few seats are left', () => shown()?.sign === '△');
    expect(shown()).toEqual({ inside: 2, capacity: 4, free: 2, sign: '△' });
    for (const n of [3, 4]) await venue.bookings.book(`u-${n}`, seat({ id: `r-${n}` }));
    // A booking that holds now takes a seat although nobody has come for it.
    await until('both bookings are here', () => version(venue) === 2);
    expect(await venue.scan('u-5', [ticket({ id: 't-5' })])).toBe('full');
    await until('no seat is left', () => shown()?.sign === '×');
    expect(shown()).toEqual({ inside: 2, capacity: 4, free: 0, sign: '×' });
  });
});
