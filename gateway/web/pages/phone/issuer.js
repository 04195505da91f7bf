import { jsonOf } from './base64url.js';
import { dpopProof } from './proofs.js';
import { venueNowS } from './venue-clock.js';

/**
 * @import { PassClaims } from '../../../../shared/contract/pass.ts'
 * @import { Device, KeptPass, Store } from './device-store.js'
 *
 * @typedef {{ pass: string, member: string, venue: { origin: string, name: string } }} IssuedPass
 *   what `POST <issuer>/passes` answers (gateway/web/ENROLMENT.md)
 */

/** An answer of the issuer that is no pass. `code` is its problem's code, `offline` where it did not answer. */
export class IssuerProblem extends Error {
  /** @param {string} code */
  constructor(code) {
    super(`the issuer gave no pass: ${code}`);
    this.name = 'IssuerProblem';
    this.code = code;
  }
}

/** A pass older than this is renewed when the page is opened, in seconds: a booking made since is not in it. */
const AGEING_S = 60;

/** How long the issuer is waited for, in milliseconds. The door does not wait for it at all. */
const ISSUER_MS_MAX = 8_000;

/**
 * Where a phone is enrolled: the member signs in there and comes back to `back` with `#enrolled=<code>`, or with
 * `#enrolled=` where they changed their mind.
 *
 * @param {string} issuer base URL
 * @param {{ venue: string, jkt: string, back: string }} phone
 */
export function enrolUrl(issuer, { venue, jkt, back }) {
  const query = new URLSearchParams({ venue, dpop_jkt: jkt, return: back });
  return `${issuer}/enrol?${query}`;
}

/**
 * Fetches a pass for one venue into the store. With the code of an enrolment the phone becomes the member's device;
 * without one the pass is renewed by the phone's key alone.
 *
 * @param {string | undefined} issuer base URL; a venue may have none any more
 * @param {Store} store
 * @param {{ device: Device, venue: string, code?: string | null }} phone
 * @returns {Promise<KeptPass>}
 * @throws {IssuerProblem}
 */
export async function fetchPass(issuer, store, { device, venue, code }) {
  if (issuer === undefined) throw new IssuerProblem('no-issuer');
  const url = `${issuer}/passes`;
  const proof = await dpopProof(device, { method: 'POST', url });
  /** @type {Response} */
  let response;
  /** @type {IssuedPass & { code?: string }} */
  let body;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', dpop: proof },
      body: JSON.stringify(code === undefined ? { venue } : { venue, code }),
      signal: AbortSignal.timeout(ISSUER_MS_MAX),
    });
    body = /** @type {typeof body} */ (await response.json());
  } catch {
    throw new IssuerProblem('offline');
  }
  if (!response.ok) {
    // The issuer knows this key no more: its pass is good for nothing.
    if (body.code?.startsWith('device-')) await store.dropPass(venue);
    throw new IssuerProblem(body.code ?? 'refused');
  }
  const kept = {
    venue,
    origin: body.venue.origin,
    venueName: body.venue.name,
    member: body.member,
    pass: body.pass,
  };
  await store.keepPass(kept);
  return kept;
}

/**
 * What a pass says. Nothing is verified: the gateway does that.
 *
 * @param {string} pass
 */
export function claimsOf(pass) {
  const [, claims = ''] = pass.split('.');
  return /** @type {PassClaims} */ (jsonOf(claims));
}

/** Whether a pass is to be renewed while the issuer can be reached. @param {string} pass */
export const isAgeing = (pass) => venueNowS() - claimsOf(pass).iat > AGEING_S;

/** @param {string} pass */
export const isExpired = (pass) => claimsOf(pass).exp <= venueNowS();
