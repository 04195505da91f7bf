import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../shared/contract/events.ts';
import { seat } from '../access/told.ts';
import { rig, type Rig } from '../visits/rig.ts';

const RESERVATION = seat();
const OTHER = seat({ id: 'r-2', space: { id: 'seat-2', kind: 'seat' } });

const flagsOf = ({ gateway }: Rig) =>
  gateway.journal
    .eventsAfter(0, 1_000)
    .map(({ body }) => parseEvent(JSON.parse(body)))
    .flatMap((event) => (event.name === 'stay.checked-in' ? [event.data.flags] : []));

describe('while nobody vouches for the time', () => {
  it('a venue that refuses lets nobody in by it, and everybody out', async () => {
    const venue = await rig({ whenUntrusted: 'refuse' });
    expect(await venue.scan('u-1', [RESERVATION])).toBe('check-in');
    venue.clock.trusted = 'untrusted';
    expect(await venue.scan('u-2', [OTHER])).toBe('clock-untrusted');
    expect(await venue.scan('u-1', [RESERVATION], 'exit')).toBe('check-out');
    venue.clock.trusted = 'trusted';
    venue.clock.moveBy(11_000);
    expect(await venue.scan('u-2', [OTHER])).toBe('check-in');
  });

  it('a venue that admits flags the stay', async () => {
    const venue = await rig();
    venue.clock.trusted = 'untrusted';
    expect(await venue.scan('u-1', [RESERVATION])).toBe('check-in');
    venue.clock.trusted = 'holdover';
    expect(await venue.scan('u-2', [OTHER])).toBe('check-in');
    expect(flagsOf(venue)).toEqual([['clock-untrusted'], []]);
  });
});
