import * as z from 'zod';
import { chargeFlagSchema, chargeSchema } from '../../../shared/contract/charge.ts';
import { planSchema } from '../../../shared/contract/pass.ts';
import { instantTextSchema, opaqueIdSchema, yenSchema } from '../../../shared/contract/primitives.ts';
import { STAY_STATES } from '../../access/stay.ts';
import { DENIALS, IDENTITY_PROBLEMS } from './door.ts';
import { BODY_PROBLEMS, json, operation, problems, type ApiRoute } from './route.ts';

const spaceSchema = opaqueIdSchema
  .nullable()
  .describe('The seat or room of a reservation; `null` for a ticket.');

export const previewSchema = z.strictObject({
  at: instantTextSchema.describe('The instant that it is computed for, RFC 3339.'),
  stays: z
    .array(
      z.strictObject({
        stay: opaqueIdSchema.describe('The stay’s id.'),
        space: spaceSchema,
        checkIn: instantTextSchema.nullable().describe('When the member came, RFC 3339.'),
        until: instantTextSchema.nullable().describe('The reservation’s end, RFC 3339; `null` for a ticket.'),
        isNext: z.boolean().describe('Whether this is the one that a check-out at the door closes.'),
        charge: chargeSchema
          .nullable()
          .describe('What it costs if its user checks out now; `null` where it costs nothing.'),
      }),
    )
    .describe('The member’s open stays, the one that a check-out closes first.'),
});

export const visitsSchema = z.strictObject({
  visits: z
    .array(
      z.strictObject({
        stay: opaqueIdSchema.describe('The stay’s id.'),
        state: z.enum(STAY_STATES).describe('What has become of it.'),
        space: spaceSchema,
        plan: planSchema
          .nullable()
          .describe(
            'The plan of a ticket’s visit, which costs a use and no money; `null` for a reservation.',
          ),
        checkIn: instantTextSchema.nullable().describe('RFC 3339; `null` where nobody checked in.'),
        checkOut: instantTextSchema.nullable().describe('RFC 3339; `null` while there was none.'),
        until: instantTextSchema
          .nullable()
          .describe('Until when its holder may enter again, RFC 3339; `null` for a ticket.'),
        charge: z
          .strictObject({
            yen: yenSchema.describe('The amount in whole yen, 0 or more.'),
            rule: chargeSchema.shape.rule,
            chargedFrom: chargeSchema.shape.chargedFrom,
            chargedTo: chargeSchema.shape.chargedTo,
            capApplied: chargeSchema.shape.capApplied,
            flags: z.array(chargeFlagSchema).describe('What is noteworthy about it.'),
          })
          .nullable()
          .describe('The charge in force; `null` while there is none, and for a ticket or a guest.'),
      }),
    )
    .describe('At most 30.'),
});

const refusals = { 401: IDENTITY_PROBLEMS, 403: DENIALS, 429: ['busy'] } as const;

/** What members ask about themselves. */
export const ME_API = {
  preview: {
    method: 'POST',
    url: '/api/stays/preview',
    schema: {
      ...operation('member', 'What the member’s open stays would cost now. Changes nothing.'),
      response: {
        200: json('What they would cost.', previewSchema),
        ...problems({ ...BODY_PROBLEMS, ...refusals }),
      },
    },
  },
  visits: {
    method: 'GET',
    url: '/api/me/visits',
    schema: {
      ...operation('member', 'The member’s own visits here, newest first.'),
      response: { 200: json('The visits.', visitsSchema), ...problems(refusals) },
    },
  },
} as const satisfies Readonly<Record<string, ApiRoute>>;
