import { compactVerify, type CryptoKey } from 'jose';
import type * as z from 'zod';
import { parseStrictJson } from './strict-json.ts';

/** A token whose spelling is canonical and whose header has the right shape. The signature is not verified. */
export interface UnverifiedToken<H> {
  readonly text: string;
  readonly header: H;
  readonly payload: Uint8Array;
}

/**
 * Takes a compact JWS apart: three parts of canonical base64url, a header that holds exactly the members of the
 * schema. Returns `null` for anything else; never throws.
 *
 * Canonical means that decoding and encoding give the same text: otherwise one credential has many spellings
 * (padding, blanks, trailing bits).
 */
export function readToken<S extends z.ZodType>(
  text: string,
  headerSchema: S,
): UnverifiedToken<z.infer<S>> | null {
  const parts = text.split('.');
  const [headerText, payloadText, signatureText] = parts;
  if (parts.length !== 3 || !headerText || !payloadText || !signatureText) return null;
  const headerBytes = decodeCanonical(headerText);
  const payload = decodeCanonical(payloadText);
  if (headerBytes === null || payload === null || decodeCanonical(signatureText) === null) return null;
  const header = headerSchema.safeParse(parseStrictJson(headerBytes));
  return header.success ? { text, header: header.data, payload } : null;
}

/** Verifies the signature with one key and one algorithm. Any failure of the verification is `false`. */
export async function hasValidSignature(text: string, key: CryptoKey, alg: string): Promise<boolean> {
  try {
    await compactVerify(text, key, { algorithms: [alg] });
    return true;
  } catch {
    // Whatever jose or WebCrypto objects to in hostile bytes, the answer is the same.
    return false;
  }
}

/** Claims of a token whose signature was verified, or `null` where they do not fit the schema. */
export function readClaims<S extends z.ZodType>(
  token: UnverifiedToken<unknown>,
  schema: S,
): z.infer<S> | null {
  const claims = schema.safeParse(parseStrictJson(token.payload));
  return claims.success ? claims.data : null;
}

function decodeCanonical(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}
