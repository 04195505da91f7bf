import type { DoorState, GatewayState, Occupancy } from '../../shared/contract/state.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import { formatInstant } from '../../shared/time.ts';
import type { Clock } from '../clock/clock.ts';
import type { Journal } from '../journal/journal.ts';
import type { Publication } from './broker.ts';

/** A message for others at this broker, kept there. */
export type Announcement = Pick<Publication, 'topic' | 'body'>;

export interface RetainedOptions {
  readonly venue: string;
  readonly gateway: string;
  readonly timeZone: string;
  readonly journal: Pick<Journal, 'epoch'>;
  readonly clock: Pick<Clock, 'wallMs'>;
  /** Default: none. */
  readonly announcements?: readonly Announcement[] | undefined;
}

/** A door's state without the connection that it is said on. */
export type DoorReport = Omit<DoorState, 'session'>;

/**
 * What holds at the venue now, kept by the broker and said again on every connection. Each `keep` remembers what holds
 * from now on, in place of what held before, and returns it as it is to be said.
 */
export class Retained {
  readonly #options: RetainedOptions;
  readonly #topics;
  readonly #doors = new Map<string, DoorReport>();
  #occupancy: Occupancy | null = null;
  #checkpoint: string | null = null;

  constructor(options: RetainedOptions) {
    this.#options = options;
    this.#topics = venueTopics(options.venue);
  }

  /** @param session the connection's name */
  keepDoorState(state: DoorReport, session: string): Publication {
    this.#doors.set(state.door, state);
    const payload: DoorState = { session, ...state };
    return { topic: this.#topics.doorState(state.door), body: JSON.stringify(payload), retain: true };
  }

  keepOccupancy(occupancy: Occupancy): Publication {
    this.#occupancy = occupancy;
    return { topic: this.#topics.occupancy, body: JSON.stringify(occupancy), retain: true };
  }

  /** The newest signed head of the journal. The broker does not keep it: it is said again by the gateway alone. */
  keepCheckpoint(token: string): Publication {
    this.#checkpoint = token;
    return { topic: this.#topics.checkpoints, body: token };
  }

  /** Everything that is to be said when the line is up. */
  all(session: string): readonly Publication[] {
    const announcements = this.#options.announcements ?? [];
    return [
      ...announcements.map(({ topic, body }) => ({ topic, body, retain: true })),
      ...[...this.#doors.values()].map((state) => this.keepDoorState(state, session)),
      ...(this.#occupancy === null ? [] : [this.keepOccupancy(this.#occupancy)]),
      ...(this.#checkpoint === null ? [] : [this.keepCheckpoint(this.#checkpoint)]),
    ];
  }

  /** The gateway's birth (`online`), or its farewell. */
  gatewayState(session: string, online: boolean): Publication {
    const { clock, timeZone } = this.#options;
    return this.#gatewayState({ session, online, at: formatInstant(clock.wallMs(), timeZone) });
  }

  /** What the broker says when the connection is lost; nobody knows when that will be. */
  will(session: string): Publication {
    return this.#gatewayState({ session, online: false, at: null });
  }

  #gatewayState({ session, online, at }: Pick<GatewayState, 'session' | 'online' | 'at'>): Publication {
    const { gateway, journal } = this.#options;
    const state: GatewayState = { online, session, gateway, epoch: journal.epoch, at };
    return { topic: this.#topics.gatewayState, body: JSON.stringify(state), retain: true };
  }
}
