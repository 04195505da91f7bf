import * as z from 'zod';
import { issuerSchema } from './member.ts';
import { keyIdSchema, reservationSchema, signatureAlgorithmSchema } from './pass.ts';
import { instantTextSchema, numericDateSchema, opaqueIdSchema, slugSchema } from './primitives.ts';

/** `typ` of changes of reservations from the cloud. */
export const RESERVATION_DELTA_TYPE = 'reservation-delta+jwt';

/** `typ` of changes of ticket uses from the cloud. */
export const USAGE_DELTA_TYPE = 'usage-delta+jwt';

/** Largest delta that is looked at, in bytes of its compact form. A longer history comes in several. */
export const DELTA_BYTES_MAX = 512 * 1024;

/** Changes in one delta. */
export const CHANGES_MAX = 1_000;

const headerOf = <T extends string>(typ: T) =>
  z.strictObject({
    alg: signatureAlgorithmSchema,
    typ: z.literal(typ).describe('What it is: a delta.'),
    kid: keyIdSchema,
  });

/** The header of a signed delta of reservations. */
export const reservationDeltaHeaderSchema = headerOf(RESERVATION_DELTA_TYPE);
/** The header of a signed delta of ticket uses. */
export const usageDeltaHeaderSchema = headerOf(USAGE_DELTA_TYPE);

/** The number of a change: it only grows, and every change has its own. */
const versionSchema = z
  .int()
  .min(1)
  .describe('The number of the change, from 1: it only grows, and every change has its own.');

/** A reservation as it is after the change, whole: a later change replaces it, an earlier one is old. */
const reservationChangeSchema = z.strictObject({
  version: versionSchema,
  iss: issuerSchema
    .exactOptional()
    .describe(
      'Whose it is: the user, or of a guest’s entry the guest. `iss` may be left out where one issuer serves the venue.',
    ),
  sub: opaqueIdSchema,
  reservation: reservationSchema.describe('The reservation as it is after the change, whole.'),
  cancelledAt: instantTextSchema
    .nullable()
    .describe(
      'When it was cancelled; `null` while it is not. At or after the start it is too late, and changes nothing.',
    ),
});
export type ReservationChange = z.infer<typeof reservationChangeSchema>;

/** One use of a ticket, at whichever venue. */
const usageChangeSchema = z.strictObject({
  version: versionSchema,
  stay: opaqueIdSchema.describe('The stay that the use was: the same use is told under the same name.'),
  iss: issuerSchema
    .exactOptional()
    .describe('Whose ticket it is. May be left out where one issuer serves the venue.'),
  ticket: opaqueIdSchema.describe('The ticket that was used.'),
  venue: slugSchema.describe('Where it was used.'),
  at: instantTextSchema.describe('When its holder checked in, RFC 3339.'),
  counts: z.boolean().describe('`false` takes a use back: its visit was voided.'),
});
export type UsageChange = z.infer<typeof usageChangeSchema>;

/**
 * The changes after version `from` up to version `to`. A receiver at version `have` applies it when
 * `from` ≤ `have` < `to`; one with `to` ≤ `have` is old; `from` > `have` is a gap, and the receiver asks for what it
 * lacks. From 0 it is everything that matters.
 */
const deltaOf = <C extends z.ZodType<{ version: number }>>(change: C) =>
  z
    .object({
      venue: slugSchema.describe('The venue that it is for.'),
      from: z.int().min(0).describe('The version before the changes, 0 or more; 0: from the beginning.'),
      to: z.int().min(1).describe('The version after them, above `from`.'),
      iat: numericDateSchema.describe('When it was signed, in seconds since the epoch.'),
      changes: z.array(change).max(CHANGES_MAX).describe('The changes, at most 1,000.'),
    })
    .refine(({ from, to }) => to > from, { path: ['to'], message: 'must be above from' })
    .refine(({ from, to, changes }) => changes.every(({ version }) => version > from && version <= to), {
      path: ['changes'],
      message: 'each version must be above from and at most to',
    });

/** A delta of reservations, as the cloud signs it. */
export const reservationDeltaClaimsSchema = deltaOf(reservationChangeSchema);
export type ReservationDelta = z.infer<typeof reservationDeltaClaimsSchema>;

/** A delta of ticket uses, as the cloud signs it. */
export const usageDeltaClaimsSchema = deltaOf(usageChangeSchema);
export type UsageDelta = z.infer<typeof usageDeltaClaimsSchema>;
