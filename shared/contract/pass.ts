import * as z from 'zod';
import { parseInstant } from '../time.ts';
import { chargeCapSchema, priceSchema, spaceKindSchema } from './charge.ts';
import { memberFields } from './member.ts';
import {
  civilDateSchema,
  instantTextSchema,
  numericDateSchema,
  opaqueIdSchema,
  slugSchema,
  thumbprintSchema,
} from './primitives.ts';

/** `typ` of a member pass. */
export const PASS_TYPE = 'member-pass+jwt';

/** Longest lifetime of a pass, `exp` − `iat`, in seconds. A ticket's pass is renewed by the wallet. */
export const PASS_LIFETIME_S_MAX = 72 * 3600;

/** Longest lifetime in seconds of a pass that names no device key: it is a bearer token and can be copied. */
export const BEARER_PASS_LIFETIME_S_MAX = 90;

/** Algorithms a signing key may have; one per key, chosen when the key is loaded and never by the token. */
export const signatureAlgorithmSchema = z
  .enum(['EdDSA', 'ES256'])
  .describe('The algorithm of the signature: the one that its key is registered with.');
export type SignatureAlgorithm = z.infer<typeof signatureAlgorithmSchema>;

/** A key's name. It is looked up in a Map and never reaches a file name or a query. */
export const keyIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/)
  .describe('The key’s name, 1 to 64 letters, digits, hyphens and underscores.');

/** The header of a pass. */
export const passHeaderSchema = z.strictObject({
  alg: signatureAlgorithmSchema,
  typ: z.literal(PASS_TYPE).describe('What it is: a member pass.'),
  kid: keyIdSchema,
});

/** What is reserved. */
export const spaceSchema = z.strictObject({
  id: opaqueIdSchema.describe('The seat’s or room’s id.'),
  kind: spaceKindSchema,
});

/** A reservation as it stands in a pass and as the cloud tells it. */
export const reservationSchema = z
  .strictObject({
    kind: z.literal('reservation').describe('A reservation.'),
    id: opaqueIdSchema.describe('The reservation’s id.'),
    venue: slugSchema.describe('The venue that it is for.'),
    space: spaceSchema.describe('What is reserved.'),
    start: instantTextSchema.describe('From when, RFC 3339.'),
    end: instantTextSchema.describe('Until when, RFC 3339, after `start`.'),
    yenPer30Min: priceSchema,
    cap: chargeCapSchema
      .nullable()
      .exactOptional()
      .describe('The cap (課金上限); `null` or left out where there is none.'),
    role: z.enum(['user', 'guest']).describe('Whether its holder has booked it or is invited to it.'),
    host: opaqueIdSchema.exactOptional().describe('The host’s `sub`; only on a guest’s pass.'),
  })
  .refine(({ start, end }) => parseInstant(end) > parseInstant(start), {
    path: ['end'],
    message: 'must be after start',
  });

/** The plan of a ticket. */
export const planSchema = z.enum(['basic', 'premium', 'corporate']).describe('The ticket’s plan.');
export type Plan = z.infer<typeof planSchema>;

/** A monthly ticket. */
export const ticketSchema = z.strictObject({
  kind: z.literal('ticket').describe('A ticket of uses by the month.'),
  id: opaqueIdSchema.describe('The ticket’s id.'),
  plan: planSchema.describe('Its plan.'),
  purchaseDate: civilDateSchema.describe('The day of purchase, YYYY-MM-DD.'),
  used: z
    .int()
    .min(0)
    .describe(
      'Uses in the period that contains `usedAt`, as the issuer knew them then; at least all that the cloud had signed a receipt for in an earlier second.',
    ),
  usedAt: numericDateSchema.describe('When the issuer counted, in seconds since the epoch.'),
  endsOn: civilDateSchema.exactOptional().describe('Last usable day of a cancelled ticket, YYYY-MM-DD.'),
  nextPlan: planSchema.exactOptional().describe('Plan from the next renewal day on.'),
});

const staffSchema = z.strictObject({
  kind: z
    .literal('staff')
    .describe('Staff: cleaner, installer, operator. Opens doors and no stay, and is never billed.'),
  id: opaqueIdSchema.describe('The entitlement’s id.'),
  doors: z.array(slugSchema).min(1).max(16).describe('The doors that it opens, 1 to 16.'),
  hours: slugSchema.describe('The name of a time table in the venue’s configuration.'),
});

/** What a pass entitles to. Unknown kinds are refused: a gateway must not guess at rights. */
export const entitlementSchema = z.discriminatedUnion('kind', [reservationSchema, ticketSchema, staffSchema]);
export type Entitlement = z.infer<typeof entitlementSchema>;
export type Reservation = z.infer<typeof reservationSchema>;
export type Ticket = z.infer<typeof ticketSchema>;
export type Staff = z.infer<typeof staffSchema>;

/** Claims of a member pass. Unknown claims are ignored, as RFC 7519 section 4 asks. */
export const passClaimsSchema = z.object({
  ...memberFields,
  aud: z.array(slugSchema).min(1).max(64).describe('The venues that the pass is for, 1 to 64.'),
  iat: numericDateSchema.describe('When it was issued, in seconds since the epoch.'),
  nbf: numericDateSchema
    .exactOptional()
    .describe('From when the pass holds, in seconds since the epoch. Left out: from `iat`.'),
  exp: numericDateSchema.describe(
    'Until when it holds, in seconds since the epoch: at most 259,200 (72 h) after `iat`; without `cnf` 90, but for a guest’s.',
  ),
  jti: opaqueIdSchema.describe('The pass’s id, its own.'),
  cnf: z
    .strictObject({
      jkt: thumbprintSchema.describe('The RFC 7638 SHA-256 thumbprint of the device’s key, 43 characters.'),
    })
    .exactOptional()
    .describe('The key of the member’s device (RFC 7800). Left out: a bearer pass.'),
  ent: z.array(entitlementSchema).max(32).describe('What its holder is entitled to, at most 32.'),
});
export type PassClaims = z.infer<typeof passClaimsSchema>;
