import { createPublicKey } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint } from 'jose';
import type { SigningKey } from '../tokens/signing-key.ts';
import type { Finding } from './doctor-step.ts';

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

/** The report as a compact JWS, typ `commissioning-report+jws`; `kid` is the key's RFC 7638 thumbprint. */
export async function signReport(report: CommissioningReport, { alg, key }: SigningKey): Promise<string> {
  const kid = await calculateJwkThumbprint(createPublicKey(key).export({ format: 'jwk' }));
  return new CompactSign(Buffer.from(JSON.stringify(report)))
    .setProtectedHeader({ alg, typ: 'commissioning-report+jws', kid })
    .sign(key);
}
