import type { Logger } from 'pino';
import type {
  ControllerEvent,
  DoorController,
  Scanner,
  ScannerEvent,
  Unsubscribe,
} from '../../device/ports.ts';
import type { DoorConfig } from '../../shared/contract/config.ts';
import type { DomainEvent } from '../../shared/contract/events.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import type { DoorState } from '../../shared/contract/state.ts';
import { formatInstant } from '../../shared/time.ts';
import type { ModeInForce } from '../access/mode.ts';
import type { Attendant } from './attendant.ts';
import type { Clock } from '../clock/clock.ts';
import { DoorWatch } from './watch.ts';
import type { Grants } from './grants.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';
import { readerOf, type Refusals } from './denial-floods.ts';

/** One door with what stands at it. */
export interface Door {
  readonly config: DoorConfig;
  readonly controller: DoorController;
  readonly scanners: readonly Scanner[];
}

/** A reader's health; `null` while nobody knows. */
export interface ScannerHealth {
  readonly door: string;
  readonly side: Side;
  readonly online: boolean | null;
}

/** A door's state for people and for the bus. The session is the uplink's to add. */
export type DoorReport = Omit<DoorState, 'session'>;

/** What is wrong at a door, as its report has it. */
export type DoorHealth = Pick<DoorReport, 'door' | 'controller' | 'alarms'>;

export interface DoorsOptions {
  readonly doors: readonly Door[];
  readonly attendant: Attendant;
  readonly refusals: Refusals;
  readonly grants: Grants;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly log: Logger;
  readonly onReport: (report: DoorReport) => void;
}

/** Listens to controllers and scanners: codes go to the attendant, what the door did goes to the journal. */
export class Doors {
  readonly #options: DoorsOptions;
  readonly #unsubscribe: Unsubscribe[] = [];
  readonly #watches = new Map<string, DoorWatch>();
  readonly #readers = new Map<Scanner, boolean>();

  constructor(options: DoorsOptions) {
    this.#options = options;
    const { clock, grants } = options;
    for (const door of options.doors) {
      const { config, controller } = door;
      const watch = new DoorWatch({
        config,
        clock,
        report: () => controller.report,
        doorOpened: () => grants.doorOpened(config.id),
        onTime: (events) => this.#tell(door, events),
      });
      this.#watches.set(config.id, watch);
    }
  }

  start(): void {
    for (const door of this.#options.doors) {
      this.#unsubscribe.push(door.controller.onEvent((event) => this.#controllerEvent(door, event)));
      for (const scanner of door.scanners) {
        this.#unsubscribe.push(scanner.onEvent((event) => this.#scannerEvent(scanner, event)));
        scanner.start();
      }
      this.#tell(door, door.controller.online ? this.#watch(door.config.id).find() : []);
      door.controller.start();
    }
  }

  /** The state of every door as last reported; what is not known is `null`. */
  reports(): readonly DoorReport[] {
    return this.#options.doors.map((door) => this.report(door));
  }

  /** What is wrong at every door, without what people and the bus are told beside it: it is looked at all the time. */
  health(): readonly DoorHealth[] {
    return this.#options.doors.map(({ config: { id }, controller: { online } }) => ({
      door: id,
      controller: online ? 'online' : 'offline',
      alarms: online ? this.#watch(id).alarms() : null,
    }));
  }

  /** The health of every reader; `null` while it has said nothing. */
  scanners(): readonly ScannerHealth[] {
    return this.#options.doors.flatMap(({ scanners }) =>
      scanners.map((scanner) => {
        const { door, side } = scanner;
        return { door, side, online: this.#readers.get(scanner) ?? null };
      }),
    );
  }

  report({ config, controller }: Door): DoorReport {
    const { online } = controller;
    const view = this.#watch(config.id).view();
    return {
      door: config.id,
      controller: online ? 'online' : 'offline',
      mode: view.mode,
      modeSource: view.modeSource,
      // A board that boots again is not online, though it may be so soon that nobody is told of an end.
      lock: online ? view.lock : null,
      leaf: online ? view.leaf : null,
      alarms: online ? view.alarms : null,
      at: formatInstant(this.#options.clock.wallMs(), this.#options.timeZone),
    };
  }

  /** Notes what is wanted of a door from now on, for everybody who looks. Moves no lock. */
  setMode(door: string, mode: ModeInForce): void {
    this.#watch(door).mode = mode;
    const found = this.#options.doors.find(({ config }) => config.id === door);
    if (found !== undefined) this.#options.onReport(this.report(found));
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const watch of this.#watches.values()) watch.close();
    await Promise.all(
      this.#options.doors.flatMap(({ controller, scanners }) =>
        [controller, ...scanners].map((part) => part.close()),
      ),
    );
  }

  #scannerEvent(scanner: Scanner, event: ScannerEvent): void {
    const { attendant, refusals, log } = this.#options;
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
        // Longer than any credential of ours: refused unread, and recorded like every other refusal.
        refusals.record({ door, side, reason: 'unreadable', via: 'scanner', source: readerOf(door, side) });
        return;
      case 'online':
        this.#readers.set(scanner, true);
        this.#journal([{ name: 'scanner.online', subject: door, data: { door, side } }]);
        return;
      case 'offline':
        this.#readers.set(scanner, false);
        this.#journal([
          { name: 'scanner.offline', subject: door, data: { door, side, detail: detailOf(event.reason) } },
        ]);
        return;
    }
  }

  #watch(door: string): DoorWatch {
    const watch = this.#watches.get(door);
    if (watch === undefined) throw new Error(`no such door: ${door}`);
    return watch;
  }

  #controllerEvent(door: Door, event: ControllerEvent): void {
    this.#options.log.info({ door: door.config.id, ...event }, 'controller');
    this.#tell(door, [...lineEvents(door.config.id, event), ...this.#watch(door.config.id).take(event)]);
  }

  #tell(door: Door, events: readonly DomainEvent[]): void {
    this.#journal(events);
    this.#options.onReport(this.report(door));
  }

  /** What a sensor saw is lost rather than fatal when the disk fails: the door works on, the fault is latched. */
  #journal(events: readonly DomainEvent[]): void {
    const { journal, clock, log } = this.#options;
    if (events.length === 0) return;
    tryWrite(
      () =>
        journal.write((writer) =>
          events.forEach((event) => writer.append(event, clock.wallMs(), clock.trust())),
        ),
      faultTold(log, 'an event of the door is lost'),
    );
  }
}

/** What an event says of the line to the board. */
function lineEvents(door: string, event: ControllerEvent): readonly DomainEvent[] {
  switch (event.kind) {
    case 'online': {
      const { firmware, resetCause } = event;
      const data = { door, firmware: firmware.slice(0, 64), resetCause };
      return [{ name: 'controller.online', subject: door, data }];
    }
    case 'offline':
      return [{ name: 'controller.offline', subject: door, data: { door, detail: detailOf(event.reason) } }];
    case 'reset':
      return [{ name: 'controller.reset', subject: door, data: { door, resetCause: event.resetCause } }];
    case 'lock':
    case 'input':
      return [];
  }
}

/** A driver's words, cut to what the contract lets an event carry. */
function detailOf(reason: string): string {
  return reason.slice(0, 200);
}
