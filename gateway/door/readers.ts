import type { Logger } from 'pino';
import type { Scanner, ScannerEvent, Unsubscribe } from '../../device/ports.ts';
import type { DomainEvent } from '../../shared/contract/events.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import type { Clock } from '../clock/clock.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';
import type { Attendant } from './attendant.ts';
import { readerOf, type DenialFloods } from './denial-floods.ts';

/** A reader's health; `null` while nobody knows. */
export interface ReaderHealth {
  readonly door: string;
  readonly side: Side;
  readonly online: boolean | null;
}

export interface ReadersOptions {
  readonly scanners: readonly Scanner[];
  readonly attendant: Attendant;
  readonly denials: DenialFloods;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Listens to the readers at the doors: a code goes to the attendant, their coming and going to the journal. */
export class Readers {
  readonly #options: ReadersOptions;
  readonly #online = new Map<Scanner, boolean>();
  #unsubscribe: readonly Unsubscribe[] = [];

  constructor(options: ReadersOptions) {
    this.#options = options;
  }

  start(): void {
    this.#unsubscribe = this.#options.scanners.map((scanner) => {
      const stop = scanner.onEvent((event) => this.#take(scanner, event));
      scanner.start();
      return stop;
    });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await Promise.all(this.#options.scanners.map((scanner) => scanner.close()));
  }

  /** The health of every reader; `null` while it has said nothing. */
  health(): readonly ReaderHealth[] {
    return this.#options.scanners.map((scanner) => {
      const { door, side } = scanner;
      return { door, side, online: this.#online.get(scanner) ?? null };
    });
  }

  #take(scanner: Scanner, event: ScannerEvent): void {
    const { attendant, denials, log } = this.#options;
    const { door, side } = scanner;
    switch (event.kind) {
      case 'code':
        attendant.scan(door, side, event.bytes).catch((error: unknown) => {
          // A bug. The door stays shut; the process ends, and the supervisor starts a clean one.
          log.fatal({ err: error, door }, 'a scan could not be decided');
          throw error;
        });
        return;
      case 'discarded':
        // Longer than any credential of ours: denied unread, and recorded like every other denial.
        denials.record({ door, side, reason: 'unreadable', via: 'scanner', source: readerOf(door, side) });
        return;
      case 'online':
        this.#online.set(scanner, true);
        this.#journal({ name: 'scanner.online', subject: door, data: { door, side } });
        return;
      case 'offline':
        this.#online.set(scanner, false);
        this.#journal({
          name: 'scanner.offline',
          subject: door,
          data: { door, side, detail: event.reason.slice(0, 200) },
        });
        return;
    }
  }

  #journal(event: DomainEvent): void {
    const { journal, clock, log } = this.#options;
    tryWrite(
      () => journal.write((writer) => writer.append(event, clock.wallMs(), clock.trust())),
      faultTold(log, 'an event of a reader is lost'),
    );
  }
}
