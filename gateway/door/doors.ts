import type { Logger } from 'pino';
import type { ControllerEvent, DoorController, Scanner, Unsubscribe } from '../../device/ports.ts';
import type { DoorConfig } from '../../shared/contract/config.ts';
import type { DomainEvent } from '../../shared/contract/events.ts';
import type { DoorState } from '../../shared/contract/state.ts';
import { formatInstant } from '../../shared/time.ts';
import type { ModeInForce } from '../access/mode.ts';
import type { Clock } from '../clock/clock.ts';
import { DoorWatch } from './watch.ts';
import type { Grants } from './leases.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';

/** One door with what stands at it. */
export interface Door {
  readonly config: DoorConfig;
  readonly controller: DoorController;
  readonly scanners: readonly Scanner[];
}

/** A door's state for people and for the bus. The session is the uplink's to add. */
export type DoorReport = Omit<DoorState, 'session'>;

/** What is wrong at a door, as its report has it. */
export type DoorHealth = Pick<DoorReport, 'door' | 'controller' | 'alarms'>;

export interface DoorsOptions {
  readonly doors: readonly Door[];
  readonly grants: Grants;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly log: Logger;
}

/** Listens to the controllers: what the doors did goes to the journal, and their state to whoever wants to know it. */
export class Doors {
  readonly #options: DoorsOptions;
  readonly #unsubscribe: Unsubscribe[] = [];
  readonly #watches = new Map<string, DoorWatch>();
  readonly #listeners = new Set<(report: DoorReport) => void>();

  constructor(options: DoorsOptions) {
    this.#options = options;
    const { clock, grants } = options;
    for (const door of options.doors) {
      const { config, controller } = door;
      const watch = new DoorWatch({
        config,
        clock,
        report: () => controller.report,
        awaitedGrant: () => grants.outcomes.newestAt(config.id),
        onTime: (events) => this.#tell(door, events),
      });
      this.#watches.set(config.id, watch);
    }
  }

  start(): void {
    for (const door of this.#options.doors) {
      this.#unsubscribe.push(door.controller.onEvent((event) => this.#controllerEvent(door, event)));
      this.#tell(door, door.controller.online ? this.#watch(door.config.id).find() : []);
      door.controller.start();
    }
  }

  /** Called with the state of a door whenever it may have changed. To be called before `start`. */
  onReport(listener: (report: DoorReport) => void): void {
    this.#listeners.add(listener);
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
    if (found !== undefined) this.#report(found);
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const watch of this.#watches.values()) watch.close();
    await Promise.all(this.#options.doors.map(({ controller }) => controller.close()));
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
    this.#journal(door.config.id, events);
    this.#report(door);
  }

  #report(door: Door): void {
    const report = this.report(door);
    for (const listener of this.#listeners) listener(report);
  }

  /** What a sensor saw is lost rather than fatal when the disk fails: the door works on, the fault is latched. */
  #journal(door: string, events: readonly DomainEvent[]): void {
    const { journal, grants, clock, log } = this.#options;
    if (events.length === 0) return;
    const isOpening = events.some(({ name }) => name === 'door.opened');
    const recordTaken = isOpening ? grants.outcomes.doorOpened(door) : null;
    tryWrite(
      () =>
        journal.write((writer) => {
          recordTaken?.(writer);
          for (const event of events) writer.append(event, clock.wallMs(), clock.trust());
        }),
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
