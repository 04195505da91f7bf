import * as z from 'zod';
import { keyIdSchema, signatureAlgorithmSchema } from './pass.ts';
import { digestSchema, ledgerPlaceSchema, numericDateSchema, slugSchema, ulidSchema } from './primitives.ts';

/** `typ` of a receipt: the cloud's signed word that it holds every event up to a number. */
export const RECEIPT_TYPE = 'custody-receipt+jwt';

/** The header of a receipt. */
export const receiptHeaderSchema = z.strictObject({
  alg: signatureAlgorithmSchema,
  typ: z.literal(RECEIPT_TYPE),
  kid: keyIdSchema,
});

/** Cumulative: one receipt answers for everything before it. */
export const receiptClaimsSchema = z.object({
  venue: slugSchema,
  epoch: ulidSchema,
  /** Highest number of the epoch up to which the common store has no gap. */
  seq: z.int().min(0),
  /** Chain hash at `seq`, computed by the consumer from the bytes it stored. */
  head: digestSchema,
  iat: numericDateSchema,
});
export type ReceiptClaims = z.infer<typeof receiptClaimsSchema>;

/** What a gateway asks of the cloud at every birth, and every half hour: a broker may have lost the answer, or what was told. */
export const requestSchema = z.strictObject({
  need: z.enum(['reservations', 'usage', 'receipt', 'trust', 'stays']),
  /**
   * The newest that the gateway has: of deltas and trust the version, of receipts the epoch and number. Of stays the place
   * in an earlier epoch up to which its journal was taken over, and `before`, the epoch that took over: what the cloud knows
   * by later events of it, and by any event of the epochs between the two, is missing here.
   */
  have: z
    .union([z.int().min(0), ledgerPlaceSchema.extend({ before: ulidSchema.exactOptional() })])
    .nullable(),
});
export type CloudRequest = z.infer<typeof requestSchema>;
