import { describe, expect, it } from 'vitest';
import { room, seat, ticket } from '../access/told.ts';
import { said } from '../door/walk.ts';
import { Evening } from './evening.ts';

const inForce = (evening: Evening) =>
  [
    ...evening.all('charge.computed').map(({ charge }) => charge),
    ...evening.all('charge.superseded').map(({ after }) => after),
  ].at(-1);

/** Stays that the operator's console lists, with what they are listed for. */
const listed = ({ walk }: Evening) =>
  walk.journal.stays.toReview(walk.clock.wallMs() - 24 * 3600_000, 10).map(({ id }) => id);

describe('a forgotten check-out behind a door that was released and never opened', () => {
  const neverOpened = async (booked = seat(), venue = {}) => {
    const evening = await Evening.begin(venue);
    evening.walksIn = false;
    expect(await evening.scan('u-1', [booked])).toBe('check-in');
    await evening.until('09:01');
    expect(evening.all('access.not-taken')).toMatchObject([{ reason: 'not-opened' }]);
    return evening;
  };

  it('keeps its 9,000 and is for the operator to look at: 3,000 where nobody ever entered', async () => {
    const evening = await neverOpened();
    await evening.until('18:02');
    expect(inForce(evening)).toMatchObject({ yen: 9_000, flags: ['review', 'door-not-opened'] });
    expect(inForce(evening)?.alternatives).toContainEqual({ reading: 'never-entered', yen: 3_000 });
    expect(listed(evening)).toEqual([evening.all('stay.checked-in')[0]?.stay]);
  });

  it('is that by the check-in of the next morning too', async () => {
    const evening = await neverOpened();
    evening.walk.clock.trusted = 'untrusted';
    await evening.until('2025-10-21T09:00:00+09:00');
    evening.walk.clock.trusted = 'trusted';
    const next = seat({ id: 'r-9', start: '2025-10-21T09:00:00+09:00', end: '2025-10-21T10:00:00+09:00' });
    expect(await evening.scan('u-1', [next])).toBe('check-in');
    expect(inForce(evening)).toMatchObject({
      yen: 9_000,
      flags: ['review', 'settled-late', 'door-not-opened'],
    });
  });

  it.each([
    [
      'whose door did open',
      async (evening: Evening) => {
        await evening.walk.clock.advance(100);
        evening.walk.open();
      },
    ],
    [
      'who came back in at 10:00 by a door that opened',
      async (evening: Evening) => {
        await evening.until('10:00');
        expect(await evening.scan('u-1', [seat()])).toBe('re-entry');
        await evening.walk.clock.advance(100);
        evening.walk.open();
      },
    ],
  ])('is none for a member %s', async (_, enter) => {
    const evening = await Evening.begin();
    evening.walksIn = false;
    await evening.scan('u-1', [seat()]);
    await enter(evening);
    await evening.until('18:02');
    expect(inForce(evening)).toMatchObject({ yen: 9_000, flags: [] });
    expect(listed(evening)).toEqual([]);
  });

  it('is none any more where the member scans out after the settlement: they were inside', async () => {
    const evening = await neverOpened();
    await evening.until('18:02');
    expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
    expect(inForce(evening)).toMatchObject({ yen: 9_000, flags: ['checkout-after-closing'] });
    expect(listed(evening)).toEqual([]);
  });

  it('of a room has no other amount, and of a ticket none: both are listed', async () => {
    const evening = await Evening.begin();
    evening.walksIn = false;
    await evening.scan('u-1', [room()]);
    await evening.scan('u-2', [ticket()]);
    await evening.until('18:02');
    expect(inForce(evening)).toMatchObject({ yen: 3_000, flags: ['review', 'door-not-opened'] });
    expect(listed(evening)).toHaveLength(2);
  });
});

describe('whoever comes back in after the check-out and leaves by the button', () => {
  it.each([
    ['h1t', '09:30', 500],
    ['standard', '12:00', 3_000],
  ])(
    'at a venue of kind %s is flagged at %s, without a scan, and costs the same: %i',
    async (kind, end, yen) => {
      const evening = await Evening.begin({ kind });
      await evening.scan('u-1', [seat()]);
      await evening.until('09:01');
      expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
      await evening.until('09:02');
      expect(await evening.scan('u-1', [seat()])).toBe('re-entry');
      await evening.until(`${end}:59`);
      expect(evening.all('charge.superseded')).toEqual([]);
      await evening.until(end === '09:30' ? '09:32' : '12:02');
      expect(evening.all('charge.superseded')).toMatchObject([
        { reason: 'overstay', after: { yen, flags: ['overstay'] } },
      ]);
      expect(listed(evening)).toEqual([evening.all('stay.checked-in')[0]?.stay]);
      await evening.powerCutUntil('13:00');
      await evening.until('18:30');
      expect(evening.all('charge.superseded')).toHaveLength(1);
      expect(evening.bill()).toEqual({ 'u-1': yen });
    },
  );

  it('is not flagged where a code was shown at the exit at 9:20, before the shortened end of 9:30', async () => {
    const evening = await Evening.begin({ kind: 'h1t' });
    await evening.scan('u-1', [seat()]);
    await evening.until('09:01');
    await evening.scan('u-1', [], 'exit');
    await evening.until('09:02');
    await evening.scan('u-1', [seat()]);
    await evening.until('09:20');
    expect(await evening.scan('u-1', [], 'exit')).toBe('admit');
    await evening.until('12:00');
    expect(evening.all('charge.superseded')).toEqual([]);
  });

  it('is not flagged where the door did not answer the re-entry: nobody came in', async () => {
    const evening = await Evening.begin({ kind: 'h1t' });
    const { walk } = evening;
    await evening.scan('u-1', [seat()]);
    await evening.until('09:01');
    await evening.scan('u-1', [], 'exit');
    await evening.until('09:02');
    walk.front.outcome = 'unreachable';
    expect(said(await walk.show(walk.code(walk.pass([seat()]))))).toBe('re-entry');
    await evening.until('12:00');
    expect(evening.all('charge.superseded')).toEqual([]);
  });
});
