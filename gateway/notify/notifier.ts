import type { Logger } from 'pino';
import * as z from 'zod';
import { NOTICE_KINDS } from '../../shared/contract/alarm.ts';
import { MINUTE_MS, SECOND_MS } from '../../shared/time.ts';
import type { Alarms } from '../alarms/alarms.ts';
import { every, type Clock } from '../clock/clock.ts';
import type { StoredAlarm } from '../journal/alarms.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';
import type { Channel } from './channel.ts';
import { messageOf, type NoticeContext } from './message.ts';
import { noticeOf, type Notice, type NoticeRules, type Told } from './notices.ts';

/** How often it is looked for something to tell, in milliseconds. */
const LOOK_EVERY_MS = SECOND_MS;

/** Pause after a failed delivery: doubled with each in a row, up to the most. */
const PAUSE_MS = 10 * SECOND_MS;
const PAUSE_MS_MAX = 10 * MINUTE_MS;

const toldSchema = z.record(
  z.string(),
  z.strictObject({ kind: z.enum(NOTICE_KINDS), atMs: z.int(), count: z.int() }),
);

export interface NotifierOptions {
  readonly channel: Channel;
  readonly alarms: Pick<Alarms, 'open'>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly context: Omit<NoticeContext, 'nowMs' | 'count'>;
  readonly rules: (nowMs: number) => NoticeRules;
  /** Called with each attempt. */
  readonly onAttempt?: (channel: Channel['name'], outcome: 'delivered' | 'failed') => void;
  readonly log: Logger;
}

/**
 * Tells the alarms of a venue on one channel. What was told is kept in the journal: after a restart nothing is told
 * twice and nothing is forgotten. While a delivery fails it is tried again, for as long as it is true.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #fact: string;
  readonly #told: Map<string, Told>;
  #failures = 0;
  #notBeforeMs = -Infinity;
  #isAtWork = false;
  #isClosed = false;
  #cancel: (() => void) | null = null;
  #work: Promise<void> = Promise.resolve();

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#fact = `told-by-${options.channel.name}`;
    const kept = toldSchema.safeParse(JSON.parse(options.journal.facts.get(this.#fact) ?? '{}'));
    this.#told = new Map(kept.success ? Object.entries(kept.data) : []);
  }

  start(): void {
    const look = () => {
      if (!this.#isAtWork) this.#work = this.look();
    };
    this.#cancel = every(this.#options.clock, LOOK_EVERY_MS, look);
    look();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    await this.#work;
    this.#options.channel.close();
  }

  /** Tells what is due, the oldest alarm first, one after another; at the first failure it pauses. */
  async look(): Promise<void> {
    const { clock } = this.#options;
    if (this.#isAtWork || clock.monotonicMs() < this.#notBeforeMs) return;
    this.#isAtWork = true;
    try {
      for (let notice = this.#next(); notice !== null && !this.#isClosed; notice = this.#next()) {
        if (!(await this.#tell(notice))) return;
      }
    } finally {
      this.#isAtWork = false;
    }
  }

  #next(): Notice | null {
    const { clock, rules } = this.#options;
    const nowMs = clock.wallMs();
    const now = rules(nowMs);
    for (const alarm of this.#known()) {
      const notice = noticeOf(alarm, this.#told.get(alarm.id) ?? null, nowMs, now);
      if (notice !== null) return notice;
    }
    return null;
  }

  /** Alarms that are open, and those that were told and have been closed since; oldest first. */
  #known(): readonly StoredAlarm[] {
    const { alarms, journal } = this.#options;
    const open = alarms.open();
    const ids = new Set(open.map(({ id }) => id));
    const closed: StoredAlarm[] = [];
    for (const [id, { kind }] of this.#told) {
      if (ids.has(id)) continue;
      const alarm = journal.alarms.get(id);
      if (kind === 'ended' || alarm === null) this.#told.delete(id);
      else closed.push({ ...alarm, state: 'closed' });
    }
    return [...open, ...closed].sort((a, b) => a.raisedMs - b.raisedMs);
  }

  /** `false` where it was not taken. */
  async #tell(notice: Notice): Promise<boolean> {
    const { channel, clock, context, log, onAttempt } = this.#options;
    const { alarm, kind } = notice;
    const { count = 0 } = this.#told.get(alarm.id) ?? {};
    const nowMs = clock.wallMs();
    try {
      await channel.deliver(messageOf(notice, { ...context, nowMs, count }));
    } catch (error) {
      this.#failures += 1;
      const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** (this.#failures - 1));
      this.#notBeforeMs = clock.monotonicMs() + pauseMs;
      log.warn({ channel: channel.name, alarm: alarm.id, err: error, pauseMs }, 'a notice was not delivered');
      onAttempt?.(channel.name, 'failed');
      return false;
    }
    this.#failures = 0;
    // A single message told both, that it was and that it is over.
    const said = kind === 'raised' && alarm.state === 'ended' ? 'ended' : kind;
    this.#told.set(alarm.id, { kind: said, atMs: nowMs, count: count + 1 });
    onAttempt?.(channel.name, 'delivered');
    this.#keep();
    return true;
  }

  #keep(): void {
    const { journal, log } = this.#options;
    const text = JSON.stringify(Object.fromEntries(this.#told));
    // Told twice after a restart rather than not at all.
    tryWrite(
      () => journal.write((writer) => writer.facts.put(this.#fact, text)),
      faultTold(log, 'what was told is not kept'),
    );
  }
}
