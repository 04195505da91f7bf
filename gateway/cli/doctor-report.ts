import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { CompactSign, calculateJwkThumbprint } from 'jose';
import type { Finding } from './doctor-steps.ts';

/** A step as it stands in the report. `door` is `null` for what belongs to the gateway. */
export interface ReportedStep extends Finding {
  readonly door: string | null;
  readonly step: string;
}

/** What was commissioned, by whom, and how it was found. */
export interface CommissioningReport {
  readonly venue: string;
  readonly gateway: string;
  readonly version: string;
  /** RFC 3339 with offset. */
  readonly at: string;
  readonly by: string | null;
  /** `incomplete`: nothing failed, something was skipped. */
  readonly result: 'passed' | 'incomplete' | 'failed';
  readonly steps: readonly ReportedStep[];
}

/** A key file that cannot be used; the message says why. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
}

export interface SigningKey {
  readonly alg: 'EdDSA' | 'ES256';
  readonly key: KeyObject;
}

/**
 * Reads a private key, PKCS #8 in PEM, Ed25519 or P-256, from a file that nobody else may read.
 *
 * @throws KeyError
 */
export function loadSigningKey(path: string): SigningKey {
  let pem;
  try {
    if ((statSync(path).mode & 0o077) !== 0)
      throw new KeyError(`${path}: others may read it: chmod 600 ${path}`);
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof KeyError) throw error;
    throw new KeyError(
      `${path}: cannot be read; make one: (umask 077; openssl genpkey -algorithm ed25519 -out ${path})`,
    );
  }
  let key;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new KeyError(`${path}: no private key in PEM`);
  }
  if (key.asymmetricKeyType === 'ed25519') return { alg: 'EdDSA', key };
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return { alg: 'ES256', key };
  throw new KeyError(`${path}: must be an Ed25519 or a P-256 key`);
}

/** The report as a compact JWS, typ `commissioning-report+jws`; `kid` is the key's RFC 7638 thumbprint. */
export async function signReport(report: CommissioningReport, { alg, key }: SigningKey): Promise<string> {
  const kid = await calculateJwkThumbprint(createPublicKey(key).export({ format: 'jwk' }));
  return new CompactSign(Buffer.from(JSON.stringify(report)))
    .setProtectedHeader({ alg, typ: 'commissioning-report+jws', kid })
    .sign(key);
}
