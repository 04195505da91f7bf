import * as z from 'zod';
import { chargeFlagSchema, chargeRecordSchema } from '../../../shared/contract/charge.ts';
import { envelopeFields } from '../../../shared/contract/events.ts';
import { memberFields } from '../../../shared/contract/member.ts';
import { reservationSchema, ticketSchema } from '../../../shared/contract/pass.ts';
import {
  civilDateSchema,
  instantTextSchema,
  opaqueIdSchema,
  slugSchema,
} from '../../../shared/contract/primitives.ts';
import { STAY_STATES } from '../../access/stay.ts';
import { json, operation, problems, text, type ApiRoute } from './route.ts';

const filters = {
  name: z
    .string()
    .regex(/^[a-z]+(?:\.[a-z-]+)?$/)
    .optional()
    .describe('Events of this name, such as `access.denied`, or of its first part.'),
  door: slugSchema.optional().describe('Events of this door.'),
  text: z.string().min(1).max(128).optional().describe('Events with this text in them, 1 to 128 characters.'),
  from: instantTextSchema.optional().describe('Events from this instant on, RFC 3339.'),
  to: instantTextSchema.optional().describe('Events up to this instant, RFC 3339.'),
};

const pageQuerySchema = z.strictObject({
  before: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Events below this number, from 1. Left out: from the newest on.'),
  limit: z.coerce.number().int().min(1).max(500).default(100).describe('Events of a page, 1 to 500.'),
  ...filters,
});
const exportQuerySchema = z.strictObject({
  ...filters,
  format: z.enum(['csv', 'json']).default('csv').describe('CSV (RFC 4180), or JSON lines.'),
});
export type LedgerFilters = Omit<z.output<typeof exportQuerySchema>, 'format'>;

/** The envelope of every event; what is in `data` follows from `type`. */
const eventSchema = z.strictObject({
  ...envelopeFields,
  type: z
    .string()
    .regex(/^genkan\.[a-z.-]+\.v1$/)
    .describe('The event’s name and the version of the contract.'),
  data: z.looseObject({}).describe('By `type`, as the schemas of the contract say.'),
});

const epochMs = z.int();
export const staySchema = z.strictObject({
  id: opaqueIdSchema.describe('The stay’s id.'),
  ...memberFields,
  state: z.enum(STAY_STATES).describe('What has become of it.'),
  grant: z.int().min(1).nullable().describe('The grant that opened it; `null` for a no-show.'),
  entitlement: z.union([reservationSchema, ticketSchema]).describe('What it was opened by.'),
  checkInMs: epochMs.nullable().describe('Epoch milliseconds; `null` where nobody checked in.'),
  checkOutMs: epochMs.nullable().describe('Epoch milliseconds; `null` while there was none.'),
  endsAtMs: epochMs
    .nullable()
    .describe('Until when its holder may enter again, epoch milliseconds; `null` for a ticket.'),
  closingMs: epochMs
    .nullable()
    .exactOptional()
    .describe(
      'The closing of the business day in which its reservation begins, epoch milliseconds, as the hours were at the check-in; `null`: nothing closes on that day. Left out for a ticket, and before anybody checked in.',
    ),
  reenteredMs: epochMs
    .nullable()
    .exactOptional()
    .describe('When its holder came in again and has not been seen to leave since, epoch milliseconds.'),
  flags: z.array(chargeFlagSchema).describe('What is noteworthy about it.'),
  charge: chargeRecordSchema
    .exactOptional()
    .describe('The charge in force; left out while nothing is billed.'),
});

const hoursSchema = (meaning: string) =>
  z.array(z.number().min(0)).length(24).describe(`${meaning}, 24 of them.`);
export const statisticsSchema = z.strictObject({
  today: hoursSchema('Check-ins of today by hour'),
  average: hoursSchema('Check-ins by hour on an average of the days before'),
  days: z
    .array(
      z.strictObject({
        date: civilDateSchema.describe('YYYY-MM-DD in the venue’s zone.'),
        visits: z.int().min(0).describe('Check-ins, 0 or more.'),
        most: z.int().min(0).describe('The most people at once, 0 or more.'),
      }),
    )
    .describe('By civil day, oldest first.'),
  line: z
    .array(
      z.strictObject({
        atMs: epochMs.describe('Epoch milliseconds.'),
        backlog: z.int().min(0).describe('Events without a receipt, 0 or more.'),
        oldestS: z.int().min(0).describe('Age of the oldest of them, in seconds.'),
      }),
    )
    .describe('The line to the cloud, a sample a minute, for a day.'),
});

export const ledgerPageSchema = z.strictObject({
  events: z.array(eventSchema).describe('The newest first.'),
  next: z.int().min(1).nullable().describe('The next page’s `before`; `null` at the end.'),
});

export const stayAnswerSchema = z.strictObject({
  stay: staySchema.describe('The stay as it is now.'),
  receipted: z.int().min(0).describe('Up to which number the cloud has taken the events over; 0: none.'),
  events: z.array(eventSchema).describe('The events that belong to it, oldest first.'),
});

/** What the console reads of the past. */
export const LEDGER_API = {
  page: {
    method: 'GET',
    url: '/api/ledger',
    schema: {
      ...operation('viewer', 'A page of events, newest first; `next` is the next page’s `before`.'),
      querystring: pageQuerySchema,
      response: {
        200: json('The page.', ledgerPageSchema),
        ...problems({ 400: ['bad-request'], 401: ['not-signed-in'], 503: ['busy', 'storage'] }),
      },
    },
  },
  export: {
    method: 'GET',
    url: '/api/ledger/export',
    schema: {
      ...operation('viewer', 'All events that match, as CSV or JSON lines.'),
      querystring: exportQuerySchema,
      response: {
        200: text('The events, newest first.', 'text/csv', 'application/jsonl'),
        ...problems({ 400: ['bad-request'], 401: ['not-signed-in'], 503: ['busy', 'storage'] }),
      },
    },
  },
  stay: {
    method: 'GET',
    url: '/api/stays/:id',
    schema: {
      ...operation('viewer', 'A stay with its chain of events and its charge.'),
      params: z.strictObject({ id: z.string().describe('The stay’s id.') }),
      response: {
        200: json('The stay.', stayAnswerSchema),
        ...problems({ 401: ['not-signed-in'], 404: ['no-such-stay'], 503: ['busy', 'storage'] }),
      },
    },
  },
  statistics: {
    method: 'GET',
    url: '/api/statistics',
    schema: {
      ...operation('viewer', 'Entries by hour, visits by day, backlog over time.'),
      querystring: z.strictObject({
        days: z.coerce
          .number()
          .int()
          .min(1)
          .max(62)
          .default(14)
          .describe('Civil days, today included, 1 to 62.'),
      }),
      response: {
        200: json('The figures.', statisticsSchema),
        ...problems({ 400: ['bad-request'], 401: ['not-signed-in'], 503: ['busy', 'storage'] }),
      },
    },
  },
} as const satisfies Readonly<Record<string, ApiRoute>>;
