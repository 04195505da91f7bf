import * as z from 'zod';
import {
  keyCoordinateSchema,
  numericDateSchema,
  opaqueIdSchema,
  slugSchema,
  thumbprintSchema,
} from './primitives.ts';

/** `typ` of the proof that a phone sends with a door request (RFC 9449). */
export const DPOP_TYPE = 'dpop+jwt';

/** `typ` of the proof inside a QR shown to the scanner. */
export const DOOR_PROOF_TYPE = 'door-proof+jwt';

/** How old a scanner's proof may be, in seconds, before the clock's error bound is added. */
export const DOOR_PROOF_AGE_S_MAX = 15;

/** How far ahead of the gateway's clock a scanner's proof may be, in seconds. */
export const DOOR_PROOF_AHEAD_S_MAX = 5;

/** A P-256 public key and nothing else: a private member or a certificate is refused. */
export const deviceKeySchema = z.strictObject({
  kty: z.literal('EC').describe('The type of the key.'),
  crv: z.literal('P-256').describe('Its curve.'),
  x: keyCoordinateSchema,
  y: keyCoordinateSchema,
});
export type DeviceKey = z.infer<typeof deviceKeySchema>;

const headerOf = <T extends string>(typ: T) =>
  z.strictObject({
    alg: z.literal('ES256').describe('The algorithm of the signature.'),
    typ: z.literal(typ).describe('What it is: a proof.'),
    jwk: deviceKeySchema.describe('The device’s public key, whose thumbprint is the pass’s `cnf.jkt`.'),
  });

/** The header of a DPoP proof. */
export const dpopHeaderSchema = headerOf(DPOP_TYPE);
/** The header of a proof at a door. */
export const doorProofHeaderSchema = headerOf(DOOR_PROOF_TYPE);

/** The claims of a DPoP proof. Source: RFC 9449, 4.2. */
export const dpopClaimsSchema = z.object({
  htm: z.string().max(16).describe('The method of the request, at most 16 characters.'),
  htu: z
    .string()
    .max(512)
    .describe(
      'The address of the request on the venue’s public origin, without query, at most 512 characters.',
    ),
  iat: numericDateSchema.describe('When the device made it, in seconds since the epoch.'),
  jti: opaqueIdSchema.describe('The proof’s id, new for each.'),
  ath: thumbprintSchema.describe('Base64url SHA-256 of the pass’s text.'),
  nonce: z
    .string()
    .max(256)
    .exactOptional()
    .describe('The newest `DPoP-Nonce` of the gateway, at most 256 characters.'),
});
export type DpopClaims = z.infer<typeof dpopClaimsSchema>;

/** The claims of a proof at a door. */
export const doorProofClaimsSchema = z.object({
  aud: slugSchema.describe('The venue whose scanner it is shown to.'),
  iat: numericDateSchema.describe('When the device made it, in seconds since the epoch.'),
  jti: opaqueIdSchema.describe('The proof’s id, new for each.'),
  ath: thumbprintSchema.describe('SHA-256 of the pass’s text in base64url, 43 characters.'),
});
export type DoorProofClaims = z.infer<typeof doorProofClaimsSchema>;
