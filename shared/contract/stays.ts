import * as z from 'zod';
import { chargeRecordSchema } from './charge.ts';
import { memberFields } from './member.ts';
import { keyIdSchema, signatureAlgorithmSchema } from './pass.ts';
import {
  instantTextSchema,
  ledgerPlaceSchema,
  numericDateSchema,
  opaqueIdSchema,
  slugSchema,
  ulidSchema,
} from './primitives.ts';

/** `typ` of the cloud's last word on stays of an earlier epoch. */
export const STAY_RECORDS_TYPE = 'stay-records+jwt';

/** Stays in one message. More come in several. */
export const STAY_RECORDS_MAX = 500;

export const stayRecordsHeaderSchema = z.strictObject({
  alg: signatureAlgorithmSchema,
  typ: z.literal(STAY_RECORDS_TYPE).describe('What it is: the last word on stays.'),
  kid: keyIdSchema,
});

/** A stay as the events of all epochs have left it. */
const stayRecordSchema = z.strictObject({
  stay: opaqueIdSchema.describe('The stay.'),
  ...memberFields,
  reservation: opaqueIdSchema.nullable().describe('`null` for a ticket’s visit.'),
  state: z.enum(['open', 'checked-out', 'forgotten', 'no-show', 'voided']).describe('How it stands.'),
  checkIn: instantTextSchema.nullable().describe('The check-in in force, RFC 3339; `null`: none.'),
  checkOut: instantTextSchema.nullable().describe('The check-out in force, RFC 3339; `null`: none.'),
  charge: chargeRecordSchema.nullable().describe('The charge in force; `null` where nothing is billed.'),
});
export type StayRecord = z.infer<typeof stayRecordSchema>;

/**
 * The answer to a gateway that took over from a journal which may have known less than the cloud: every stay that an event
 * tells of which the common store holds between two places of the venue's ledgers, the epochs in the order of their ULIDs.
 * These are the events of `epoch` with a number above `from`, and all of the epochs after it that are below `before`; the
 * asking gateway's own epoch is none of them. The stays come in the order of the last of these events.
 */
export const stayRecordsClaimsSchema = z.object({
  venue: slugSchema.describe('The venue.'),
  epoch: ulidSchema.describe('`have.epoch` of the question, a ULID.'),
  from: z.int().min(0).describe('`have.seq` of the question: told are the events above it, 0 or more.'),
  before: ulidSchema.describe('`have.before` of the question, a ULID.'),
  next: ledgerPlaceSchema
    .nullable()
    .describe('The place up to which this message tells, to be asked on from; `null`: there is no more.'),
  iat: numericDateSchema.describe('When it was signed, in seconds since the epoch.'),
  stays: z
    .array(stayRecordSchema)
    .max(STAY_RECORDS_MAX)
    .describe('The stays, at most 500, in the order of their last events.'),
});
export type StayRecords = z.infer<typeof stayRecordsClaimsSchema>;
