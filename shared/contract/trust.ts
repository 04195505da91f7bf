import * as z from 'zod';
import { publicKeySchema } from './config.ts';
import { issuerSchema } from './member.ts';
import { keyIdSchema, signatureAlgorithmSchema } from './pass.ts';
import { numericDateSchema, opaqueIdSchema, slugSchema, thumbprintSchema } from './primitives.ts';

/** `typ` of a trust bundle: which keys hold at a venue, and what is revoked. */
export const TRUST_TYPE = 'trust-bundle+jwt';

/** Largest bundle that is looked at, in bytes of its compact form. */
export const TRUST_BYTES_MAX = 1024 * 1024;

/** Revocations of one kind in a bundle. A pass lives 72 hours at most, so its own revocation may be dropped after that. */
const REVOKED_MAX = 10_000;

/** The header of a trust bundle. */
export const trustHeaderSchema = z.strictObject({
  alg: signatureAlgorithmSchema,
  typ: z.literal(TRUST_TYPE),
  kid: keyIdSchema,
});

/** A bundle is whole: the newer one takes the place of the older. */
export const trustClaimsSchema = z.strictObject({
  venue: slugSchema,
  /** Only grows. A bundle that is not above the one in force is ignored, however well it is signed. */
  version: z.int().min(1),
  iat: numericDateSchema,
  /** Who may issue passes for this venue. */
  issuers: z.array(z.strictObject({ iss: z.string().min(1), keys: z.array(publicKeySchema).min(1) })).min(1),
  /** Who may sign receipts, commands, deltas and the next bundle. */
  cloud: z.array(publicKeySchema).min(1),
  revoked: z
    .strictObject({
      /** Passes, by `jti`. */
      passes: z.array(opaqueIdSchema).max(REVOKED_MAX).default([]),
      /** Members: every pass that was issued to them before an instant; without `iss` to that `sub` of every issuer. */
      members: z
        .array(
          z.strictObject({
            iss: issuerSchema.exactOptional(),
            sub: opaqueIdSchema,
            before: numericDateSchema,
          }),
        )
        .max(REVOKED_MAX)
        .default([]),
      /** Devices, by the RFC 7638 thumbprint of their key (`cnf.jkt`). */
      devices: z.array(thumbprintSchema).max(REVOKED_MAX).default([]),
    })
    .prefault({}),
});
export type TrustClaims = z.infer<typeof trustClaimsSchema>;
