import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Departures } from '../../../gateway/visits/departures.ts';
import { seat, ticket, venueOf } from '../access/told.ts';
import { Evening } from './evening.ts';

/** An H1T venue whose exits are watched, where u-1 has checked out of a seat at 10:29. */
async function checkedOut(
  has: readonly unknown[] = [seat()],
): Promise<{ evening: Evening; departures: Departures; leaf: { open: boolean | null }; stay: string }> {
  const evening = await Evening.begin({ kind: 'h1t' });
  const leaf: { open: boolean | null } = { open: false };
  const departures = new Departures({
    venue: venueOf(),
    journal: evening.walk.journal,
    clock: evening.walk.clock,
    isLeafOpen: () => leaf.open,
    log: pino({ level: 'silent' }),
  });
  onTestFinished(() => departures.close());
  await evening.scan('u-1', has);
  await evening.until('10:29');
  expect(await evening.scan('u-1', has, 'exit')).toBe('check-out');
  return { evening, departures, leaf, stay: evening.all('stay.checked-out')[0]?.stay ?? '' };
}

describe('whoever checks out', () => {
  it('and does not open the exit within a minute is flagged, for the same amount', async () => {
    const { evening, departures, stay } = await checkedOut();
    departures.checkedOut(stay, 'front');
    await evening.walk.clock.advance(59_999);
    expect(evening.all('charge.superseded')).toEqual([]);
    await evening.walk.clock.advance(1);
    expect(evening.all('charge.superseded')).toMatchObject([
      {
        stay,
        reason: 'checkout-not-left',
        before: { yen: 1_500, flags: [] },
        after: { yen: 1_500, flags: ['checkout-not-left'] },
      },
    ]);
    expect(evening.walk.journal.stays.get(stay)?.flags).toEqual(['checkout-not-left']);
    expect(evening.bill()).toEqual({ 'u-1': 1_500 });
  });

  it('and opens the exit within the minute is not', async () => {
    const { evening, departures, stay } = await checkedOut();
    departures.checkedOut(stay, 'front');
    await evening.walk.clock.advance(59_000);
    departures.clear('front');
    await evening.walk.clock.advance(60_000);
    expect(evening.all('charge.superseded')).toEqual([]);
  });

  it('is flagged where only another door opened', async () => {
    const { evening, departures, stay } = await checkedOut();
    departures.checkedOut(stay, 'front');
    departures.clear('back');
    await evening.walk.clock.advance(60_000);
    expect(evening.all('charge.superseded')).toHaveLength(1);
  });

  it.each([
    ['through a door that stands open', true],
    ['through a door that nobody sees', null],
  ])('%s is not accused', async (_, open) => {
    const { evening, departures, leaf, stay } = await checkedOut();
    leaf.open = open;
    departures.checkedOut(stay, 'front');
    leaf.open = false;
    await evening.walk.clock.advance(60_000);
    expect(evening.all('charge.superseded')).toEqual([]);
  });

  it('by a ticket is flagged without a charge', async () => {
    const { evening, departures, stay } = await checkedOut([ticket()]);
    departures.checkedOut(stay, 'front');
    await evening.walk.clock.advance(60_000);
    expect(evening.walk.journal.stays.get(stay)?.flags).toEqual(['checkout-not-left']);
    expect(evening.bill()).toEqual({});
  });
});

describe('whoever is inside after the check-out', () => {
  it('leaves within the paid time by a code, as often as they like, and nothing changes', async () => {
    const { evening } = await checkedOut();
    const before = evening.walk.front.leases.length;
    await evening.until('10:29:30');
    expect(await evening.scan('u-1', [], 'exit')).toBe('admit');
    expect(evening.walk.front.leases).toHaveLength(before + 1);
    expect(evening.all('stay.checked-out')).toHaveLength(1);
    expect(evening.all('charge.superseded')).toEqual([]);
  });

  it('is let in again to the shortened end, and no stay is opened', async () => {
    const { evening } = await checkedOut();
    await evening.until('10:29:59');
    expect(await evening.scan('u-1', [seat()])).toBe('re-entry');
    await evening.until('10:30');
    expect(await evening.scan('u-2', [seat()])).toBe('check-in');
    expect(evening.all('stay.checked-in')).toHaveLength(2);
  });

  it.each([
    ['10:29:50', 'at the shortened end', '10:30:59', []],
    ['10:29:50', 'a minute after it', '10:31:00', ['overstay']],
  ])('and came back at %s and leaves %s is flagged for it: %s', async (back, _, leaves, flags) => {
    const { evening } = await checkedOut();
    await evening.until(back);
    expect(await evening.scan('u-1', [seat()])).toBe('re-entry');
    await evening.until(leaves);
    expect(await evening.scan('u-1', [], 'exit')).toBe('admit');
    expect(evening.all('charge.superseded').flatMap(({ after }) => after.flags)).toEqual(flags);
    expect(evening.bill()).toEqual({ 'u-1': 1_500 });
  });

  it('never left, and is seen at the exit after the shortened end: both flags, no yen', async () => {
    const { evening, departures, stay } = await checkedOut();
    departures.checkedOut(stay, 'front');
    await evening.until('11:45');
    expect(await evening.scan('u-1', [], 'exit')).toBe('admit');
    expect(evening.all('charge.superseded').at(-1)).toMatchObject({
      reason: 'overstay',
      after: { yen: 1_500, flags: ['checkout-not-left', 'overstay'] },
    });
    await evening.until('11:50');
    await evening.scan('u-1', [], 'exit');
    expect(evening.all('charge.superseded')).toHaveLength(2);
  });

  it('for all that anybody knows has left: after the shortened end there is nothing to leave', async () => {
    const { evening } = await checkedOut();
    await evening.until('10:31');
    expect(await evening.scan('u-1', [], 'exit')).toBe('no-open-stay');
  });
});
