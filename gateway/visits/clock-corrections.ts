import type { Logger } from 'pino';
import type { VenueConfig } from '../../shared/contract/config.ts';
import { parseEvent } from '../../shared/contract/events.ts';
import { MINUTE_MS } from '../../shared/time.ts';
import type { CheckOut } from '../access/close.ts';
import { correctStamps, type Stamps } from '../access/correct.ts';
import type { Stay } from '../access/stay.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal, JournalWriter } from '../journal/journal.ts';
import { reservationsOf } from '../journal/venue-state.ts';
import { JUMP_MS } from '../clock/belief.ts';
import { forgetAges } from '../journal/grant-ages.ts';
import type { Clock, ClockChange, ClockMemory } from '../clock/clock.ts';

/** Where the high-water mark is kept in the journal. */
const FACT = 'clockMark';

/** What was stamped too early or late by less is right to the minute that stamps are cut to, in milliseconds. */
const CORRECTED_FROM_MS = MINUTE_MS;

/** Pause before a change that could not be written is written, in milliseconds. */
const RETRY_MS = 1_000;

/** Rows of the ledger that are read at a time. */
const PAGE = 200;

/** Whose check-outs bear the instant at which the gateway saw them. */
const READ_OFF_CLOCK: ReadonlySet<CheckOut['by']> = new Set(['member', 'next-reservation']);

/** The clock was set: what it said just before, epoch milliseconds, and by how much. */
interface Step {
  readonly beforeMs: number;
  readonly stepMs: number;
}

export interface ClockRecordOptions {
  readonly venue: VenueConfig;
  readonly gateway: string;
  readonly journal: Journal;
  readonly clock: Clock;
  /** The line to the cloud. */
  readonly line: { readonly isOnline: boolean };
  readonly log: Logger;
}

/**
 * Journals what becomes of the clock. Once it is trusted again, every stay that was stamped meanwhile is corrected by as
 * much as the clock was set: the ledger keeps both, and a charge that comes out otherwise is superseded. What was stamped
 * by a process that is gone has only its flag, for nobody knows how long the gateway was off.
 */
export class ClockRecord {
  readonly #options: ClockRecordOptions;
  /** Changes that are not on disk yet, oldest first. */
  readonly #unsaid: ClockChange[] = [];
  /** Steps since the clock was last trusted, oldest first: what was stamped before the first of them is off by all. */
  #steps: readonly Step[] = [];
  /** Number of the last event that was stamped by a trusted clock. */
  #trustedSeq: number;
  #stop: () => void = () => undefined;
  #cancel: () => void = () => undefined;

  /** To be made before the first event of this start. */
  constructor(options: ClockRecordOptions) {
    this.#options = options;
    this.#trustedSeq = options.journal.lastSeq;
  }

  /** What the clock remembers, in the journal. A mark that cannot be written is lost: the one before holds. */
  get memory(): ClockMemory {
    const { journal } = this.#options;
    return {
      load() {
        const mark = journal.facts.get(FACT);
        return mark === null ? null : Number(mark);
      },
      save(markMs) {
        if (journal.fault !== null) return;
        tryWrite(
          () => journal.write((writer) => writer.facts.put(FACT, String(markMs))),
          () => undefined,
        );
      },
    };
  }

  start(): void {
    this.#stop = this.#options.clock.onChange((change) => {
      this.#unsaid.push(change);
      this.#write();
    });
  }

  close(): void {
    this.#stop();
    this.#cancel();
  }

  #write(): void {
    const { journal, clock, log } = this.#options;
    this.#cancel();
    tryWrite(
      () => {
        for (let change = this.#unsaid[0]; change !== undefined; change = this.#unsaid[0]) {
          this.#journal(change);
          this.#unsaid.shift();
        }
      },
      (fault) => {
        faultTold(log, 'a change of the clock waits', { waiting: this.#unsaid.length })(fault);
        this.#cancel = clock.after(RETRY_MS, () => this.#write());
      },
    );
    if (clock.trust() === 'trusted' && this.#unsaid.length === 0) this.#trustedSeq = journal.lastSeq;
  }

  #journal(change: ClockChange): void {
    const { gateway, journal, log } = this.#options;
    const { atMs, ...data } = change;
    const { before, after, stepMs, hostStepMs } = change;
    // What was stamped while the clock was trusted is right.
    if (before === 'trusted') this.#trustedSeq = journal.lastSeq;
    const isStep = before !== 'trusted' && stepMs !== 0;
    const steps = isStep ? [...this.#steps, { beforeMs: atMs - stepMs, stepMs }] : this.#steps;
    const isSettled = after === 'trusted';
    journal.write((writer) => {
      writer.append({ name: 'gateway.clock-changed', subject: gateway, data }, atMs, after);
      if (Math.max(Math.abs(stepMs), Math.abs(hostStepMs)) > JUMP_MS) forgetAges(writer);
      if (isSettled) this.#correct(writer, steps, atMs);
    });
    this.#steps = isSettled ? [] : steps;
    log.warn(data, 'clock');
  }

  #correct(writer: JournalWriter, steps: readonly Step[], nowMs: number): void {
    const totalMs = steps.reduce((sum, { stepMs }) => sum + stepMs, 0);
    if (Math.abs(totalMs) < CORRECTED_FROM_MS) return;
    const { venue, journal, line, log } = this.#options;
    const corrected = (atMs: number) =>
      steps.reduce((at, { beforeMs, stepMs }) => (at <= beforeMs ? at + stepMs : at), atMs);
    for (const [id, ends] of this.#stamped()) {
      const stay = journal.stays.get(id);
      if (stay === null) continue;
      const stamps: Stamps = {
        checkInMs: ends.has('in') && stay.checkInMs !== null ? corrected(stay.checkInMs) : null,
        checkOutMs: ends.has('out') && stay.checkOutMs !== null ? corrected(stay.checkOutMs) : null,
      };
      const reservations = reservationsOf(journal, venue, stay, nowMs);
      const context = { venue, nowMs, online: line.isOnline, clock: 'trusted', reservations } as const;
      const { stay: after, events } = correctStamps(stay, stamps, context);
      writer.stays.put(after);
      for (const event of events) writer.append(event, nowMs, 'trusted');
      log.warn({ stay: id }, 'corrected by the clock');
    }
  }

  /** Stays that members began or ended since the clock was trusted, and which end it was. */
  #stamped(): ReadonlyMap<Stay['id'], ReadonlySet<'in' | 'out'>> {
    const { journal } = this.#options;
    const found = new Map<string, Set<'in' | 'out'>>();
    const note = (stay: string, end: 'in' | 'out') =>
      found.set(stay, (found.get(stay) ?? new Set<'in' | 'out'>()).add(end));
    let seq = this.#trustedSeq;
    for (let page = journal.eventsAfter(seq, PAGE); page.length > 0; page = journal.eventsAfter(seq, PAGE)) {
      for (const { body, seq: at } of page) {
        seq = at;
        const event = parseEvent(JSON.parse(body));
        if (event.name === 'stay.checked-in') note(event.data.stay, 'in');
        // An operator's word and a closing time were not read off this clock; the check-in that ended another stay was.
        if (event.name === 'stay.checked-out' && READ_OFF_CLOCK.has(event.data.by))
          note(event.data.stay, 'out');
      }
    }
    return found;
  }
}
