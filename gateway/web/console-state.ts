import { dirname } from 'node:path';
import { DAY_MS, MINUTE_MS, parseInstant } from '../../shared/time.ts';
import type { PublishedEvent } from '../../shared/contract/events.ts';
import { CHARGE_FLAGS } from '../../shared/contract/charge.ts';
import { SEVERITY, type Alarm } from '../../shared/contract/alarm.ts';
import type { Stay } from '../access/stay.ts';
import { every } from '../clock/clock.ts';
import type { StoredAlarm } from '../journal/alarms.ts';
import { freeBytesAt } from '../journal/disk-room.ts';
import { oldestWaitingMs } from '../uplink/custody.ts';
import type { LastAccess, LineSample, OpenStay, VenueNow } from './answers.ts';
import type { WebOptions } from './options.ts';

/** Open stays that are listed. The count is exact. */
const STAYS_MAX = 200;

/** How far back stays are listed that an operator has to look at, and how many. */
const REVIEW_MS = 14 * DAY_MS;
const REVIEW_MAX = 50;

/** Events read at the start, to know the last access of each door. */
const LOOK_BACK = 500;

/** A sample of the line a minute, for a day. */
const SAMPLE_EVERY_MS = MINUTE_MS;
const SAMPLES_MAX = 24 * 60;

/** How often the disk is asked for its free bytes, in milliseconds. */
const DISK_EVERY_MS = 30_000;

/** What the console shows of the venue, put together for all who look. */
export class ConsoleState {
  readonly #options: WebOptions;
  readonly #lastAccess = new Map<string, LastAccess>();
  readonly #samples: LineSample[] = [];
  #seq: number;
  #lastScanMs: number | null = null;
  #disk: { atMs: number; freeBytes: number | null } = { atMs: -Infinity, freeBytes: null };
  readonly #stop: () => void;
  #cancel: () => void = () => undefined;

  constructor(options: WebOptions) {
    this.#options = options;
    const { journal } = options;
    this.#seq = Math.max(0, journal.lastSeq - LOOK_BACK);
    this.#read();
    this.#stop = journal.onAppend(() => this.#read());
    this.#cancel = every(options.clock, SAMPLE_EVERY_MS, () => this.#sample());
    this.#sample();
  }

  close(): void {
    this.#stop();
    this.#cancel();
  }

  /** The last presentation of anything to any reader or page, epoch milliseconds. */
  get lastScanMs(): number | null {
    return this.#lastScanMs;
  }

  get samples(): readonly LineSample[] {
    return this.#samples;
  }

  now(): VenueNow {
    const { doors, readers, journal, line, config, clock, control, alarms, occupancy } = this.#options;
    const open = journal.stays.open();
    return {
      venue: { id: config.venue.id, name: config.venue.name },
      at: clock.wallMs(),
      clock: clock.trust(),
      hasUplink: line.isFitted,
      online: line.isOnline,
      storage: journal.fault === null ? 'ok' : 'degraded',
      ledger: {
        epoch: journal.epoch,
        last: journal.lastSeq,
        receipted: journal.custody.seq,
        oldestWaitingMs: line.isFitted ? oldestWaitingMs(journal) : null,
      },
      inside: open.length,
      occupancy: occupancy(),
      freeBytes: this.freeBytes,
      doors: doors.reports().map((report) => {
        const order = control.order(report.door);
        return {
          ...report,
          scanners: readers.health().filter(({ door }) => door === report.door),
          lastAccess: this.#lastAccess.get(report.door) ?? null,
          order: order && {
            by: order.by,
            reason: order.reason,
            sinceMs: order.sinceMs,
            untilMs: order.untilMs,
          },
        };
      }),
      stays: open.slice(-STAYS_MAX).map(shown),
      review: journal.stays.toReview(clock.wallMs() - REVIEW_MS, REVIEW_MAX).map((stay) => ({
        ...shown(stay),
        flags: CHARGE_FLAGS.filter((flag) => [...stay.flags, ...(stay.charge?.flags ?? [])].includes(flag)),
        yen: stay.charge?.yen ?? null,
      })),
      alarms: alarms.open().map(withSeverity),
    };
  }

  #read(): void {
    const { journal } = this.#options;
    for (;;) {
      const rows = journal.eventsAfter(this.#seq, LOOK_BACK);
      for (const { body } of rows) {
        // Most events are none of these; only these are worth parsing.
        if (!body.includes('genkan.access.')) continue;
        this.#note(JSON.parse(body) as PublishedEvent);
      }
      this.#seq = rows.at(-1)?.seq ?? this.#seq;
      if (rows.length < LOOK_BACK) return;
    }
  }

  #note(event: PublishedEvent): void {
    const { type, time: at } = event;
    if (type === 'genkan.access.granted.v1') {
      const { door, iss, sub, kind } = event.data;
      this.#lastAccess.set(door, { at, iss, sub, granted: true, what: kind });
    } else if (type === 'genkan.access.denied.v1') {
      const { door, iss, sub, reason } = event.data;
      this.#lastAccess.set(door, { at, iss, sub, granted: false, what: reason });
    } else return;
    this.#lastScanMs = parseInstant(at);
  }

  #sample(): void {
    const { journal, clock } = this.#options;
    const { seq } = journal.custody;
    const oldestMs = oldestWaitingMs(journal);
    const atMs = clock.wallMs();
    const oldestS = oldestMs === null ? 0 : Math.max(0, Math.round((atMs - oldestMs) / 1_000));
    this.#samples.push({ atMs, backlog: journal.lastSeq - seq, oldestS });
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
  }

  /** Free bytes of the journal's disk, asked for now and then; `null` where nobody says. */
  get freeBytes(): number | null {
    const { config, clock } = this.#options;
    if (clock.monotonicMs() - this.#disk.atMs >= DISK_EVERY_MS) {
      this.#disk = { atMs: clock.monotonicMs(), freeBytes: freeBytesAt(dirname(config.gateway.journal)) };
    }
    return this.#disk.freeBytes;
  }
}

function shown({ id, iss, sub, entitlement, checkInMs, endsAtMs, flags }: Stay): OpenStay {
  const space = entitlement.kind === 'reservation' ? entitlement.space.id : null;
  return { id, iss, sub, kind: entitlement.kind, space, checkInMs, endsAtMs, flags: [...flags] };
}

/** How grave an alarm is goes with it: the page knows no table of its own. */
export function withSeverity(alarm: StoredAlarm): Alarm {
  return { ...alarm, severity: SEVERITY[alarm.kind] };
}
