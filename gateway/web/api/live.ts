import * as z from 'zod';
import { chargeFlagSchema } from '../../../shared/contract/charge.ts';
import { denialReasonSchema } from '../../../shared/contract/denial.ts';
import { clockTrustSchema, grantKindSchema } from '../../../shared/contract/events.ts';
import { issuerSchema, memberFields } from '../../../shared/contract/member.ts';
import {
  instantTextSchema,
  opaqueIdSchema,
  sideSchema,
  slugSchema,
  ulidSchema,
  yenSchema,
} from '../../../shared/contract/primitives.ts';
import { doorStateSchema, occupancySchema } from '../../../shared/contract/state.ts';
import { alarmSchema } from './alarms.ts';
import { json, operation, problems, text, type ApiRoute } from './route.ts';

const epochMs = z.int();

const somebody = {
  at: instantTextSchema.describe('RFC 3339.'),
  iss: issuerSchema
    .nullable()
    .describe('The issuer of the member’s passes; `null` for an operator, and where nobody was recognised.'),
  sub: opaqueIdSchema.nullable().describe('The member; `null` where nobody was recognised.'),
};

const doorSchema = doorStateSchema.omit({ session: true }).extend({
  scanners: z
    .array(
      z.strictObject({
        door: slugSchema.describe('The door’s name.'),
        side: sideSchema,
        online: z
          .boolean()
          .nullable()
          .describe('Whether the reader answers; `null` while it has said nothing.'),
      }),
    )
    .describe('The readers at the door.'),
  lastAccess: z
    .discriminatedUnion('granted', [
      z.strictObject({
        ...somebody,
        granted: z.literal(true).describe('The member was let through.'),
        what: grantKindSchema.describe('The kind of grant.'),
      }),
      z.strictObject({
        ...somebody,
        granted: z.literal(false).describe('The member was not let through.'),
        what: denialReasonSchema.describe('The reason of the denial.'),
      }),
    ])
    .nullable()
    .describe('The last time that somebody was let through, or was not; `null` while nobody was.'),
  order: z
    .strictObject({
      by: opaqueIdSchema.describe('Who gave it.'),
      reason: z.string().describe('Why, at most 500 characters.'),
      sinceMs: epochMs.describe('Since when, epoch milliseconds.'),
      untilMs: epochMs
        .nullable()
        .describe('When it ends by itself, epoch milliseconds; `null` where only a command ends it.'),
    })
    .nullable()
    .describe('An operator’s order that stands; `null`: none.'),
});

const staySchema = z.strictObject({
  id: opaqueIdSchema.describe('The stay’s id.'),
  ...memberFields,
  kind: z.enum(['reservation', 'ticket']).describe('What it was opened by.'),
  space: opaqueIdSchema.nullable().describe('The seat or room of a reservation; `null` for a ticket.'),
  checkInMs: epochMs.nullable().describe('Epoch milliseconds.'),
  endsAtMs: epochMs.nullable().describe('The reservation’s end, epoch milliseconds; `null` for a ticket.'),
  flags: z.array(chargeFlagSchema).describe('What is noteworthy about it.'),
});

const reviewedSchema = staySchema.extend({
  yen: yenSchema.nullable().describe('What it is charged, in whole yen; `null` where it costs nothing.'),
});

export const venueStateSchema = z.strictObject({
  venue: z
    .strictObject({ id: slugSchema.describe('Its id.'), name: z.string().describe('Its name.') })
    .describe('The venue.'),
  at: epochMs.describe('The gateway’s clock, epoch milliseconds.'),
  clock: clockTrustSchema.describe('How far the gateway believes its clock.'),
  hasUplink: z.boolean().describe('Whether there is a cloud to have a line to.'),
  online: z.boolean().describe('Whether the line to the cloud is up.'),
  storage: z.enum(['ok', 'degraded']).describe('Whether the journal takes writes.'),
  ledger: z
    .strictObject({
      epoch: ulidSchema.describe('The journal’s ULID.'),
      last: z.int().min(0).describe('The number of the newest event; 0: none.'),
      receipted: z.int().min(0).describe('Up to which number the cloud has taken the events over; 0: none.'),
      oldestWaitingMs: epochMs
        .nullable()
        .describe(
          'When the oldest event was recorded that the cloud has signed no receipt for, epoch milliseconds; `null`: it has all, or there is none.',
        ),
    })
    .describe('How far the ledger is.'),
  inside: z.int().min(0).describe('Open stays, 0 or more.'),
  occupancy: occupancySchema.describe('How full the venue is.'),
  freeBytes: z
    .number()
    .min(0)
    .nullable()
    .describe('Free bytes on the journal’s disk; `null` where the file system does not say.'),
  doors: z.array(doorSchema).describe('Every door.'),
  stays: z.array(staySchema).describe('The open stays, at most the newest 200.'),
  review: z
    .array(reviewedSchema)
    .describe('Ended stays of the last 14 days that an operator has to look at, at most the newest 50.'),
  alarms: z.array(alarmSchema).describe('The alarms that are not closed, the gravest first.'),
});

/** What the console shows as it happens. */
export const LIVE_API = {
  state: {
    method: 'GET',
    url: '/api/doors',
    schema: {
      ...operation('viewer', 'The state of the venue as the console shows it.'),
      response: { 200: json('The state.', venueStateSchema), ...problems({ 401: ['not-signed-in'] }) },
    },
  },
  events: {
    method: 'GET',
    url: '/api/events',
    schema: {
      ...operation(
        'viewer',
        'Server-sent: `ledger` (a CloudEvent, its id the sequence, resumed by `Last-Event-ID` or `after`), `state` (the body of `/api/doors`), `signed-out`.',
      ),
      querystring: z.strictObject({
        after: z.coerce
          .number()
          .optional()
          .describe(
            'The sequence of the last event that was seen, for a new stream that goes on where one broke off.',
          ),
      }),
      response: {
        200: text('The stream.', 'text/event-stream'),
        ...problems({ 400: ['bad-request'], 401: ['not-signed-in'] }),
      },
    },
  },
} as const satisfies Readonly<Record<string, ApiRoute>>;
