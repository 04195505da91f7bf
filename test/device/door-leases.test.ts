import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LeaseExchange } from '../../device/door/leases.ts';
import type { LeaseOutcome } from '../../device/ports.ts';
import type { Result } from '../../device/protocol.generated.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const lease = { id: 7, durationMs: 3000, fence: 0 };

/** An exchange whose frames bear the sequence numbers 1, 2, 3 … */
function exchange(): { leases: LeaseExchange; sent: number[] } {
  const sent: number[] = [];
  const leases = new LeaseExchange(({ id }) => sent.push(id));
  return { leases, sent };
}

describe('a lease on the line', () => {
  it.each<[Result, LeaseOutcome]>([
    ['accepted', 'accepted'],
    ['stale-boot', 'refused'],
    ['superseded', 'superseded'],
    ['out-of-range', 'refused'],
    ['bad-length', 'refused'],
    ['unknown-type', 'refused'],
  ])('that is answered %s is %s', async (result, outcome) => {
    const { leases, sent } = exchange();
    const pulse = leases.pulse(lease);
    leases.acknowledged(1, result);
    expect(await pulse).toBe(outcome);
    expect(sent).toEqual([7]);
  });

  it('is sent once more after 150 ms without an ack, with the same id, and not a third time', async () => {
    const { leases, sent } = exchange();
    const pulse = leases.pulse(lease);
    vi.advanceTimersByTime(149);
    expect(sent).toEqual([7]);
    vi.advanceTimersByTime(1);
    expect(sent).toEqual([7, 7]);
    vi.advanceTimersByTime(349);
    expect(sent).toEqual([7, 7]);
    leases.acknowledged(2, 'accepted');
    expect(await pulse).toBe('accepted');
  });

  it('is unreachable after 500 ms without an ack, and a later ack changes nothing', async () => {
    const { leases } = exchange();
    const pulse = leases.pulse(lease);
    vi.advanceTimersByTime(500);
    leases.acknowledged(1, 'accepted');
    expect(await pulse).toBe('unreachable');
  });

  it('that is answered repeated to our own resend was accepted', async () => {
    const { leases } = exchange();
    const pulse = leases.pulse(lease);
    vi.advanceTimersByTime(150);
    leases.acknowledged(2, 'repeated');
    expect(await pulse).toBe('accepted');
  });

  it('that was unreachable and is asked for again is repeated if the firmware says so', async () => {
    const { leases } = exchange();
    const first = leases.pulse(lease);
    vi.advanceTimersByTime(500);
    await first;
    const second = leases.pulse(lease);
    leases.acknowledged(3, 'repeated');
    expect(await second).toBe('repeated');
  });

  it('whose frame was damaged is sent again at once', async () => {
    const { leases, sent } = exchange();
    const pulse = leases.pulse(lease);
    leases.acknowledged(1, 'bad-crc');
    expect(sent).toEqual([7, 7]);
    leases.acknowledged(2, 'accepted');
    expect(await pulse).toBe('accepted');
  });

  it('whose frame was damaged twice is unreachable, not accepted', async () => {
    const { leases, sent } = exchange();
    const pulse = leases.pulse(lease);
    leases.acknowledged(1, 'bad-crc');
    leases.acknowledged(2, 'bad-crc');
    vi.advanceTimersByTime(500);
    expect(await pulse).toBe('unreachable');
    expect(sent).toEqual([7, 7]);
  });

  it('is settled by its own ack only', async () => {
    const { leases } = exchange();
    const first = leases.pulse({ id: 1, durationMs: 200, fence: 0 });
    const second = leases.pulse({ id: 2, durationMs: 200, fence: 0 });
    leases.acknowledged(9, 'stale-boot');
    leases.acknowledged(2, 'out-of-range');
    leases.acknowledged(1, 'accepted');
    expect(await Promise.all([first, second])).toEqual(['accepted', 'refused']);
  });

  it('is unreachable at once when it is abandoned, and is not sent again', async () => {
    const { leases, sent } = exchange();
    const pulse = leases.pulse(lease);
    leases.abandon();
    expect(await pulse).toBe('unreachable');
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([7]);
  });

  it('is superseded at once by a secure, is not sent again, and a late ack changes nothing', async () => {
    const { leases, sent } = exchange();
    const pulse = leases.pulse(lease);
    const hold = leases.hold(() => sent.push(0));
    leases.supersede();
    leases.acknowledged(1, 'bad-crc');
    leases.acknowledged(2, 'accepted');
    vi.advanceTimersByTime(1000);
    expect(await Promise.all([pulse, hold])).toEqual(['superseded', 'superseded']);
    expect(sent).toEqual([7, 0]);
  });

  it('is superseded without the secure that waits beside it', async () => {
    const { leases, sent } = exchange();
    const former = leases.ask(() => sent.push(0));
    leases.supersede();
    leases.acknowledged(1, 'accepted');
    expect(await former).toBe('accepted');
  });

  it.each([
    ['of 199 ms', { id: 1, durationMs: 199, fence: 0 }],
    ['of 10,001 ms', { id: 1, durationMs: 10_001, fence: 0 }],
    ['of 66,000 ms, which would wrap to 464', { id: 1, durationMs: 66_000, fence: 0 }],
    ['of half a millisecond more', { id: 1, durationMs: 500.5, fence: 0 }],
    ['with a negative id', { id: -1, durationMs: 500, fence: 0 }],
    ['with an id above 32 bits', { id: 2 ** 32, durationMs: 500, fence: 0 }],
  ])('%s is refused unsent', async (_name, wrong) => {
    const { leases, sent } = exchange();
    expect(await leases.pulse(wrong)).toBe('refused');
    expect(sent).toEqual([]);
  });
});
