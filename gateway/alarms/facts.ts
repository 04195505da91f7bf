import type { GatewayConfig } from '../../shared/contract/config.ts';
import { MINUTE_MS, parseInstant } from '../../shared/time.ts';
import { isCancelledInTime } from '../access/synced.ts';
import type { Clock } from '../clock/clock.ts';
import type { Doors } from '../doors.ts';
import type { Journal } from '../journal/journal.ts';
import type { AlarmFacts } from './conditions.ts';

/** How long after its start a gateway waits for what still has to come up, in milliseconds. */
const SETTLING_MS = 10_000;

/** How often reservations are compared with scans, in milliseconds. */
const BOOKINGS_EVERY_MS = MINUTE_MS;

export interface AlarmFactsOptions {
  readonly config: Pick<GatewayConfig, 'venue' | 'console'>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly doors: Pick<Doors, 'reports' | 'scanners'>;
  /** Whether the line is up; `null` for a venue without a cloud. */
  readonly line: (() => boolean) | null;
}

/** Reads the facts that alarms follow from. Remembers only since when the line is down. */
export function alarmFacts({ config, journal, clock, doors, line }: AlarmFactsOptions): () => AlarmFacts {
  const { venue } = config;
  const startedMs = clock.monotonicMs();
  let downSinceMs: number | null = null;
  let bookings: {
    readonly atMs: number;
    readonly startsMs: readonly number[];
    readonly lastScanMs: number | null;
  } = {
    atMs: -Infinity,
    startsMs: [],
    lastScanMs: null,
  };

  const compareBookings = (nowMs: number): typeof bookings => {
    const booked = journal.synced.at(nowMs).filter((known) => !isCancelledInTime(known, venue));
    return {
      atMs: clock.monotonicMs(),
      startsMs: booked.map(({ reservation }) => parseInstant(reservation.start)),
      lastScanMs: journal.lastDecisionMs(),
    };
  };

  return () => {
    const nowMs = clock.wallMs();
    const monotonicMs = clock.monotonicMs();
    downSinceMs = line === null || line() ? null : (downSinceMs ?? monotonicMs);
    if (monotonicMs - bookings.atMs >= BOOKINGS_EVERY_MS) bookings = compareBookings(nowMs);
    return {
      nowMs,
      doors: doors.reports(),
      scanners: doors.scanners(),
      storage: journal.fault?.code ?? null,
      clock: clock.trust(),
      trustStaleHours: null,
      certificateEndsMs: null,
      lineDownMs: downSinceMs === null ? null : monotonicMs - downSinceMs,
      lineDownAfterMs: config.console.lineDownMinutes * MINUTE_MS,
      bookedSinceMs: bookings.startsMs,
      lastScanMs: bookings.lastScanMs,
      isSettling: monotonicMs - startedMs < SETTLING_MS,
    };
  };
}
