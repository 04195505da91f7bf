import type { DoorController } from '../../device/ports.ts';
import type { GatewayConfig } from '../../shared/contract/config.ts';
import { formatInstant, HOUR_MS, MINUTE_MS, parseInstant } from '../../shared/time.ts';
import { isCancelledInTime } from '../access/synced.ts';
import type { Certificate } from '../certificate.ts';
import type { Clock } from '../clock/clock.ts';
import type { Doors } from '../door/doors.ts';
import type { Readers } from '../door/readers.ts';
import type { DiskRoom } from '../journal/disk-room.ts';
import type { Journal } from '../journal/journal.ts';
import { otherGateway, type OtherGateway } from '../journal/other-gateway.ts';
import type { DenialFloods } from '../door/denial-floods.ts';
import type { Trust } from '../credential/trust.ts';
import type { CloudLine } from '../uplink/cloud-line.ts';
import { oldestWaitingMs } from '../uplink/custody.ts';
import { SUPPLY_LOW_MV, type AlarmFacts } from './conditions.ts';

/** How long after its start a gateway waits for what still has to come up, in milliseconds. */
const SETTLING_MS = 10_000;

/** How often reservations are compared with scans, in milliseconds: it is half an hour without one that matters. */
const BOOKINGS_EVERY_MS = 5 * MINUTE_MS;

export interface AlarmFactsOptions {
  readonly config: Pick<GatewayConfig, 'venue' | 'console'>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly doors: Pick<Doors, 'health'>;
  readonly readers: Pick<Readers, 'health'>;
  readonly controllers: readonly Pick<DoorController, 'door' | 'report'>[];
  readonly trust: Pick<Trust, 'staleHours'> | null;
  readonly certificate: Pick<Certificate, 'health'> | null;
  readonly denials: Pick<DenialFloods, 'floodedDoors' | 'doorsWithoutCodes'>;
  readonly line: Pick<CloudLine, 'isFitted' | 'isOnline' | 'refusal' | 'refusedTopics'>;
  /** Default: nobody watches the disk. */
  readonly disk?: Pick<DiskRoom, 'step'> | undefined;
}

/** The gravest thing that is wrong with the journal or its disk, or `null`. */
function storageTrouble(journal: Journal, disk: Pick<DiskRoom, 'step'> | undefined): string | null {
  if (journal.fault !== null) return journal.fault.code;
  if (journal.isReplayStoreFull) return 'REPLAY_STORE_FULL';
  // A damaged file that was set aside is for somebody to look into.
  if (journal.isSuccessor) return 'NEW_EPOCH';
  return disk === undefined || disk.step === 'well' ? null : `DISK_${disk.step.toUpperCase()}`;
}

/** Two that the broker lets in by turns are never there at once: one that was there lately is there still. */
function otherGatewayNow(other: OtherGateway | null, nowMs: number): string | null {
  if (other === null || (other.untilMs !== null && nowMs - other.untilMs >= HOUR_MS)) return null;
  return `${other.gateway} ${other.epoch}`;
}

/**
 * For how long the oldest event has been without a receipt, in milliseconds: by its own time, and no longer than the
 * gateway runs, since a venue that was switched off for a week, or a clock that was set, keeps nobody waiting.
 */
function billingWaitMs(oldestMs: number | null, clock: Clock, startedMs: number): number | null {
  return oldestMs === null ? null : Math.min(clock.wallMs() - oldestMs, clock.monotonicMs() - startedMs);
}

/** Reads the facts that alarms follow from. Remembers only since when something lasts. */
export function alarmFacts(options: AlarmFactsOptions): () => AlarmFacts {
  const { config, journal, clock, doors, readers, controllers, denials, trust, certificate, line, disk } =
    options;
  const { venue } = config;
  const startedMs = clock.monotonicMs();
  /** Monotonic time since which something holds, by its name. */
  const since = new Map<string, number>();
  const lastsMs = (name: string, holds: boolean): number => {
    if (!holds) {
      since.delete(name);
      return 0;
    }
    const nowMs = clock.monotonicMs();
    const sinceMs = since.get(name) ?? nowMs;
    since.set(name, sinceMs);
    return nowMs - sinceMs;
  };
  let bookings: {
    readonly atMs: number;
    /** After how many writes of visits, and between which instants of the wall clock it holds by itself. */
    readonly writes: number;
    readonly fromMs: number;
    readonly untilMs: number;
    readonly startsMs: readonly number[];
    readonly lastScanMs: number | null;
    readonly pastClosing: readonly string[];
  } = {
    atMs: -Infinity,
    writes: -1,
    fromMs: 0,
    untilMs: 0,
    startsMs: [],
    lastScanMs: null,
    pastClosing: [],
  };

  const compareBookings = (nowMs: number): typeof bookings => {
    const { synced, visitWrites: writes } = journal;
    const inForce = synced.at(nowMs);
    const late = synced.pastClosing(nowMs);
    const booked = inForce.filter((known) => !isCancelledInTime(known, venue));
    const ends = [...inForce, ...late].map(({ reservation }) => parseInstant(reservation.end));
    return {
      atMs: clock.monotonicMs(),
      writes,
      fromMs: nowMs,
      untilMs: Math.min(synced.nextStartMs(nowMs) ?? Infinity, ...ends),
      startsMs: booked.map(({ reservation }) => parseInstant(reservation.start)),
      lastScanMs: journal.decisions.lastMs(),
      pastClosing: late
        .filter((known) => !isCancelledInTime(known, venue))
        .map(
          ({ reservation: { space, end } }) =>
            `${space.id} ${formatInstant(parseInstant(end), venue.timeZone)}`,
        ),
    };
  };

  const stillHolds = (nowMs: number): boolean =>
    bookings.writes === journal.visitWrites && nowMs >= bookings.fromMs && nowMs < bookings.untilMs;

  // Looked at all the time: what was read of the journal holds until its next commit.
  let read: {
    readonly commits: number;
    readonly oldestMs: number | null;
    readonly other: OtherGateway | null;
  } = { commits: -1, oldestMs: null, other: null };
  const readJournal = (): typeof read => {
    const { commits } = journal;
    if (read.commits === commits) return read;
    return {
      commits,
      oldestMs: line.isFitted ? oldestWaitingMs(journal) : null,
      other: otherGateway(journal),
    };
  };

  return () => {
    const nowMs = clock.wallMs();
    read = readJournal();
    const monotonicMs = clock.monotonicMs();
    const isDown = line.isFitted && !line.isOnline;
    const downMs = lastsMs('line', isDown);
    if (monotonicMs - bookings.atMs >= BOOKINGS_EVERY_MS && !stillHolds(nowMs))
      bookings = compareBookings(nowMs);
    return {
      nowMs,
      doors: doors.health(),
      scanners: readers.health(),
      boards: controllers.map(({ door, report: { inputs, supplyMv } }) => ({
        door,
        exitPressedMs: lastsMs(`exit ${door}`, inputs?.['exit-button'] === true),
        supplyLowMs: lastsMs(`supply ${door}`, supplyMv !== null && supplyMv < SUPPLY_LOW_MV),
      })),
      floodedDoors: denials.floodedDoors(),
      doorsWithoutCodes: denials.doorsWithoutCodes(),
      storage: storageTrouble(journal, disk),
      clock: clock.trust(),
      trustStaleHours: trust?.staleHours ?? null,
      certificateEndsMs: certificate?.health().endsMs ?? null,
      certificateRefused: (certificate?.health().refused ?? null) !== null,
      lineDownMs: isDown ? downMs : null,
      lineDownAfterMs: config.console.lineDownMinutes * MINUTE_MS,
      refusedEvents: line.refusal,
      refusedTopics: line.refusedTopics,
      billingWaitMs: billingWaitMs(read.oldestMs, clock, startedMs),
      billingLateAfterMs: config.console.billingLateMinutes * MINUTE_MS,
      billingSilentAfterMs: config.console.billingSilentMinutes * MINUTE_MS,
      bookedSinceMs: bookings.startsMs,
      lastScanMs: bookings.lastScanMs,
      pastClosing: bookings.pastClosing,
      otherGateway: otherGatewayNow(read.other, nowMs),
      isSettling: monotonicMs - startedMs < SETTLING_MS,
    };
  };
}
