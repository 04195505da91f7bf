import { describe, expect, it } from 'vitest';
import { Presence } from '../../../gateway/presence/presence.ts';
import { createOwnVisits } from '../../../gateway/visits/history.ts';
import { createPreview } from '../../../gateway/visits/preview.ts';
import { guestOf, requestOf, room, seat, ticket, venueOf } from '../access/told.ts';
import { Evening } from './evening.ts';

/** Two issuers both have a `u-1`: two people. */
describe('a pass of a second issuer with another’s sub', () => {
  it('closes nobody’s stay: the member of the first checks out at 12:00 and pays 3,000', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-1', [seat()]);
    await evening.until('09:30');
    expect(await evening.scanSecond('u-1', [], 'exit')).toBe('no-open-stay');
    await evening.until('12:00');
    expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
    expect(evening.bill()).toEqual({ 'u-1': 3_000 });
  });

  it('is no retry of a grant five seconds ago, and enters by its own reservation alone', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-1', [seat()]);
    await evening.until('09:00:05');
    expect(await evening.scanSecond('u-1', [])).toBe('no-reservation');
    await evening.until('09:01');
    expect(await evening.scanSecond('u-1', [seat({ space: { id: 'seat-2', kind: 'seat' } })])).toBe(
      'check-in',
    );
    expect(evening.all('stay.checked-in')).toMatchObject([
      { iss: 'https://issuer.example', sub: 'u-1' },
      { iss: 'https://second.example', sub: 'u-1' },
    ]);
    expect(evening.all('stay.checked-out')).toEqual([]);
  });

  it('does not come by what the cloud told of the first, whose no-show costs 3,000', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    expect(await evening.scanSecond('u-1', [])).toBe('no-reservation');
    await evening.until('09:01');
    expect(await evening.scanSecond('u-1', [seat()])).toBe('check-in');
    await evening.until('12:01');
    expect(evening.all('stay.no-show')).toMatchObject([
      { iss: 'https://issuer.example', reservation: 'r-1' },
    ]);
    expect(evening.all('charge.computed')).toMatchObject([
      { iss: 'https://issuer.example', charge: { yen: 3_000, rule: 'no-show-reserved' } },
    ]);
  });

  it('is no host of the first issuer’s guest', async () => {
    const evening = await Evening.begin();
    await evening.scanSecond('u-9', [room()]);
    expect(await evening.scan('u-1', [guestOf('u-9')])).toBe('host-not-checked-in');
    await evening.scan('u-9', [room()]);
    expect(await evening.scan('u-2', [guestOf('u-9')])).toBe('check-in');
  });

  it('is shown its own visits and its own price', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-1', [seat()]);
    await evening.scanSecond('u-1', [
      seat({ id: 'r-2', space: { id: 'seat-2', kind: 'seat' }, yenPer30Min: 100 }),
    ]);
    const { journal, clock } = evening.walk;
    const venue = venueOf();
    const shownTo = (iss: string) => {
      const { credential } = requestOf({ now: '09:00', credential: { iss } });
      const visits = createOwnVisits(venue, journal)(credential).map(({ space }) => space);
      const { stays } = createPreview({ venue, journal, clock })(credential);
      return [visits, stays.map(({ charge }) => charge?.yen)];
    };
    expect(shownTo('https://issuer.example')).toEqual([['seat-12'], [500]]);
    expect(shownTo('https://second.example')).toEqual([['seat-2'], [100]]);
    expect(shownTo('https://third.example')).toEqual([[], []]);
  });

  it('does not get the answer that the first’s presence ticket was spent on', async () => {
    const { clock, nonces } = (await Evening.begin()).walk;
    const presence = new Presence({
      doors: [{ id: 'front', code: { entry: 'rotating', exit: 'static' } }],
      nonces,
      clock,
      secret: Buffer.alloc(32, 1),
      onCodesTaken: () => undefined,
    });
    const code = presence.shown('front', 'entry')?.code ?? '';
    const redeemed = presence.redeem('front', 'entry', code, '192.168.1.20');
    const ticket = presence.ticket(
      'front',
      'entry',
      redeemed.kind === 'ticket' ? redeemed.ticket : undefined,
    );
    ticket?.spend({ iss: 'https://issuer.example', sub: 'u-1' });
    expect(ticket?.standing({ iss: 'https://issuer.example', sub: 'u-1' })).toBe('spent');
    expect(ticket?.standing({ iss: 'https://second.example', sub: 'u-1' })).toBe('none');
  });

  it('uses up its own ticket t-1, and leaves the first’s with 0 of 31 uses to its 31st', async () => {
    const evening = await Evening.begin();
    expect(await evening.scanSecond('u-1', [ticket({ used: 30 })])).toBe('check-in');
    await evening.until('09:01');
    expect(await evening.scan('u-1', [ticket({ used: 30 })])).toBe('check-in');
    expect(evening.all('stay.checked-in').map(({ visit }) => visit)).toMatchObject([
      { used: 31, remaining: 0 },
      { used: 31, remaining: 0 },
    ]);
  });
});
