import { CompactSign, exportJWK, generateKeyPair, type CryptoKey } from 'jose';
import { publicKeySchema, type PublicKey } from '../../shared/contract/config.ts';
import type { SignatureAlgorithm } from '../../shared/contract/pass.ts';
import type { JsonValue } from '../../shared/canonical.ts';

/** A signing key of the demo: made at start, held in memory, gone with the process. */
export interface Signer {
  /** What the gateway's configuration trusts. */
  readonly publicKey: PublicKey;
  /** A compact JWS with exactly `alg`, `typ` and `kid` in its header. */
  sign(typ: string, claims: JsonValue): Promise<string>;
}

/** Makes a key pair. Ed25519 for `EdDSA`, P-256 for `ES256`. */
export async function createSigner(kid: string, alg: SignatureAlgorithm = 'EdDSA'): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  const jwk = await exportJWK(publicKey);
  return {
    publicKey: publicKeySchema.parse({ ...jwk, kid, alg }),
    sign: (typ, claims) => signCompact(privateKey, { alg, typ, kid }, claims),
  };
}

/** Signs claims under a header. The header's `alg` must go with the key. */
export function signCompact(
  key: CryptoKey,
  header: { readonly alg: string; readonly [member: string]: unknown },
  claims: JsonValue,
): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ ...header })
    .sign(key);
}
