import { randomBytes } from 'node:crypto';
import { PASS_TYPE, type Entitlement, type PassClaims } from '../../shared/contract/pass.ts';
import type { SignatureAlgorithm } from '../../shared/contract/pass.ts';
import type { PublicKey } from '../../shared/contract/config.ts';
import type { Clock } from '../../gateway/clock/clock.ts';
import { createSigner } from './signer.ts';

/** How long a pass of the demo's issuer lives, in seconds: the next day at one venue, so that it fits a QR. */
const LIFETIME_S = 24 * 3600;

export interface PassRequest {
  /** The member, an opaque name. */
  readonly sub: string;
  /** Thumbprint of the member's device key; left out for a bearer pass. */
  readonly jkt?: string;
  readonly entitlements: readonly Entitlement[];
  /** Default: the issuer's venue. */
  readonly aud?: readonly string[];
  /** Epoch seconds. Default: now. */
  readonly iat?: number;
  /** Seconds. Default: a day. */
  readonly lifetimeS?: number;
}

/** A development issuer of member passes. */
export interface Issuer {
  readonly iss: string;
  readonly publicKey: PublicKey;
  issue(request: PassRequest): Promise<string>;
}

export interface IssuerOptions {
  /** The venue that passes are for. */
  readonly venue: string;
  readonly clock: Clock;
  readonly alg?: SignatureAlgorithm;
  /** Name of the key. */
  readonly kid?: string;
}

/** Makes an issuer with a key of its own. Two issuers with the same names differ in their keys: one forges the other. */
export async function createIssuer({
  venue,
  clock,
  alg = 'EdDSA',
  kid = 'dev1',
}: IssuerOptions): Promise<Issuer> {
  const iss = 'https://issuer.example';
  const signer = await createSigner(kid, alg);
  return {
    iss,
    publicKey: signer.publicKey,
    issue: ({
      sub,
      jkt,
      entitlements,
      aud = [venue],
      iat = Math.floor(clock.wallMs() / 1000),
      lifetimeS = LIFETIME_S,
    }) => {
      const claims: PassClaims = {
        iss,
        sub,
        aud: [...aud],
        iat,
        exp: iat + lifetimeS,
        jti: randomBytes(9).toString('base64url'),
        ...(jkt === undefined ? {} : { cnf: { jkt } }),
        ent: [...entitlements],
      };
      return signer.sign(PASS_TYPE, claims);
    },
  };
}
