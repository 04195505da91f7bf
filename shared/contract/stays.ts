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
  typ: z.literal(STAY_RECORDS_TYPE),
  kid: keyIdSchema,
});

/** A stay as the events of all epochs have left it. */
const stayRecordSchema = z.strictObject({
  stay: opaqueIdSchema,
  ...memberFields,
  /** `null` for a ticket's visit. */
  reservation: opaqueIdSchema.nullable(),
  state: z.enum(['open', 'checked-out', 'forgotten', 'no-show', 'voided']),
  checkIn: instantTextSchema.nullable(),
  checkOut: instantTextSchema.nullable(),
  /** The charge in force; `null` where nothing is billed. */
  charge: chargeRecordSchema.nullable(),
});
export type StayRecord = z.infer<typeof stayRecordSchema>;

/**
 * The answer to a gateway that took over from a journal which may have known less than the cloud: every stay that an event
 * tells of which the common store holds between two places of the venue's ledgers, the epochs in the order of their ULIDs.
 * These are the events of `epoch` with a number above `from`, and all of the epochs after it that are below `before`; the
 * asking gateway's own epoch is none of them. The stays come in the order of the last of these events.
 */
export const stayRecordsClaimsSchema = z.object({
  venue: slugSchema,
  epoch: ulidSchema,
  from: z.int().min(0),
  before: ulidSchema,
  /** The place up to which this message tells, to be asked on from; `null`: there is no more. */
  next: ledgerPlaceSchema.nullable(),
  iat: numericDateSchema,
  stays: z.array(stayRecordSchema).max(STAY_RECORDS_MAX),
});
export type StayRecords = z.infer<typeof stayRecordsClaimsSchema>;
