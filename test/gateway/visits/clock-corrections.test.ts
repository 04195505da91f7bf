import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { EventName } from '../../../shared/contract/events.ts';
import { seat } from '../access/told.ts';
import { recordClock, said, Walk } from '../door/walk.ts';

const START = '2025-10-20T09:00:00+09:00';
const RESERVATION = seat({ start: '2025-10-20T09:00:00+09:00', end: '2025-10-20T12:00:00+09:00' });

let walk: Walk;

beforeEach(async () => {
  walk = await Walk.start();
  walk.clock.jumpTo(START);
  const record = recordClock(walk);
  onTestFinished(() => record.close());
});

const scan = async (side: 'entry' | 'exit') =>
  said(await walk.show(walk.code(walk.pass([RESERVATION])), side));
const all = (name: EventName) => walk.events().filter((event) => event.name === name);

describe('a clock that is trusted again', () => {
  it('corrects what was stamped meanwhile, supersedes the charge, and overwrites nothing', async () => {
    expect(await scan('entry')).toBe('check-in');
    // The power was cut for two hours; the clock stands where it stood.
    walk.clock.set(START, 'untrusted');
    await walk.clock.advance(15 * 60_000);
    expect(await scan('exit')).toBe('check-out');
    const [computed] = all('charge.computed');
    expect(computed?.data).toMatchObject({
      charge: { yen: 500, clock: 'untrusted', flags: ['clock-untrusted'] },
    });
    await walk.clock.advance(60_000);

    walk.clock.set('2025-10-20T11:16:00+09:00', 'trusted');

    expect(all('gateway.clock-changed').at(-1)?.data).toEqual({
      before: 'untrusted',
      after: 'trusted',
      stepMs: 2 * 3600_000,
      hostStepMs: 2 * 3600_000,
    });
    expect(all('stay.corrected').map(({ data }) => data)).toEqual([
      {
        stay: expect.any(String) as string,
        by: 'clock',
        reason: 'clock-corrected',
        checkIn: null,
        checkOut: '2025-10-20T11:15:00+09:00',
      },
    ]);
    const [superseded] = all('charge.superseded');
    expect(superseded?.data).toMatchObject({
      reason: 'clock-corrected',
      before: { yen: 500 },
      after: { yen: 2500, clock: 'trusted', flags: ['clock-untrusted'] },
    });
    expect(all('charge.computed')).toHaveLength(1);
  });

  it('corrects the check-in of a stay that is still open, by every step since', async () => {
    walk.clock.set(START, 'untrusted');
    expect(await scan('entry')).toBe('check-in');
    await walk.clock.advance(5 * 60_000);
    walk.clock.set('2025-10-20T09:35:00+09:00', 'untrusted');
    await walk.clock.advance(5 * 60_000);
    walk.clock.set('2025-10-20T10:40:00+09:00', 'trusted');
    expect(all('stay.corrected').map(({ data }) => data)).toMatchObject([
      { checkIn: '2025-10-20T10:30:00+09:00', checkOut: null },
    ]);
    expect(all('charge.superseded')).toEqual([]);
    expect(walk.journal.stays.open()[0]).toMatchObject({
      checkInMs: Date.parse('2025-10-20T10:30:00+09:00'),
    });
  });

  it('corrects the stay that a check-in ended too: one of 12:10 that was at 12:40 makes 3,500 of the first 4,000', async () => {
    const second = seat({ id: 'r-9', from: '12:00', to: '14:00' });
    expect(await scan('entry')).toBe('check-in');
    walk.clock.set('2025-10-20T12:10:00+09:00', 'untrusted');
    expect(said(await walk.show(walk.code(walk.pass([second]))))).toBe('check-in');
    expect(all('charge.computed')).toMatchObject([{ data: { charge: { rule: 'late-seat', yen: 3_500 } } }]);
    await walk.clock.advance(60_000);
    walk.clock.set('2025-10-20T12:41:00+09:00', 'trusted');
    expect(all('charge.superseded')).toMatchObject([
      { data: { reason: 'clock-corrected', after: { rule: 'late-seat', yen: 4_000 } } },
    ]);
    expect(all('stay.corrected').map(({ data }) => data)).toMatchObject([
      { checkIn: null, checkOut: '2025-10-20T12:40:00+09:00' },
      { checkIn: '2025-10-20T12:40:00+09:00', checkOut: null },
    ]);
  });

  it('leaves alone what a trusted clock has stamped, and what is right to the minute', async () => {
    expect(await scan('entry')).toBe('check-in');
    walk.clock.set(START, 'untrusted');
    await walk.clock.advance(60_000);
    expect(await scan('exit')).toBe('check-out');
    walk.clock.set('2025-10-20T09:01:59+09:00', 'trusted');
    expect(all('gateway.clock-changed')).toHaveLength(2);
    expect(all('stay.corrected')).toEqual([]);
  });

  it('corrects once: the next change has nothing left to correct', async () => {
    walk.clock.set(START, 'untrusted');
    expect(await scan('entry')).toBe('check-in');
    walk.clock.set('2025-10-20T10:00:00+09:00', 'trusted');
    walk.clock.set('2025-10-20T10:00:00+09:00', 'holdover');
    walk.clock.set('2025-10-20T10:30:00+09:00', 'trusted');
    expect(all('stay.corrected')).toHaveLength(1);
  });
});
