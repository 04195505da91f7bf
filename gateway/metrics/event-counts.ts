import { Counter, type Registry } from 'prom-client';
import type { Clock } from '../clock/clock.ts';
import type { Journal } from '../journal/journal.ts';

/** How long events are gathered, in milliseconds: counting must not come between a commit and its pulse. */
const GATHER_MS = 500;

/** Events read at a time. */
const PAGE = 500;

interface Counted {
  readonly type: string;
  readonly data: {
    readonly door?: string;
    readonly side?: string;
    readonly kind?: string;
    readonly reason?: string;
  };
}

/** Counts what is journalled from now on. */
export class EventCounts {
  readonly #journal: Journal;
  readonly #events;
  readonly #granted;
  readonly #denied;
  #seq: number;
  #cancel: (() => void) | null = null;
  readonly #stop: () => void;

  constructor(journal: Journal, clock: Clock, registry: Registry) {
    this.#journal = journal;
    this.#seq = journal.lastSeq;
    const registers = [registry];
    this.#events = new Counter({
      name: 'genkan_events_total',
      help: 'Events journalled since the start, by name.',
      labelNames: ['name'],
      registers,
    });
    this.#granted = new Counter({
      name: 'genkan_access_granted_total',
      help: 'Grants since the start.',
      labelNames: ['door', 'side', 'kind'],
      registers,
    });
    this.#denied = new Counter({
      name: 'genkan_access_denied_total',
      help: 'Denials since the start, by reason.',
      labelNames: ['door', 'side', 'reason'],
      registers,
    });
    this.#stop = journal.onAppend(() => {
      this.#cancel ??= clock.after(GATHER_MS, () => {
        this.#cancel = null;
        this.count();
      });
    });
  }

  /** Counts what has come since. */
  count(): void {
    for (;;) {
      const rows = this.#journal.eventsAfter(this.#seq, PAGE);
      for (const { body } of rows) this.#add(JSON.parse(body) as Counted);
      this.#seq = rows.at(-1)?.seq ?? this.#seq;
      if (rows.length < PAGE) return;
    }
  }

  close(): void {
    this.#stop();
    this.#cancel?.();
  }

  #add({ type, data }: Counted): void {
    const name = type.replace(/^genkan\.|\.v1$/g, '');
    this.#events.inc({ name });
    const { door = '', side = '', kind = '', reason = '' } = data;
    if (name === 'access.granted') this.#granted.inc({ door, side, kind });
    if (name === 'access.denied') this.#denied.inc({ door, side, reason });
  }
}
