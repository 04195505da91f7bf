import type * as z from 'zod';
import { hasValidSignature, readClaims, readToken } from './jws.ts';
import type { KeyRing } from './key-ring.ts';

/**
 * The claims of a token that a key of the ring has signed, or `null` for anything else: another type, an unknown key, a
 * bad signature, claims that do not fit. Signature and shape are verified; what the claims say is not judged.
 *
 * @param bytesMax largest text that is looked at
 */
export async function readSigned<C extends z.ZodType>(
  text: string,
  headerSchema: z.ZodType<{ readonly alg: string; readonly kid: string }>,
  claimsSchema: C,
  keys: KeyRing,
  bytesMax: number,
): Promise<z.infer<C> | null> {
  if (text.length > bytesMax) return null;
  const token = readToken(text, headerSchema);
  const key = token && keys.get(token.header.kid);
  if (!key || key.alg !== token.header.alg) return null;
  return (await hasValidSignature(text, key.key, key.alg)) ? readClaims(token, claimsSchema) : null;
}
