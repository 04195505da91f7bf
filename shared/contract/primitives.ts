import * as z from 'zod';
import { instantProblem } from '../time.ts';

/** A name chosen by an operator: venue, gateway, door, seat. It stands in topics, URLs and ids. */
export const slugSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, 'lower-case letters, digits and inner hyphens, at most 64')
  .meta({ description: 'Lower-case letters, digits and inner hyphens, at most 64 characters.' });

/** An opaque identifier given by somebody else (member, reservation, token); printable ASCII without blanks. */
export const opaqueIdSchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, 'printable ASCII without blanks, at most 128 characters')
  .meta({ description: 'Printable ASCII without blanks, 1 to 128 characters.' });

/** RFC 7638 SHA-256 thumbprint, base64url without padding. */
export const thumbprintSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, 'a base64url SHA-256 digest')
  .describe('SHA-256 in base64url without padding, 43 characters; of a key its RFC 7638 thumbprint.');

/**
 * A coordinate of a P-256 key, or an Ed25519 key: 32 bytes, base64url without padding. A last letter that would leave
 * bits over is refused, so that a key has one spelling and one thumbprint.
 */
export const keyCoordinateSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/,
    'must be 32 bytes in base64url without padding: 43 characters',
  )
  .describe('32 bytes in base64url without padding, 43 characters.');

/** Seconds since the epoch, as RFC 7519's NumericDate but whole, to the end of the year 9998: read in every zone. */
export const numericDateSchema = z
  .int()
  .min(0)
  .max(253_370_764_799)
  .describe('Whole seconds since 1970-01-01T00:00:00Z, 0 to 253,370,764,799.');

/** An instant in text: exactly what `parseInstant` reads. The message names what is missing. */
export const instantTextSchema = z
  .string()
  .check((context) => {
    const problem = instantProblem(context.value);
    if (problem !== null) context.issues.push({ code: 'custom', message: problem, input: context.value });
  })
  .meta({ format: 'date-time', description: 'RFC 3339 date and time with seconds and offset.' });

/** A civil date, YYYY-MM-DD, in the years that `parseCivilDate` reads. */
export const civilDateSchema = z.iso
  .date()
  .refine((date) => date >= '1970-01-01' && date <= '9998-12-31', 'year must be 1970 to 9998')
  .describe('A day of the calendar, YYYY-MM-DD, 1970-01-01 to 9998-12-31.');

/** A ULID in Crockford's base 32. */
export const ulidSchema = z
  .string()
  .regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'a ULID')
  .describe('A ULID: 26 characters of Crockford’s base 32, in upper case.');

/** SHA-256 as lower-case hexadecimal. */
export const digestSchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'a SHA-256 digest in lower-case hexadecimal')
  .describe('SHA-256, 64 digits of lower-case hexadecimal.');

/** Whole yen, never negative. */
export const yenSchema = z.int().min(0).describe('Whole yen, 0 or more.');

/** Which side of a door a code was presented at. */
export const sideSchema = z.enum(['entry', 'exit']).describe('The side of the door.');
export type Side = z.infer<typeof sideSchema>;

/** A place in the ledgers of a venue: an event's number in its epoch. */
export const ledgerPlaceSchema = z.strictObject({
  epoch: ulidSchema,
  seq: z.int().min(0).describe('The number of an event in that epoch, from 1; 0: before the first.'),
});
