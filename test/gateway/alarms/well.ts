import type { AlarmFacts } from '../../../gateway/alarms/conditions.ts';
import { HOUR_MS, MINUTE_MS } from '../../../shared/time.ts';

export const NOW_MS = Date.parse('2026-11-24T12:00:00+09:00');

/** A venue where nothing is wrong. */
export const WELL: AlarmFacts = {
  nowMs: NOW_MS,
  doors: [],
  scanners: [{ door: 'front', side: 'entry', online: true }],
  boards: [{ door: 'front', exitPressedMs: 0, supplyLowMs: 0 }],
  floodedDoors: [],
  doorsWithoutCodes: [],
  storage: null,
  clock: 'trusted',
  trustStaleHours: null,
  certificateEndsMs: null,
  lineDownMs: null,
  lineDownAfterMs: 10 * MINUTE_MS,
  refusedEvents: null,
  refusedTopics: [],
  billingWaitMs: null,
  billingLateAfterMs: 15 * MINUTE_MS,
  billingSilentAfterMs: HOUR_MS,
  bookedSinceMs: [],
  lastScanMs: null,
  pastClosing: [],
  otherGateway: null,
  isSettling: false,
};

/** Facts of one door, the rest of it well. */
export const door = (more: object) =>
  [
    {
      door: 'front',
      controller: 'online',
      alarms: [],
      ...more,
    },
  ] as AlarmFacts['doors'];
