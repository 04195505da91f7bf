import * as z from 'zod';
import { DENIAL_REASONS } from '../../../shared/contract/denial.ts';
import { grantKindSchema } from '../../../shared/contract/events.ts';
import {
  CODE_REFUSALS,
  doorRequestSchema,
  presenceGrantSchema,
  presenceRequestSchema,
} from '../../../shared/contract/presence.ts';
import {
  instantTextSchema,
  opaqueIdSchema,
  sideSchema,
  slugSchema,
  yenSchema,
} from '../../../shared/contract/primitives.ts';
import { BODY_PROBLEMS, json, operation, problem, problems, type ApiRoute } from './route.ts';

const doorSchema = slugSchema.describe('The door’s name.');

/** Why somebody who is identified by pass and proof is not, in the order in which it is asked. */
export const IDENTITY_PROBLEMS = ['invalid_token', 'use_dpop_nonce', 'unreadable'] as const;

/** What a member is told whose request was genuine and is refused. */
export const DENIALS = DENIAL_REASONS.filter((reason) => reason !== 'unreadable');

const openStaySchema = z.strictObject({
  stay: opaqueIdSchema.describe('The stay’s id.'),
  space: opaqueIdSchema.nullable().describe('Its seat or room; `null` for a ticket.'),
});

/** What a member is told whom the door lets through. */
export const grantedSchema = z.strictObject({
  granted: z.literal(true).describe('Always `true`: a denial is a problem.'),
  kind: grantKindSchema.describe('What the grant is for. `admit`: it opens a door and no stay.'),
  stay: opaqueIdSchema.nullable().describe('The stay’s id; `null` where there is none.'),
  space: opaqueIdSchema.nullable().describe('The seat or room of a reservation; `null` for anything else.'),
  until: instantTextSchema
    .nullable()
    .describe('Until when the visit lasts, RFC 3339; `null` for a ticket and at a check-out.'),
  uses: z
    .strictObject({
      used: z.int().min(0).describe('Uses of the period, this one included, 0 or more.'),
      remaining: z
        .int()
        .min(0)
        .nullable()
        .describe('Uses left, 0 or more; `null` where the plan has no limit.'),
      shown: z.boolean().describe('Whether the rest is to be shown: from the 26th use.'),
    })
    .nullable()
    .describe('The uses of a ticket; `null` for anything else.'),
  yen: yenSchema.nullable().describe('What a check-out cost, in whole yen; `null` for anything else.'),
  stillOpen: z
    .array(openStaySchema)
    .describe('Of a check-out: the member’s stays that are open still. Empty for anything else.'),
  message: z.string().describe('For the member, in the language of `Accept-Language`.'),
});

/** What a phone asks of a door. */
export const DOOR_API = {
  presence: {
    method: 'POST',
    url: '/api/doors/:door/presence',
    schema: {
      ...operation(
        'anybody',
        'Redeems the posted code `c` for a presence ticket, good for 90 s and one grant.',
      ),
      params: z.strictObject({ door: doorSchema }),
      body: presenceRequestSchema,
      response: {
        200: json(
          'The ticket. `DPoP-Nonce` is the only nonce that a proof beside it may carry.',
          presenceGrantSchema,
        ),
        ...problems({
          ...BODY_PROBLEMS,
          403: [...CODE_REFUSALS, 'not-on-lan'],
          404: ['no-such-door'],
          429: ['busy'],
        }),
      },
    },
  },
  open: {
    method: 'POST',
    url: '/api/doors/:door/:side',
    schema: {
      ...operation(
        'member',
        'Asks a door to open. The proof signs the nonce of the last answer’s `DPoP-Nonce`. Answered once the grant is committed.',
      ),
      params: z.strictObject({ door: doorSchema, side: sideSchema }),
      body: doorRequestSchema,
      response: {
        200: json(
          'Granted: the lock is being released, but for a check-out at an entrance, where the door stays shut.',
          grantedSchema,
        ),
        ...problems({
          ...BODY_PROBLEMS,
          401: IDENTITY_PROBLEMS,
          404: ['no-such-door'],
          409: ['replay'],
          429: ['busy'],
        }),
        403: problem(403, [...DENIALS, 'not-on-lan'], {
          stillOpen: z
            .array(openStaySchema)
            .min(1)
            .exactOptional()
            .describe(
              'At an entrance: the member’s stays whose time is over. Each can be checked out of there, by its name in `stay`.',
            ),
        }),
      },
    },
  },
} as const satisfies Readonly<Record<string, ApiRoute>>;
