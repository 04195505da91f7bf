import { base64url, base64urlJson, randomName, sha256Base64url } from './base64url.js';
import { venueNowS } from './venue-clock.js';

/** @import { Device, KeptPass } from './device-store.js' */

/**
 * A DPoP proof (RFC 9449 section 4.2) for one request.
 *
 * @param {Device} device
 * @param {{ method: string, url: string, nonce?: string | undefined, pass?: string }} request `url` without query; `pass` is left
 *   out where the proof itself is what identifies the phone
 */
export async function dpopProof(device, { method, url, nonce, pass }) {
  return signToken(device, 'dpop+jwt', {
    htm: method,
    htu: url,
    ...(pass !== undefined && { ath: await sha256Base64url(pass) }),
    ...(nonce !== undefined && { nonce }),
  });
}

/**
 * The text of a QR for the scanner: the pass and a proof that is good for 15 seconds and one use.
 *
 * @param {Device} device
 * @param {Pick<KeptPass, 'venue' | 'pass'>} kept
 */
export async function scannerCode(device, { venue, pass }) {
  const proof = await signToken(device, 'door-proof+jwt', { aud: venue, ath: await sha256Base64url(pass) });
  // Only who shows a code needs it.
  const { compactCode } = await import('./compact-code.js');
  return (await compactCode([pass, proof])) ?? `GK1.${pass}~${proof}`;
}

/**
 * The text of a QR of a pass that names no phone: short-lived, from the issuer's page.
 *
 * @param {string} pass
 */
export const bearerCode = (pass) => `GK1.${pass}~`;

/**
 * @param {Pick<Device, 'privateKey' | 'jwk'>} device
 * @param {'dpop+jwt' | 'door-proof+jwt'} typ
 * @param {object} claims
 */
async function signToken({ privateKey, jwk }, typ, claims) {
  const header = { alg: 'ES256', typ, jwk };
  const text = `${base64urlJson(header)}.${base64urlJson({ ...claims, iat: venueNowS(), jti: randomName() })}`;
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    privateKey,
    new TextEncoder().encode(text),
  );
  return `${text}.${base64url(new Uint8Array(signature))}`;
}
