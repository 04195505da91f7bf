import * as z from 'zod';
import { keyIdSchema, signatureAlgorithmSchema } from './pass.ts';
import { digestSchema, ledgerPlaceSchema, numericDateSchema, slugSchema, ulidSchema } from './primitives.ts';

/** `typ` of a receipt: the cloud's signed word that it holds every event up to a number. */
export const RECEIPT_TYPE = 'custody-receipt+jwt';

/** The header of a receipt. */
export const receiptHeaderSchema = z.strictObject({
  alg: signatureAlgorithmSchema,
  typ: z.literal(RECEIPT_TYPE).describe('What it is: a receipt.'),
  kid: keyIdSchema,
});

/** Cumulative: one receipt answers for everything before it. */
export const receiptClaimsSchema = z.object({
  venue: slugSchema.describe('The venue of the ledger.'),
  epoch: ulidSchema.describe('The epoch of the ledger, a ULID.'),
  seq: z.int().min(0).describe('Highest number of the epoch up to which the common store has no gap.'),
  head: digestSchema.describe('Chain hash at `seq`, computed by the consumer from the bytes it stored.'),
  iat: numericDateSchema.describe('When it was signed, in seconds since the epoch.'),
});
export type ReceiptClaims = z.infer<typeof receiptClaimsSchema>;

const needOf = (text: string) => `What the cloud is asked for: ${text}`;

/**
 * What a gateway asks of the cloud at every birth, and every half hour: a broker may have lost the answer, or what was told.
 * Which `have` belongs to it depends on what it needs.
 */
export const requestSchema = z.discriminatedUnion('need', [
  z.strictObject({
    need: z
      .enum(['reservations', 'usage', 'trust'])
      .describe(needOf('the deltas or the bundle above a version; the topic of that name answers.')),
    have: z
      .int()
      .min(0)
      .describe('The newest version that the gateway has, 0 or more; 0: none, or only the configuration’s.'),
  }),
  z.strictObject({
    need: z.literal('receipt').describe(needOf('a receipt; `receipts` answers.')),
    have: ledgerPlaceSchema.describe('The epoch, and the number up to which the gateway has a receipt.'),
  }),
  z.strictObject({
    need: z.literal('stays').describe(needOf('the last word on stays; `stays` answers.')),
    have: ledgerPlaceSchema
      .extend({ before: ulidSchema.describe('The epoch that took over, a ULID.') })
      .describe(
        'The place in an earlier epoch up to which its journal was taken over, and the epoch that took over: what the cloud knows by later events of it, and by any event of the epochs between the two, is missing here.',
      ),
  }),
]);
export type CloudRequest = z.infer<typeof requestSchema>;
