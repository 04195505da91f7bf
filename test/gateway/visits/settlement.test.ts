import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { Settlement } from '../../../gateway/visits/settlement.ts';
import { at, guestOf, room, seat, ticket, venueOf } from '../access/told.ts';
import { openJournal } from '../../temporary.ts';
import { Evening } from './evening.ts';

describe('a forgotten check-out', () => {
  it.each([
    ['standard', 9_000],
    ['h1t', 9_000],
  ])('of a seat at a venue of kind %s is charged to closing time, once', async (kind, yen) => {
    const evening = await Evening.begin({ kind });
    await evening.scan('u-1', [seat()]);
    await evening.until('17:59');
    expect(evening.bill()).toEqual({});
    await evening.until('18:02');
    expect(evening.bill()).toEqual({ 'u-1': yen });
    const [forgotten] = evening.all('stay.forgotten');
    expect(forgotten).toMatchObject({ sub: 'u-1', closing: '2025-10-20T18:00:00+09:00' });
    const [charged] = evening.all('charge.computed');
    expect(charged?.charge).toMatchObject({
      rule: 'forgotten-seat-to-closing',
      chargedTo: '2025-10-20T18:00:00+09:00',
      flags: [],
    });
    await evening.until('2025-10-21T20:00:00+09:00');
    expect(evening.all('charge.computed')).toHaveLength(1);
  });

  it('of a room is charged as reserved', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-1', [room()]);
    await evening.until('18:02');
    expect(evening.all('charge.computed')[0]?.charge).toMatchObject({
      rule: 'forgotten-room-reserved',
      yen: 3_000,
    });
  });

  it('takes nobody’s seat any longer', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-1', [seat()]);
    expect(evening.walk.journal.stays.countOpen()).toBe(1);
    await evening.until('18:02');
    expect(evening.walk.journal.stays.countOpen()).toBe(0);
  });

  it('at 17:59:59 is none: the check-out is charged by the scan', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-1', [seat()]);
    await evening.until('17:29:59');
    expect(await evening.scan('u-1', [seat()], 'exit')).toBe('check-out');
    await evening.until('18:05');
    expect(evening.all('stay.forgotten')).toEqual([]);
    expect(evening.all('charge.computed')[0]?.charge).toMatchObject({ rule: 'late-seat', yen: 8_500 });
  });

  it('is none while the minute of closing runs: a scan at 18:00:59 is in time', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-1', [seat()]);
    await evening.until('18:00:59');
    expect(await evening.scan('u-1', [seat()], 'exit')).toBe('check-out');
    expect(evening.all('charge.computed')[0]?.charge).toMatchObject({
      rule: 'late-seat',
      yen: 9_000,
      flags: [],
    });
  });

  it('waits for the clock while nobody vouches for it', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-1', [seat()]);
    evening.walk.clock.trusted = 'untrusted';
    await evening.until('18:30');
    expect(evening.bill()).toEqual({});
    evening.walk.clock.trusted = 'trusted';
    await evening.until('18:32');
    expect(evening.all('charge.computed')[0]?.charge).toMatchObject({ yen: 9_000, flags: ['settled-late'] });
  });

  it('is found within a minute after the wall clock was turned past closing', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-1', [seat()]);
    evening.walk.clock.jumpTo('2025-10-20T18:03:00+09:00');
    await evening.walk.clock.advance(60_000);
    expect(evening.bill()).toEqual({ 'u-1': 9_000 });
  });

  it('of many is settled in batches, all of them', async () => {
    const evening = await Evening.begin({ capacity: 100 });
    const { journal, clock } = evening.walk;
    const subs = Array.from({ length: 25 }, (_, n) => `m-${n}`);
    for (const [n, sub] of subs.entries())
      await evening.scan(sub, [seat({ id: `r-${n}`, space: { id: `s-${n}`, kind: 'seat' } })]);
    await clock.advance(at('18:02') - clock.wallMs());
    expect(evening.all('charge.computed')).toHaveLength(25);
    expect(new Set(evening.all('stay.forgotten').map(({ sub }) => sub))).toEqual(new Set(subs));
    expect(journal.stays.open()).toEqual([]);
  }, 180_000);
});

describe('closing time', () => {
  it('closes a ticket’s visit without a charge', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-1', [ticket()]);
    await evening.until('18:02');
    expect(evening.all('stay.checked-out')).toMatchObject([
      { sub: 'u-1', by: 'closing', door: null, grant: null, checkOut: '2025-10-20T18:00:00+09:00' },
    ]);
    expect(evening.bill()).toEqual({});
  });

  it('closes a guest’s visit without a charge', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-9', [room()]);
    await evening.scan('u-1', [guestOf('u-9')]);
    await evening.until('18:02');
    expect(evening.all('stay.checked-out').map(({ sub, by }) => [sub, by])).toEqual([['u-1', 'closing']]);
    expect(evening.bill()).toEqual({ 'u-9': 3_000 });
  });

  it('past midnight is that of the business day: a seat to 23:00 is charged to 2:00', async () => {
    const evening = await Evening.begin({ hours: { open: '07:00', close: '02:00' } });
    await evening.until('20:00');
    await evening.scan('u-1', [seat({ from: '20:00', to: '23:00' })]);
    await evening.until('2025-10-21T01:59:00+09:00');
    expect(evening.bill()).toEqual({});
    await evening.until('2025-10-21T02:02:00+09:00');
    expect(evening.all('charge.computed')[0]?.charge).toMatchObject({
      chargedTo: '2025-10-21T02:00:00+09:00',
      yen: 6_000,
    });
  });

  it('of a day with other hours is that day’s', async () => {
    const exceptions = [{ date: '2025-10-20', open: '09:00', close: '15:00' }];
    const evening = await Evening.begin({ hours: { open: '07:00', close: '18:00', exceptions } });
    await evening.scan('u-1', [seat()]);
    await evening.until('15:02');
    expect(evening.all('charge.computed')[0]?.charge).toMatchObject({
      chargedTo: '2025-10-20T15:00:00+09:00',
      yen: 6_000,
    });
  });
});

describe('a scan after closing', () => {
  it('opens the exit, is journalled and flagged, and changes no amount, also after the settlement', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-1', [seat()]);
    await evening.until('18:40');
    const leases = evening.walk.front.leases.length;
    expect(await evening.scan('u-1', [seat()], 'exit')).toBe('check-out');
    expect(evening.walk.front.leases).toHaveLength(leases + 1);
    expect(evening.all('stay.checked-out')).toMatchObject([
      { by: 'member', checkOut: '2025-10-20T18:40:00+09:00' },
    ]);
    expect(evening.all('charge.computed')).toHaveLength(1);
    expect(evening.all('charge.superseded')).toMatchObject([
      {
        reason: 'checkout-after-settlement',
        before: { yen: 9_000, flags: [] },
        after: { yen: 9_000, flags: ['checkout-after-closing'] },
      },
    ]);
    expect(evening.bill()).toEqual({ 'u-1': 9_000 });
    await evening.until('18:45');
    expect(await evening.scan('u-1', [seat()], 'exit')).toBe('no-open-stay');
  });

  it('is billed as forgotten where the settlement had not run', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-1', [seat()]);
    evening.walk.clock.jumpTo('2025-10-20T18:01:00+09:00');
    expect(await evening.scan('u-1', [seat()], 'exit')).toBe('check-out');
    await evening.until('19:00');
    expect(evening.all('charge.computed')).toMatchObject([
      { charge: { rule: 'forgotten-seat-to-closing', yen: 9_000, flags: ['checkout-after-closing'] } },
    ]);
    expect(evening.all('charge.superseded')).toEqual([]);
  });
});

describe('a venue that never closes', () => {
  const never = { hours: null };

  it('settles a forgotten check-out at the reservation’s end, for review', async () => {
    const evening = await Evening.begin(never);
    await evening.scan('u-1', [seat()]);
    await evening.until('12:02');
    expect(evening.all('stay.forgotten')).toMatchObject([{ closing: null }]);
    expect(evening.all('charge.computed')[0]?.charge).toMatchObject({
      rule: 'forgotten-no-closing',
      yen: 3_000,
      flags: ['review'],
    });
  });

  it('learns by a later scan that the stay was late, and charges that instead', async () => {
    const evening = await Evening.begin(never);
    await evening.scan('u-1', [seat()]);
    await evening.until('13:00');
    expect(await evening.scan('u-1', [seat()], 'exit')).toBe('check-out');
    expect(evening.all('charge.superseded')).toMatchObject([
      {
        before: { rule: 'forgotten-no-closing', yen: 3_000 },
        after: { rule: 'late-seat', yen: 4_000, flags: [] },
      },
    ]);
  });

  it('takes no scan of a later visit for the check-out that was forgotten', async () => {
    const evening = await Evening.begin(never);
    await evening.scan('u-1', [seat()]);
    await evening.until('15:00');
    await evening.scan('u-1', [seat({ id: 'r-7', from: '15:00', to: '16:00' })]);
    await evening.until('15:30');
    expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
    await evening.until('16:30');
    expect(await evening.scan('u-1', [], 'exit')).toBe('no-open-stay');
    expect(evening.bill()).toEqual({ 'u-1': 4_000 });
  });

  it('waits a day where the policy charges one', async () => {
    const evening = await Evening.begin({ ...never, policy: { forgottenCutoff: '24-hours' } });
    await evening.scan('u-1', [seat()]);
    await evening.until('2025-10-21T08:59:00+09:00');
    expect(evening.bill()).toEqual({});
    await evening.until('2025-10-21T09:02:00+09:00');
    expect(evening.bill()).toEqual({ 'u-1': 24_000 });
  });

  it('ends a ticket’s visit with the day', async () => {
    const evening = await Evening.begin(never);
    await evening.scan('u-1', [ticket()]);
    await evening.until('2025-10-21T00:02:00+09:00');
    expect(evening.all('stay.checked-out')).toMatchObject([
      { by: 'closing', checkOut: '2025-10-21T00:00:00+09:00' },
    ]);
  });
});

describe('a grant that never reached the lock', () => {
  it('is no forgotten check-out after a power cut: it is voided, not billed, whichever is looked at first', async () => {
    const evening = await Evening.begin();
    const { walk } = evening;
    await evening.until('17:30');
    // The power is cut between the commit and the pulse.
    walk.front.onPulse = () => walk.crash();
    walk.front.outcome = 'unreachable';
    await evening.scan('u-1', [seat({ from: '17:00', to: '18:00' })]);
    walk.front.onPulse = () => undefined;

    walk.clock.jumpTo('2025-10-21T08:10:00+09:00');
    const journal = openJournal(walk.path);
    const settlement = new Settlement({
      venue: venueOf({ hours: { open: '07:00', close: '18:00' } }),
      journal,
      clock: walk.clock,
      line: { isOnline: false, isFitted: true },
      log: pino({ level: 'silent' }),
    });
    settlement.start();
    expect(journal.stays.open()).toHaveLength(1);
    settlement.close();
    journal.close();

    await evening.powerCutUntil('2025-10-21T08:11:00+09:00');
    await evening.until('2025-10-21T08:15:00+09:00');
    expect(evening.all('stay.voided')).toHaveLength(1);
    expect(evening.bill()).toEqual({});
  });
});
