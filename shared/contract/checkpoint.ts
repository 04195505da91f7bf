import * as z from 'zod';
import { keyIdSchema } from './pass.ts';
import { digestSchema, numericDateSchema, slugSchema, ulidSchema } from './primitives.ts';

/** `typ` of a checkpoint: the gateway's signed word on what its ledger held at a number. */
export const CHECKPOINT_TYPE = 'journal-checkpoint+jwt';

/** `typ` of an anchor: a checkpoint up to which the gateway has removed events by itself, after receipt and retention. */
export const ANCHOR_TYPE = 'journal-anchor+jwt';

/** Header of what a gateway signs; `kid` is the RFC 7638 thumbprint of its key. */
const headerOf = <T extends string>(typ: T) =>
  z.strictObject({
    alg: z.literal('EdDSA').describe('The algorithm of the signature; always the gateway’s.'),
    typ: z.literal(typ).describe('What it is: a checkpoint, or an anchor.'),
    kid: keyIdSchema.describe('The RFC 7638 thumbprint of the gateway’s key, 43 characters.'),
  });

/** The header of a checkpoint. */
export const checkpointHeaderSchema = headerOf(CHECKPOINT_TYPE);
/** The header of an anchor. */
export const anchorHeaderSchema = headerOf(ANCHOR_TYPE);

/** Claims of a checkpoint and of an anchor. */
export const checkpointClaimsSchema = z.strictObject({
  venue: slugSchema.describe('The venue of the ledger.'),
  epoch: ulidSchema.describe('The epoch of the ledger, a ULID.'),
  seq: z
    .int()
    .min(1)
    .describe('Number of the newest event that it answers for; it answers for every one before as well.'),
  head: digestSchema.describe('Chain hash at `seq`.'),
  iat: numericDateSchema.describe('When it was signed, in seconds since the epoch.'),
});
export type CheckpointClaims = z.infer<typeof checkpointClaimsSchema>;
