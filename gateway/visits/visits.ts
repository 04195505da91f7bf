import type { Logger } from 'pino';
import type { DoorController, Unsubscribe } from '../../device/ports.ts';
import type { VenueConfig } from '../../shared/contract/config.ts';
import type { Occupancy } from '../../shared/contract/state.ts';
import { DELTA_BYTES_MAX } from '../../shared/contract/sync.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import type { Clock } from '../clock/clock.ts';
import type { IssuerKeys, KeyRing } from '../tokens/key-ring.ts';
import { Departures } from './departures.ts';
import type { Journal } from '../journal/journal.ts';
import { LastWord } from './last-word.ts';
import { OccupancyBoard } from './occupancy.ts';
import { PastClosing } from './past-closing.ts';
import { Settlement } from './settlement.ts';
import { Sync } from './sync.ts';
import type { CloudLine } from '../uplink/cloud-line.ts';

export interface VisitsOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly cloudKeys: KeyRing;
  readonly issuerKeys: Pick<IssuerKeys, 'issuers'>;
  readonly line: CloudLine;
  readonly controllers: readonly DoorController[];
  readonly log: Logger;
}

/** What goes on about visits beside the door: their settlement, what the cloud tells, who has left, how full it is. */
export interface Visits {
  /** A check-out was granted at a door. */
  checkedOut(stay: string, door: string): void;
  /** How full the venue is, counted now. */
  occupancy(): Occupancy;
  /** To be called when the doors are watched, and before the line is up. */
  start(): void;
  /** To be called when the line is down, and before the journal is closed. */
  close(): void;
}

/** Puts together what goes on about visits, and hangs it on the line. */
export function createVisits({
  venue,
  journal,
  clock,
  cloudKeys,
  issuerKeys,
  line,
  controllers,
  log,
}: VisitsOptions): Visits {
  const topics = venueTopics(venue.id);
  const settlement = new Settlement({ venue, journal, clock, line, log });
  const sync = new Sync({
    venue,
    journal,
    cloudKeys,
    issuerKeys,
    clock,
    line,
    ask: (request) => line.ask(request),
    log,
  });
  const lastWord = new LastWord({
    venue,
    journal,
    cloudKeys,
    clock,
    ask: (request) => line.ask(request),
    log,
  });
  line.listen(topics.stays, DELTA_BYTES_MAX, ({ text }) => lastWord.take(text));
  line.askAtBirth(() => lastWord.question());
  const occupancy = new OccupancyBoard({
    venue,
    journal,
    clock,
    publish: (seats) => line.publishOccupancy(seats),
  });
  const pastClosing = new PastClosing({ venue, journal, clock });
  const departures = new Departures({
    venue,
    journal,
    clock,
    isLeafOpen: (door) => controllers.find((one) => one.door === door)?.report.inputs?.contact ?? null,
    log,
  });
  for (const kind of ['reservations', 'usage'] as const) {
    line.listen(topics[kind], DELTA_BYTES_MAX, ({ text }) => sync.take(kind, text));
    line.askAtBirth(() => sync.question(kind));
  }
  const unsubscribe: Unsubscribe[] = [];
  return {
    checkedOut: (stay, door) => {
      departures.checkedOut(stay, door);
    },
    occupancy: () => occupancy.now(),
    start() {
      for (const controller of controllers) {
        const stop = controller.onEvent((event) => {
          const isOpening = event.kind === 'input' && event.input === 'contact' && event.active;
          if (isOpening || event.kind === 'offline' || event.kind === 'reset')
            departures.clear(controller.door);
        });
        unsubscribe.push(stop);
      }
      settlement.start();
      pastClosing.start();
      occupancy.start();
    },
    close() {
      for (const stop of unsubscribe) stop();
      settlement.close();
      pastClosing.close();
      occupancy.close();
      departures.close();
      sync.close();
    },
  };
}
