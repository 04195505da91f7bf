import type { Alarm } from '../../shared/contract/alarm.ts';
import type { DenialReason } from '../../shared/contract/denial.ts';
import type { ClockTrust, GrantKind, PublishedEvent } from '../../shared/contract/events.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import type { DoorState, Occupancy } from '../../shared/contract/state.ts';
import type { StandingOrder } from '../access/mode.ts';
import type { Stay } from '../access/stay.ts';
import type { Statistics } from '../reading/statistics.ts';

/**
 * What the console is told, as its page reads it: types alone, so that a page is checked against them. Instants named
 * `…Ms` are epoch milliseconds.
 */

/** `GET` and `POST /api/session`; the name is `null` where nobody is signed in. */
export type SessionAnswer =
  | { readonly name: string; readonly role: 'viewer' | 'operator' | 'admin' }
  | { readonly name: null; readonly role: null };

/** The last time that anybody was let through a door, or was not. */
export type LastAccess = {
  readonly at: string;
  readonly sub: string | null;
} & (
  | { readonly granted: true; readonly what: GrantKind }
  | { readonly granted: false; readonly what: DenialReason }
);

/** A door with its readers, and what an operator has ordered of it. */
export interface ConsoleDoor extends Omit<DoorState, 'session'> {
  /** `online` is `null` while a reader has said nothing. */
  readonly scanners: readonly {
    readonly door: string;
    readonly side: Side;
    readonly online: boolean | null;
  }[];
  readonly lastAccess: LastAccess | null;
  readonly order: Pick<StandingOrder, 'by' | 'reason' | 'sinceMs' | 'untilMs'> | null;
}

/** An open stay. */
export interface OpenStay extends Pick<Stay, 'id' | 'sub' | 'checkInMs' | 'endsAtMs' | 'flags'> {
  readonly kind: Stay['entitlement']['kind'];
  /** `null` for a ticket. */
  readonly space: string | null;
}

/** `GET /api/doors`, and `event: state` of `GET /api/events`: the venue as it is. */
export interface VenueNow {
  readonly venue: { readonly id: string; readonly name: string };
  readonly at: number;
  readonly clock: ClockTrust;
  readonly hasUplink: boolean;
  readonly online: boolean;
  readonly storage: 'ok' | 'degraded';
  readonly ledger: { readonly epoch: string; readonly last: number; readonly receipted: number };
  readonly inside: number;
  readonly occupancy: Occupancy;
  readonly freeBytes: number | null;
  readonly doors: readonly ConsoleDoor[];
  readonly stays: readonly OpenStay[];
  readonly alarms: readonly Alarm[];
}

/** `GET /api/ledger`: events, newest first; `next` is the `before` of the following page. */
export interface LedgerPage {
  readonly events: readonly PublishedEvent[];
  readonly next: number | null;
}

/** `GET /api/stays/<id>`: a visit with what was journalled of it, and up to where the cloud has signed for. */
export interface StayAnswer {
  readonly stay: Stay;
  readonly receipted: number;
  readonly events: readonly PublishedEvent[];
}

/** One sample of the line to the cloud. */
export interface LineSample {
  readonly atMs: number;
  /** Events without a receipt. */
  readonly backlog: number;
  /** Age of the oldest of them, in seconds. */
  readonly oldestS: number;
}

/** `GET /api/statistics` */
export interface StatisticsAnswer extends Statistics {
  readonly line: readonly LineSample[];
}

/** `GET /api/alarms`, newest first */
export interface AlarmsAnswer {
  readonly alarms: readonly Alarm[];
}
