import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import packageJson from '../../package.json' with { type: 'json' };
import { RULESET } from '../../shared/contract/charge.ts';
import type { GatewayConfig } from '../../shared/contract/config.ts';
import type { ClockTrust } from '../../shared/contract/events.ts';
import type { Occupancy } from '../../shared/contract/state.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { SEVERITY } from '../../shared/contract/alarm.ts';
import type { Alarms } from '../alarms/alarms.ts';
import type { Clock } from '../clock/clock.ts';
import type { Doors } from '../door/doors.ts';
import type { Readers } from '../door/readers.ts';
import type { Journal } from '../journal/journal.ts';
import { oldestWaitingMs } from '../uplink/custody.ts';
import { EventCounts } from './event-counts.ts';

/** Upper bounds of the decision's histogram, in seconds. A member notices from about 0.2 s on. */
const DECISION_BUCKETS_S = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2];

const CLOCK_STATES: readonly ClockTrust[] = ['trusted', 'holdover', 'untrusted'];

/** Resolution of the event loop's delay, in milliseconds. */
const LOOP_RESOLUTION_MS = 20;

/** What the figures are read from. */
export interface MetricSources {
  readonly config: Pick<GatewayConfig, 'venue' | 'gateway'>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly doors: Pick<Doors, 'reports'>;
  readonly readers: Pick<Readers, 'health'>;
  readonly alarms: Pick<Alarms, 'open'>;
  readonly occupancy: () => Occupancy;
  /** The line to the cloud. */
  readonly line: { readonly isOnline: boolean };
  /** Free bytes of the journal's disk; `null` where nobody says. */
  readonly freeBytes: () => number | null;
}

/** The gateway's figures in the text format of Prometheus. Names begin with `genkan_`; no figure names a member. */
export class Metrics {
  readonly registry = new Registry();
  readonly #decision = new Histogram({
    name: 'genkan_decision_seconds',
    help: 'From the bytes of a presentation to its committed decision.',
    buckets: DECISION_BUCKETS_S,
    registers: [this.registry],
  });
  readonly #notices = new Counter({
    name: 'genkan_notifications_total',
    help: 'Attempts to tell an alarm by webhook or mail.',
    labelNames: ['channel', 'outcome'],
    registers: [this.registry],
  });
  readonly #wrongHeads = new Counter({
    name: 'genkan_receipts_wrong_head_total',
    help: 'Receipts that the cloud signed over another ledger than this one: chain heads differ.',
    registers: [this.registry],
  });
  readonly #oldBundles = new Counter({
    name: 'genkan_trust_bundles_old_total',
    help: 'Trust bundles of the cloud with a lower version than the one in force.',
    registers: [this.registry],
  });
  readonly #loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  #counts: EventCounts | null = null;

  /** A presentation was decided. @param durationMs of monotonic time */
  decided(durationMs: number): void {
    this.#decision.observe(durationMs / SECOND_MS);
  }

  /** Somebody was to be told of an alarm. */
  notified(channel: 'webhook' | 'email', outcome: 'delivered' | 'failed'): void {
    this.#notices.inc({ channel, outcome });
  }

  /** The cloud has signed a receipt over another ledger. */
  receiptHadWrongHead(): void {
    this.#wrongHeads.inc();
  }

  /** The cloud has sent a bundle that is older than the one in force. */
  bundleWasOld(): void {
    this.#oldBundles.inc();
  }

  /** Reads everything else from its source at each scrape. To be called once. */
  watch(sources: MetricSources): void {
    const { journal, clock } = sources;
    this.#counts = new EventCounts(journal, clock, this.registry);
    this.#watchProcess();
    this.#watchDoors(sources);
    this.#watchVenue(sources);
    this.#watchJournal(sources);
  }

  /** Everything, as Prometheus reads it. */
  async text(): Promise<string> {
    this.#counts?.count();
    return this.registry.metrics();
  }

  close(): void {
    this.#loop.disable();
    this.#counts?.close();
    this.registry.clear();
  }

  #watchProcess(): void {
    this.#loop.enable();
    this.#gauge(
      'genkan_event_loop_delay_seconds',
      'Delay of the event loop, p99 since the last scrape.',
      () => {
        const seconds = this.#loop.percentile(99) / 1e9;
        this.#loop.reset();
        return Number.isFinite(seconds) ? seconds : 0;
      },
    );
    this.#gauge('genkan_process_resident_memory_bytes', 'Memory of the gateway’s process.', () =>
      process.memoryUsage.rss(),
    );
    const startedS = Math.round(Date.now() / SECOND_MS - process.uptime());
    this.#gauge(
      'genkan_process_start_time_seconds',
      'When the process began, epoch seconds.',
      () => startedS,
    );
    new Counter({
      name: 'genkan_process_cpu_seconds_total',
      help: 'Processor time of the gateway’s process.',
      registers: [this.registry],
      collect() {
        const { user, system } = process.cpuUsage();
        this.reset();
        this.inc((user + system) / 1e6);
      },
    });
  }

  #watchDoors({ doors, readers, alarms }: MetricSources): void {
    const perDoor = (
      name: string,
      help: string,
      read: (door: ReturnType<Doors['reports']>[number]) => boolean | null,
    ) =>
      this.#labelled(name, help, ['door'], () =>
        doors.reports().map((report) => [{ door: report.door }, read(report)] as const),
      );
    perDoor('genkan_controller_online', '1 while the board of a door answers.', (door) => {
      return door.controller === 'online';
    });
    perDoor(
      'genkan_lock_released',
      '1 while the lock is released; no sample while nobody knows.',
      ({ lock }) => {
        return lock === null ? null : lock === 'released';
      },
    );
    perDoor('genkan_door_open', '1 while the leaf is open; no sample while nobody knows.', ({ leaf }) => {
      return leaf === null ? null : leaf === 'open';
    });
    perDoor(
      'genkan_door_mode_normal',
      '0 while a door is held open, locked down or released by fire.',
      (door) => {
        return door.mode === 'normal';
      },
    );
    this.#labelled('genkan_scanner_online', '1 while a reader is there.', ['door', 'side'], () =>
      readers.health().map(({ door, side, online }) => [{ door, side }, online] as const),
    );
    this.#labelled('genkan_alarms_active', 'Alarms whose cause is there.', ['kind', 'severity'], () => {
      const active = alarms.open().filter(({ state }) => state !== 'ended');
      return Object.entries(SEVERITY).map(([kind, severity]) => {
        return [{ kind, severity }, active.filter((alarm) => alarm.kind === kind).length] as const;
      });
    });
  }

  #watchVenue({ config, occupancy, line, clock }: MetricSources): void {
    const { venue, gateway } = config;
    this.#labelled(
      'genkan_build_info',
      'Which version runs where.',
      ['version', 'ruleset', 'venue', 'gateway'],
      () => [[{ version: packageJson.version, ruleset: RULESET, venue: venue.id, gateway: gateway.id }, 1]],
    );
    this.#gauge('genkan_occupancy_people', 'People who are checked in.', () => occupancy().inside);
    this.#gauge('genkan_capacity_seats', 'Seats of the venue.', () => occupancy().capacity);
    this.#gauge('genkan_free_seats', 'Seats that are neither taken nor held.', () => occupancy().free);
    this.#gauge('genkan_line_up', '1 while the line to the cloud is up.', () => Number(line.isOnline));
    this.#labelled('genkan_clock_state', '1 for the state that the clock is in.', ['state'], () => {
      const now = clock.trust();
      return CLOCK_STATES.map((state) => [{ state }, state === now] as const);
    });
    this.#gauge('genkan_clock_error_bound_seconds', 'How far the wall clock may be off.', () => {
      return clock.errorBoundMs() / SECOND_MS;
    });
  }

  #watchJournal({ journal, clock, freeBytes }: MetricSources): void {
    this.#gauge('genkan_journal_fault', '1 while nothing can be written.', () =>
      Number(journal.fault !== null),
    );
    this.#gauge(
      'genkan_journal_sequence',
      'Number of the newest event in this epoch.',
      () => journal.lastSeq,
    );
    this.#gauge('genkan_outbox_events', 'Events for which the cloud has signed no receipt.', () => {
      return journal.lastSeq - journal.custody.seq;
    });
    this.#gauge('genkan_outbox_oldest_seconds', 'Age of the oldest event without a receipt.', () => {
      const oldestMs = oldestWaitingMs(journal);
      return oldestMs === null ? 0 : Math.max(0, (clock.wallMs() - oldestMs) / SECOND_MS);
    });
    this.#labelled('genkan_disk_free_bytes', 'Free space on the journal’s disk.', [], () => {
      const bytes = freeBytes();
      return bytes === null ? [] : [[{}, bytes]];
    });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** One sample for each row; none for a row that is `null`, because what nobody knows is no figure. */
  #labelled(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => readonly (readonly [Readonly<Record<string, string>>, number | boolean | null])[],
  ): void {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [labels, value] of read()) if (value !== null) this.set({ ...labels }, Number(value));
      },
    });
  }
}
