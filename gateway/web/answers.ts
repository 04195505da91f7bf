import type { PublishedEvent } from '../../shared/contract/events.ts';
import type { Stay } from '../access/stay.ts';
import type { alarmsSchema } from './api/alarms.ts';
import type { ledgerPageSchema, statisticsSchema, stayAnswerSchema } from './api/ledger.ts';
import type { venueStateSchema } from './api/live.ts';
import type { AnswerOf } from './api/route.ts';

/**
 * What the console is told, as its page reads it: the types of the API's schemas, so that a page is checked against what
 * is published. Instants named `…Ms` are epoch milliseconds.
 */

/** `GET` and `POST /api/session`; the name is `null` where nobody is signed in. */
export type SessionAnswer =
  | { readonly name: string; readonly role: 'viewer' | 'operator' | 'admin' }
  | { readonly name: null; readonly role: null };

/** `GET /api/doors`, and `event: state` of `GET /api/events`: the venue as it is. */
export type VenueNow = AnswerOf<typeof venueStateSchema>;
/** A door as the console shows it. */
export type ConsoleDoor = VenueNow['doors'][number];
/** A stay as the console shows it. */
export type OpenStay = VenueNow['stays'][number];
/** A stay that an operator has to look at. */
export type ReviewedStay = VenueNow['review'][number];
/** The last time that anybody was let through a door, or was not. */
export type LastAccess = NonNullable<ConsoleDoor['lastAccess']>;

/** With the data of each event, which the document leaves to the contract. */
type WithEvents<A extends { readonly events: unknown }> = Omit<A, 'events'> & {
  readonly events: readonly PublishedEvent[];
};

/** `GET /api/ledger`: events, newest first; `next` is the `before` of the following page. */
export type LedgerPage = WithEvents<AnswerOf<typeof ledgerPageSchema>>;

/** `GET /api/stays/<id>`: a visit with what was journalled of it, and up to where the cloud has signed for. */
export type StayAnswer = WithEvents<AnswerOf<typeof stayAnswerSchema>> & { readonly stay: Stay };

/** `GET /api/statistics` */
export type StatisticsAnswer = AnswerOf<typeof statisticsSchema>;
/** One sample of the line to the cloud. */
export type LineSample = StatisticsAnswer['line'][number];

/** `GET /api/alarms`, newest first */
export type AlarmsAnswer = AnswerOf<typeof alarmsSchema>;
