import { createHash, randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { formatPresentation, QR_BYTES_MAX } from '../../shared/contract/presentation.ts';
import { deviceKeySchema, DOOR_PROOF_TYPE, DPOP_TYPE } from '../../shared/contract/proof.ts';
import type { Clock } from '../../gateway/clock/clock.ts';
import { signCompact } from './signer.ts';

/** A member's phone: it holds the device key and the pass, and signs by the clock it was given. */
export interface Wallet {
  /** RFC 7638 thumbprint of the device key: what a pass is bound to. */
  readonly jkt: string;
  /** Puts a pass in. It replaces the one before. */
  keep(pass: string): void;
  /**
   * The text of a QR for the scanner: the pass and a fresh proof. Each call makes a new one.
   *
   * @throws Error where it would not fit the QR
   */
  code(): Promise<string>;
  /** The text of a QR of the pass alone, without a proof: what a bearer pass is shown as. */
  bearerCode(): string;
  /** Headers of a door request (RFC 9449). */
  dpop(
    method: string,
    url: string,
    nonce?: string,
  ): Promise<{ readonly authorization: string; readonly dpop: string }>;
}

/** Makes a wallet with a new device key (P-256, not extractable). */
export async function createWallet(venue: string, clock: Clock): Promise<Wallet> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const { kty, crv, x, y } = await exportJWK(publicKey);
  const jwk = deviceKeySchema.parse({ kty, crv, x, y });
  let kept: string | null = null;

  const pass = (): string => {
    if (kept === null) throw new Error('the wallet holds no pass');
    return kept;
  };
  const sign = (typ: string, claims: Readonly<Record<string, string>>) =>
    signCompact(
      privateKey,
      { alg: 'ES256', typ, jwk },
      {
        ...claims,
        iat: Math.floor(clock.wallMs() / 1000),
        jti: randomBytes(9).toString('base64url'),
        ath: createHash('sha256').update(pass()).digest('base64url'),
      },
    );
  const fit = (code: string): string => {
    const { length } = Buffer.from(code);
    if (length > QR_BYTES_MAX)
      throw new Error(`the code has ${length} bytes, a QR at the door holds ${QR_BYTES_MAX}`);
    return code;
  };

  return {
    jkt: await calculateJwkThumbprint(jwk),
    keep: (next) => {
      kept = next;
    },
    code: async () =>
      fit(formatPresentation({ pass: pass(), proof: await sign(DOOR_PROOF_TYPE, { aud: venue }) })),
    bearerCode: () => fit(formatPresentation({ pass: pass(), proof: null })),
    dpop: async (method, url, nonce) => ({
      authorization: `DPoP ${pass()}`,
      dpop: await sign(DPOP_TYPE, { htm: method, htu: url, ...(nonce === undefined ? {} : { nonce }) }),
    }),
  };
}
