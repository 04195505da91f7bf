import { createHash } from 'node:crypto';
import { importJWK } from 'jose';
import type * as z from 'zod';
import {
  BEARER_PASS_LIFETIME_S_MAX,
  PASS_LIFETIME_S_MAX,
  passClaimsSchema,
  passHeaderSchema,
  type PassClaims,
} from '../../shared/contract/pass.ts';
import { parsePresentation, PRESENTATION_BYTES_MAX } from '../../shared/contract/presentation.ts';
import {
  DOOR_PROOF_AGE_S_MAX,
  DOOR_PROOF_AHEAD_S_MAX,
  doorProofClaimsSchema,
  doorProofHeaderSchema,
  dpopClaimsSchema,
  dpopHeaderSchema,
  type DeviceKey,
} from '../../shared/contract/proof.ts';
import { publishedAs, thumbprintInput } from '../../shared/contract/published-keys.ts';
import type { Credential, CredentialProblem } from '../access/credential.ts';
import type { Clock } from '../clock/clock.ts';
import { parseCompactCode } from './compact-code.ts';
import { hasValidSignature, readClaims, readToken, type UnverifiedToken } from '../tokens/jws.ts';
import type { KeyRing, Revocations, VerificationKey } from '../tokens/key-ring.ts';
import type { NonceSource } from './nonce.ts';

/** How far, in seconds, a phone's clock may be off when its proof carries a nonce of ours. */
const DPOP_SKEW_S_MAX = 300;

/** A pass and a proof by HTTP, as RFC 9449 has them, and the request they came with. */
export interface DpopRequest {
  readonly pass: string;
  readonly proof: string;
  readonly method: string;
  /** The public URL of the resource, without query: the configured origin, never the `Host` header. */
  readonly url: string;
  /** The one nonce that the proof may carry, where one was given out for this very request. */
  readonly nonce?: string;
  /** Whose work it is (`sourceOf`). Default: one source for all that say nothing. */
  readonly from?: string;
}

/** What hostile bytes turned out to be: a credential with its facts, or a denial’s reason. */
export type GateVerdict =
  | { readonly kind: 'credential'; readonly credential: Credential }
  /** Not a credential of ours, or not well signed. Nothing more is said. */
  | { readonly kind: 'unreadable' }
  /** A good proof without a nonce of ours that is still fresh: the phone asks again with the one it is given. */
  | { readonly kind: 'nonce-needed' }
  /** Not looked at: its source has had too much verified lately. */
  | { readonly kind: 'too-many' };

const UNREADABLE: GateVerdict = { kind: 'unreadable' };

/** Turns hostile bytes into facts. Work is bounded by the size cap; nothing here waits for a network. */
export interface Gate {
  /** The bytes of a scanned code: `GK1.<pass>~<proof>`, or the same in the compact spelling. */
  scan(bytes: Uint8Array): Promise<GateVerdict>;
  /** A door request of a phone. */
  request(request: DpopRequest): Promise<GateVerdict>;
}

export interface GateOptions {
  readonly venue: string;
  readonly issuerKeys: KeyRing;
  readonly revocations: Revocations;
  readonly nonces: NonceSource;
  readonly clock: Clock;
}

/** A pass whose spelling and header are good, and the key that it says it is signed with. Nothing is verified. */
interface ReadPass {
  readonly token: UnverifiedToken<unknown>;
  readonly key: VerificationKey;
}

interface ProofClaims {
  readonly iat: number;
  readonly jti: string;
  readonly ath: string;
}

/** A pass and a proof that belong together. Both signatures are verified. */
interface Proven<C> {
  readonly pass: PassClaims;
  readonly claims: C;
  /** RFC 7638 thumbprint of the device key. */
  readonly thumbprint: string;
}

/** Makes the gate: hostile bytes in, facts or a reason out. It neither throws nor keeps anything. */
export function createGate({ venue, issuerKeys, revocations, nonces, clock }: GateOptions): Gate {
  /** Verifies the issuer's signature and the claims' shape; the claims' times and audience are not judged here. */
  async function verifyPass({ token, key }: ReadPass): Promise<PassClaims | null> {
    // The claims are read while another thread verifies; they are not looked at before it has.
    const signed = hasValidSignature(token.text, key.key, key.alg);
    const claims = readClaims(token, passClaimsSchema);
    if (!(await signed)) return null;
    if (!claims || claims.iss !== key.iss) return null;
    clock.witness(claims.iat * 1000);
    const lifetimeS = claims.exp - claims.iat;
    return lifetimeS > 0 && lifetimeS <= PASS_LIFETIME_S_MAX ? claims : null;
  }

  /** An untrusted clock says how late it is at least: what seems to come from the future may be of today. */
  const isOnlyAtLeast = (): boolean => clock.trust() === 'untrusted';

  /** A pass that names a key of ours, or `null`. Nothing is verified. */
  function readPass(text: string): ReadPass | null {
    const token = readToken(text, passHeaderSchema);
    const key = token && issuerKeys.get(token.header.kid);
    return key && key.alg === token.header.alg ? { token, key } : null;
  }

  /**
   * A pass with a proof over it by the device that it names. Both signatures are verified, and nothing else is judged.
   *
   * A proof over other bytes than the pass's is thrown away before anything is verified: a digest costs a fiftieth of
   * a signature, and what cannot become a credential should cost no more.
   */
  async function verifyBoth<C extends ProofClaims>(
    passText: string,
    proof: UnverifiedToken<{ jwk: DeviceKey }> | null,
    claimsSchema: z.ZodType<C>,
  ): Promise<Proven<C> | null> {
    const claims = proof && readClaims(proof, claimsSchema);
    if (!claims || claims.ath !== base64urlSha256(passText)) return null;
    const read = readPass(passText);
    if (!read) return null;
    const thumbprint = base64urlSha256(thumbprintInput(proof.header.jwk));
    // Anybody has the private half of such a key: its signature proves no device, whatever the pass says.
    if (publishedAs(thumbprint) !== null) return null;
    // The proof first: its key has to be imported before it verifies, and the pass is read in the meantime.
    const [isProven, pass] = await Promise.all([hasDeviceSignature(proof), verifyPass(read)]);
    return isProven && pass?.cnf?.jkt === thumbprint ? { pass, claims, thumbprint } : null;
  }

  function problemsOf(
    pass: PassClaims,
    nowS: number,
    ofProof: readonly CredentialProblem[],
  ): CredentialProblem[] {
    const problems = new Set(ofProof);
    if (!pass.aud.includes(venue)) problems.add('wrong-venue');
    if (nowS >= pass.exp) problems.add('pass-expired');
    // The later of the two: an `nbf` before `iat` would stretch the lifetime that `iat` is measured from.
    const aheadS = DOOR_PROOF_AHEAD_S_MAX + clock.errorBoundMs() / 1000;
    if (nowS + aheadS < Math.max(pass.nbf ?? 0, pass.iat)) problems.add('pass-not-yet-valid');
    if (revocations.isRevoked(pass)) problems.add('pass-revoked');
    return [...problems];
  }

  function credentialOf(
    pass: PassClaims,
    via: Credential['via'],
    identity: Identity,
    problems: readonly CredentialProblem[],
  ): GateVerdict {
    return {
      kind: 'credential',
      credential: {
        iss: pass.iss,
        sub: pass.sub,
        via,
        identity: createHash('sha256').update(`${identity.signer} ${identity.jti}`).digest('hex'),
        identityExpiresMs: Math.ceil(identity.expiresS * 1000),
        deviceBound: pass.cnf !== undefined,
        singleUse: !(pass.cnf === undefined && isGuestPass(pass)),
        problems,
        entitlements: pass.ent,
        issuedMs: pass.iat * 1000,
      },
    };
  }

  async function scan(bytes: Uint8Array): Promise<GateVerdict> {
    if (bytes.length > PRESENTATION_BYTES_MAX) return UNREADABLE;
    const text = Buffer.from(bytes).toString('latin1');
    const tokens = parsePresentation(text) ?? parseCompactCode(text);
    if (!tokens) return UNREADABLE;
    if (tokens.proof === null) return scanAlone(tokens.pass);
    const proof = readToken(tokens.proof, doorProofHeaderSchema);
    const proven = await verifyBoth(tokens.pass, proof, doorProofClaimsSchema);
    if (!proven) return UNREADABLE;
    const { pass, claims, thumbprint } = proven;
    const nowS = clock.wallMs() / 1000;
    const toleranceS = clock.errorBoundMs() / 1000;
    const ageS = nowS - claims.iat;
    const fresh =
      ageS <= DOOR_PROOF_AGE_S_MAX + toleranceS &&
      (-ageS <= DOOR_PROOF_AHEAD_S_MAX + toleranceS || isOnlyAtLeast());
    const expiresS = claims.iat + DOOR_PROOF_AGE_S_MAX + toleranceS;
    const ofProof: CredentialProblem[] = fresh ? [] : ['proof-stale'];
    if (claims.aud !== venue) ofProof.push('wrong-venue');
    const identity = { signer: thumbprint, jti: claims.jti, expiresS };
    return credentialOf(pass, 'scanner', identity, problemsOf(pass, nowS, ofProof));
  }

  /** A pass without a proof: one that names no device is short-lived or a guest's mailed QR, or it is missing one. */
  async function scanAlone(text: string): Promise<GateVerdict> {
    const read = readPass(text);
    const pass = read && (await verifyPass(read));
    if (!pass) return UNREADABLE;
    const isShort = pass.exp - pass.iat <= BEARER_PASS_LIFETIME_S_MAX;
    const isBearer = pass.cnf === undefined && (isGuestPass(pass) || isShort);
    const identity = { signer: pass.iss, jti: pass.jti, expiresS: pass.exp };
    const nowS = clock.wallMs() / 1000;
    return credentialOf(pass, 'scanner', identity, problemsOf(pass, nowS, isBearer ? [] : ['proof-missing']));
  }

  async function request({ pass: passText, proof, method, url, nonce }: DpopRequest): Promise<GateVerdict> {
    if (passText.length + proof.length > PRESENTATION_BYTES_MAX) return UNREADABLE;
    const proven = await verifyBoth(passText, readToken(proof, dpopHeaderSchema), dpopClaimsSchema);
    if (!proven) return UNREADABLE;
    const { pass, claims, thumbprint } = proven;
    if (claims.htm !== method || claims.htu !== url) return UNREADABLE;
    const nonceExpiresS = claims.nonce === undefined ? null : nonces.expiresS(claims.nonce);
    if (nonceExpiresS === null || (nonce !== undefined && claims.nonce !== nonce))
      return { kind: 'nonce-needed' };
    const nowS = clock.wallMs() / 1000;
    // The nonce tells how fresh it is.
    const skewed = Math.abs(nowS - claims.iat) > DPOP_SKEW_S_MAX && !isOnlyAtLeast();
    const identity = { signer: thumbprint, jti: claims.jti, expiresS: nonceExpiresS };
    return credentialOf(pass, 'page', identity, problemsOf(pass, nowS, skewed ? ['proof-stale'] : []));
  }

  return { scan, request };
}

/** Whether the device key in a proof's header has signed it. */
async function hasDeviceSignature({ text, header }: UnverifiedToken<{ jwk: DeviceKey }>): Promise<boolean> {
  try {
    const key = await importJWK(header.jwk, 'ES256');
    return !(key instanceof Uint8Array) && (await hasValidSignature(text, key, 'ES256'));
  } catch {
    // A point that is not on the curve: the device key itself is hostile.
    return false;
  }
}

/** Whether a pass holds invitations and nothing else. */
function isGuestPass({ ent }: PassClaims): boolean {
  return ent.length > 0 && ent.every((each) => each.kind === 'reservation' && each.role === 'guest');
}

interface Identity {
  /** Who signed what is presented: the device key's thumbprint for a proof, the issuer for a bearer pass. */
  readonly signer: string;
  readonly jti: string;
  readonly expiresS: number;
}

function base64urlSha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
