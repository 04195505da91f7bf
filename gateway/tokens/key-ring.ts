import { importJWK, type CryptoKey } from 'jose';
import type { GatewayConfig, PublicKey } from '../../shared/contract/config.ts';
import type { PassClaims, SignatureAlgorithm } from '../../shared/contract/pass.ts';

/** A key and the one algorithm it verifies with. */
export interface VerificationKey {
  readonly kid: string;
  readonly alg: SignatureAlgorithm;
  /** Whose key it is: the `iss` of a pass issuer, or `null` for a key of the cloud. */
  readonly iss: string | null;
  readonly key: CryptoKey;
}

/** Keys by `kid`. A look-up never leaves memory; what it finds may change when keys are rotated. */
export interface KeyRing {
  get(kid: string): VerificationKey | undefined;
}

/** Keys of pass issuers. Whose they are may change when keys are rotated. */
export interface IssuerKeys extends KeyRing {
  /** Who may issue passes, by `iss`. */
  readonly issuers: readonly string[];
}

/** What the cloud has revoked, as it is known at the moment of the question. */
export interface Revocations {
  /** @param pass claims of a pass whose signature is verified */
  isRevoked(pass: Pick<PassClaims, 'jti' | 'iss' | 'sub' | 'iat' | 'cnf'>): boolean;
}

/** For whoever knows of no revocation: a look at a pass outside the gateway, and tests of something else. */
export const NOTHING_REVOKED: Revocations = { isRevoked: () => false };

/** Keys as the configuration and trust bundles list them. */
type TrustedKeys = Pick<GatewayConfig['trust'], 'issuers' | 'cloud'>;

/**
 * Loads public keys, whose kind the schema has settled: Ed25519 (`EdDSA`) or P-256 (`ES256`).
 *
 * @throws Error naming the key that is no point of its curve
 */
async function load(keys: readonly { key: PublicKey; iss: string | null }[]): Promise<KeyRing> {
  const ring = new Map<string, VerificationKey>();
  for (const { key: jwk, iss } of keys) {
    const key = await importJWK({ ...jwk }, jwk.alg);
    if (key instanceof Uint8Array) throw new Error(`key ${jwk.kid}: not a public key`);
    ring.set(jwk.kid, { kid: jwk.kid, alg: jwk.alg, iss, key });
  }
  return ring;
}

/** The keys that passes of this venue may be signed with. */
export async function loadIssuerKeys({ issuers }: TrustedKeys): Promise<IssuerKeys> {
  const ring = await load(issuers.flatMap(({ iss, keys }) => keys.map((key) => ({ key, iss }))));
  return { get: (kid) => ring.get(kid), issuers: issuers.map(({ iss }) => iss) };
}

/** The keys that receipts and commands may be signed with. */
export function loadCloudKeys(trust: TrustedKeys): Promise<KeyRing> {
  return load(trust.cloud.map((key) => ({ key, iss: null })));
}
