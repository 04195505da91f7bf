import * as z from 'zod';
import { issuerKeysSchema, issuerNameSchema, publicKeySchema } from './config.ts';
import { issuerSchema } from './member.ts';
import { keyIdSchema, signatureAlgorithmSchema } from './pass.ts';
import { numericDateSchema, opaqueIdSchema, slugSchema, thumbprintSchema } from './primitives.ts';

/** `typ` of a trust bundle: which keys hold at a venue, and what is revoked. */
export const TRUST_TYPE = 'trust-bundle+jwt';

/** Largest bundle that is looked at, in bytes of its compact form. */
export const TRUST_BYTES_MAX = 1024 * 1024;

/** Revocations of one kind in a bundle. A pass lives 72 hours at most, so its own revocation may be dropped after that. */
const REVOKED_MAX = 10_000;

/** How far a bundle's version may be above the one in force: one stolen key must not use the numbers up. */
export const TRUST_VERSION_STEP_MAX = 1_000_000;

/** The header of a trust bundle. */
export const trustHeaderSchema = z.strictObject({
  alg: signatureAlgorithmSchema,
  typ: z.literal(TRUST_TYPE).describe('What it is: a trust bundle.'),
  kid: keyIdSchema,
});

/**
 * A bundle is whole: the newer one takes the place of the older. It is open throughout, because one serves gateways of
 * several versions: what an older one does not know keeps no revocation from it.
 */
export const trustClaimsSchema = z.object({
  venue: slugSchema.describe('The venue that it is for.'),
  version: z
    .int()
    .min(1)
    .describe(
      'Only grows, by 1,000,000 at most above the one in force, or above 0 where there is none. A bundle that is not above the one in force is ignored, however well it is signed.',
    ),
  iat: numericDateSchema.describe('When it was signed, in seconds since the epoch. Not ahead of the time.'),
  issuers: z
    .array(z.object({ iss: issuerNameSchema, keys: issuerKeysSchema }))
    .min(1)
    .refine((issuers) => {
      const kids = issuers.flatMap(({ keys }) => keys.map(({ kid }) => kid));
      return new Set(kids).size === kids.length;
    }, 'a kid is there twice: it names one key of all issuers')
    .describe('Who may issue passes for this venue. A `kid` names one key of all of them.'),
  cloud: z
    .array(publicKeySchema)
    .min(1)
    .describe('Who may sign receipts, commands, deltas and the next bundle.'),
  revoked: z
    .object({
      passes: z.array(opaqueIdSchema).max(REVOKED_MAX).default([]).describe('Passes, by `jti`.'),
      members: z
        .array(
          z.object({
            iss: issuerSchema.exactOptional(),
            sub: opaqueIdSchema,
            before: numericDateSchema.describe(
              'Passes with an `iat` before it are revoked, in seconds since the epoch.',
            ),
          }),
        )
        .max(REVOKED_MAX)
        .default([])
        .describe(
          'Members: every pass that was issued to them before an instant; without `iss` to that `sub` of every issuer.',
        ),
      devices: z
        .array(thumbprintSchema)
        .max(REVOKED_MAX)
        .default([])
        .describe('Devices, by the RFC 7638 thumbprint of their key (`cnf.jkt`).'),
    })
    .prefault({})
    .describe('What is revoked, at most 10,000 of each kind.'),
});
export type TrustClaims = z.infer<typeof trustClaimsSchema>;
