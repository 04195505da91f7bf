import { describe, expect, it } from 'vitest';
import { conditionsOf, type AlarmFacts } from '../../../gateway/alarms/conditions.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../shared/time.ts';
import { door, NOW_MS, WELL } from './well.ts';

const board = (more: object) => [{ door: 'front', exitPressedMs: 0, supplyLowMs: 0, ...more }];
const booked = (...minutesAgo: number[]) => minutesAgo.map((ago) => NOW_MS - ago * MINUTE_MS);

/** Each cause at its boundary: the last facts without the alarm, and the first with it. */
const BOUNDARIES: readonly (readonly [string, Partial<AlarmFacts>, Partial<AlarmFacts>])[] = [
  ['controller-lost', { doors: door({}) }, { doors: door({ controller: 'offline' }) }],
  ['forced-open', { doors: door({}) }, { doors: door({ alarms: ['forced-open'] }) }],
  [
    'scanner-lost',
    { scanners: [{ door: 'front', side: 'exit', online: null }] },
    { scanners: [{ door: 'front', side: 'exit', online: false }] },
  ],
  [
    'exit-stuck',
    { boards: board({ exitPressedMs: MINUTE_MS - 1 }) },
    { boards: board({ exitPressedMs: MINUTE_MS }) },
  ],
  [
    'supply-low',
    { boards: board({ supplyLowMs: 10 * SECOND_MS - 1 }) },
    { boards: board({ supplyLowMs: 10 * SECOND_MS }) },
  ],
  ['many-refusals', { floodedDoors: [] }, { floodedDoors: ['front'] }],
  ['codes-taken', { doorsWithoutCodes: [] }, { doorsWithoutCodes: ['front'] }],
  ['storage', { storage: null }, { storage: 'SQLITE_FULL' }],
  ['second-gateway', { otherGateway: null }, { otherGateway: 'gw-2 01JD1111111111111111111111' }],
  ['clock', { clock: 'holdover' }, { clock: 'untrusted' }],
  ['trust', { trustStaleHours: null }, { trustStaleHours: 25 }],
  [
    'certificate',
    { certificateEndsMs: NOW_MS + 21 * DAY_MS },
    { certificateEndsMs: NOW_MS + 21 * DAY_MS - 1 },
  ],
  ['line-down', { lineDownMs: 10 * MINUTE_MS - 1 }, { lineDownMs: 10 * MINUTE_MS }],
  ['events-refused', { refusedEvents: null }, { refusedEvents: 'quota-exceeded' }],
  ['subscription-refused', { refusedTopics: [] }, { refusedTopics: ['genkan/v1/shibuya-1/receipts'] }],
  ['billing-late', { billingWaitMs: 15 * MINUTE_MS - 1 }, { billingWaitMs: 15 * MINUTE_MS }],
  ['billing-silent', { billingWaitMs: HOUR_MS - 1, billingLateAfterMs: HOUR_MS }, { billingWaitMs: HOUR_MS }],
  ['no-scans', { bookedSinceMs: booked(31, 29) }, { bookedSinceMs: booked(31, 30) }],
];

describe('an alarm', () => {
  it('is not raised where nothing is wrong', () => {
    expect(conditionsOf({ ...WELL, doors: door({}) })).toEqual([]);
  });

  it.each(BOUNDARIES)('%s begins at its boundary and not before', (kind, before, after) => {
    expect(conditionsOf({ ...WELL, ...before })).toEqual([]);
    expect(conditionsOf({ ...WELL, ...after }).map((condition) => condition.kind)).toEqual([kind]);
  });

  it('about missing scans ends with any presentation since the first of the bookings', () => {
    const bookedSinceMs = booked(60, 45);
    expect(conditionsOf({ ...WELL, bookedSinceMs, lastScanMs: NOW_MS - HOUR_MS })).toEqual([]);
    expect(conditionsOf({ ...WELL, bookedSinceMs, lastScanMs: NOW_MS - HOUR_MS - 1 })).toHaveLength(1);
  });

  it('about what still has to come up waits until the gateway has settled', () => {
    const facts = {
      ...WELL,
      isSettling: true,
      clock: 'untrusted',
      doors: door({ controller: 'offline' }),
      scanners: [{ door: 'front', side: 'entry', online: false }],
    } as const;
    expect(conditionsOf(facts)).toEqual([]);
    expect(conditionsOf({ ...facts, isSettling: false }).map(({ kind }) => kind)).toEqual([
      'controller-lost',
      'scanner-lost',
      'clock',
    ]);
  });
});
