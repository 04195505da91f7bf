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

/** What a gateway asks of the cloud at every birth, and every half hour: a broker may have lost the answer, or what was told. */
export const requestSchema = z.strictObject({
  need: z
    .enum(['reservations', 'usage', 'receipt', 'trust', 'stays'])
    .describe('What the cloud is asked for: the topic of that name answers, `receipts` to `receipt`.'),
  have: z
    .union([
      z.int().min(0),
      ledgerPlaceSchema.extend({
        before: ulidSchema.exactOptional().describe('Of stays alone: the epoch that took over, a ULID.'),
      }),
    ])
    .nullable()
    .describe(
      'The newest that the gateway has: of deltas and trust the version, of receipts the epoch and number. Of stays the place in an earlier epoch up to which its journal was taken over, and `before`, the epoch that took over: what the cloud knows by later events of it, and by any event of the epochs between the two, is missing here.',
    ),
});
export type CloudRequest = z.infer<typeof requestSchema>;
