import type { Logger } from 'pino';
import { ulid } from 'ulid';
import { every, type Clock } from '../clock/clock.ts';
import type { StoredAlarm } from '../journal/alarms.ts';
import { tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';
import { conditionsOf, type AlarmFacts, type Condition } from './conditions.ts';
import { ALARM_KINDS, ALARM_TABLE, type AlarmEvent } from '../../shared/contract/alarm.ts';

/** How often the facts are looked at without an event, in milliseconds: for what lasts too long. */
const LOOK_EVERY_MS = 10_000;

export interface AlarmsOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly facts: () => AlarmFacts;
  readonly log: Logger;
}

/** Keeps the alarms of a venue in step with what is wrong there, and with what operators have seen of it. */
export class Alarms {
  readonly #options: AlarmsOptions;
  /** Those that are not closed, by kind, subject and detail. Kept here too, for a disk that fails is an alarm itself. */
  readonly #open = new Map<string, StoredAlarm>();
  readonly #listeners = new Set<(alarm: StoredAlarm, event: AlarmEvent) => void>();
  #cancel: (() => void) | null = null;
  #stopListening: readonly (() => void)[] = [];

  constructor(options: AlarmsOptions) {
    this.#options = options;
    for (const alarm of options.journal.alarms.open()) this.#open.set(keyOf(alarm), alarm);
  }

  start(): void {
    const { journal, clock } = this.#options;
    this.#stopListening = [journal.onFault(() => this.look()), clock.onChange(() => this.look())];
    this.#cancel = every(clock, LOOK_EVERY_MS, () => this.look());
    this.look();
  }

  close(): void {
    for (const stop of this.#stopListening) stop();
    this.#cancel?.();
  }

  /** Those that are not closed, the gravest first, and of one kind whichever was raised last. */
  open(): readonly StoredAlarm[] {
    const rank = ({ kind }: StoredAlarm) => ALARM_KINDS.indexOf(kind);
    return [...this.#open.values()].sort((a, b) => rank(a) - rank(b) || b.latestMs - a.latestMs);
  }

  /** Called with every change of an alarm, after it is kept. */
  onChange(listener: (alarm: StoredAlarm, event: AlarmEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks at the facts now. Cheap when nothing has changed. */
  look(): void {
    const found = conditionsOf(this.#options.facts());
    if (found.length === 0 && this.#open.size === 0) return;
    const conditions = new Map(found.map((condition) => [keyOf(condition), condition]));
    for (const [key, condition] of conditions) {
      const known = this.#open.get(key);
      if (known === undefined) this.#keep(this.#newAlarm(condition), 'raise');
      else this.#step(known, 'raise');
    }
    for (const [key, alarm] of this.#open) if (!conditions.has(key)) this.#step(alarm, 'clear');
  }

  /** Somebody has seen it. `null` where there is no such alarm, or it was seen before. */
  acknowledge(id: string, by: string, text: string): StoredAlarm | null {
    const alarm = this.#find(id);
    if (alarm === null || ALARM_TABLE[alarm.state].acknowledge === null) return null;
    const acknowledgedMs = this.#options.clock.wallMs();
    const notes = text === '' ? alarm.notes : [...alarm.notes, { by, atMs: acknowledgedMs, text }];
    return this.#step({ ...alarm, acknowledgedMs, acknowledgedBy: by, notes }, 'acknowledge');
  }

  /** `null` where there is no such alarm among those that are not closed. */
  note(id: string, by: string, text: string): StoredAlarm | null {
    const alarm = this.#find(id);
    if (alarm === null) return null;
    const note = { by, atMs: this.#options.clock.wallMs(), text };
    const noted = { ...alarm, notes: [...alarm.notes, note] };
    this.#write(noted);
    this.#open.set(keyOf(noted), noted);
    return noted;
  }

  #find(id: string): StoredAlarm | null {
    return [...this.#open.values()].find((alarm) => alarm.id === id) ?? null;
  }

  #newAlarm({ kind, subject, detail }: Condition): StoredAlarm {
    const raisedMs = this.#options.clock.wallMs();
    return {
      id: ulid(raisedMs),
      kind,
      subject,
      state: 'active',
      detail,
      raisedMs,
      latestMs: raisedMs,
      endedMs: null,
      acknowledgedMs: null,
      acknowledgedBy: null,
      count: 1,
      notes: [],
    };
  }

  #step(alarm: StoredAlarm, event: AlarmEvent): StoredAlarm {
    const state = ALARM_TABLE[alarm.state][event];
    if (state === null) return alarm;
    const nowMs = this.#options.clock.wallMs();
    const isAgain = event === 'raise';
    const next: StoredAlarm = {
      ...alarm,
      state,
      latestMs: isAgain ? nowMs : alarm.latestMs,
      endedMs: event === 'clear' ? nowMs : isAgain ? null : alarm.endedMs,
      count: alarm.count + (isAgain ? 1 : 0),
    };
    return this.#keep(next, event);
  }

  #keep(alarm: StoredAlarm, event: AlarmEvent): StoredAlarm {
    const { kind, subject, state, id } = alarm;
    this.#write(alarm);
    if (state === 'closed') this.#open.delete(keyOf(alarm));
    else this.#open.set(keyOf(alarm), alarm);
    this.#options.log.warn({ alarm: id, kind, subject, state }, 'alarm');
    for (const listener of this.#listeners) listener(alarm, event);
    return alarm;
  }

  #write(alarm: StoredAlarm): void {
    const { journal } = this.#options;
    // Where it is not kept, it is in memory, on the console and in the log; and the disk has an alarm of its own.
    tryWrite(
      () => journal.write((writer) => writer.alarms.put(alarm)),
      () => undefined,
    );
  }
}

function keyOf({ kind, subject, detail }: Condition): string {
  // Each reader is one; and whoever has seen that a certificate ends in 21 days is called again at 14, at 7 and at its end.
  return kind === 'scanner-lost' || kind === 'certificate'
    ? `${kind} ${subject} ${detail}`
    : `${kind} ${subject}`;
}
