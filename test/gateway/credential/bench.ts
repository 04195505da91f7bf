import {
  createGate,
  type DpopRequest,
  type Gate,
  type GateVerdict,
} from '../../../gateway/credential/gate.ts';
import { loadIssuerKeys, NOTHING_REVOKED } from '../../../gateway/tokens/key-ring.ts';
import { createNonceSource, type NonceSource } from '../../../gateway/credential/nonce.ts';
import type { Credential } from '../../../gateway/access/credential.ts';
import { ManualClock } from '../manual-clock.ts';
import { DOOR_URL, newIssuer, TestPhone, trusted, type TestIssuer } from '../signing.ts';

/** A gate of the venue `shibuya-1` with two issuers, one of each algorithm, and a phone of each. */
export interface GateBench {
  readonly gate: Gate;
  readonly clock: ManualClock;
  readonly nonces: NonceSource;
  readonly issuer: TestIssuer;
  readonly ecIssuer: TestIssuer;
  readonly phone: TestPhone;
  readonly ecPhone: TestPhone;
  readonly nowS: () => number;
  /** Sends a door request; members left out are right. */
  readonly request: (
    request: Partial<DpopRequest> & Pick<DpopRequest, 'pass' | 'proof'>,
  ) => Promise<GateVerdict>;
}

export async function gateBench(): Promise<GateBench> {
  const clock = new ManualClock('2026-11-24T10:00:00+09:00');
  const issuer = newIssuer('EdDSA', 'https://issuer.example', 'issuer-1');
  const ecIssuer = newIssuer('ES256', 'https://second.example', 'issuer-2');
  const issuerKeys = await loadIssuerKeys({ issuers: [trusted(issuer), trusted(ecIssuer)], cloud: [] });
  const nonces = createNonceSource(Buffer.alloc(32, 7), clock);
  const gate = createGate({
    venue: 'shibuya-1',
    issuerKeys,
    revocations: NOTHING_REVOKED,
    nonces,
    clock,
  });
  return {
    gate,
    clock,
    nonces,
    issuer,
    ecIssuer,
    phone: new TestPhone(issuer),
    ecPhone: new TestPhone(ecIssuer),
    nowS: () => clock.wallMs() / 1000,
    request: (request) => gate.request({ method: 'POST', url: DOOR_URL, ...request }),
  };
}

/** The credential of a verdict; fails the test for any other verdict. */
export function credentialIn(verdict: GateVerdict): Credential {
  if (verdict.kind !== 'credential') throw new Error(`the gate said ${verdict.kind}`);
  return verdict.credential;
}
