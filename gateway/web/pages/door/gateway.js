import { hearTime } from '../phone/venue-clock.js';
import { language } from './language.js';

/** The gateway does not answer: another network, no network, no power. */
export class Unreachable extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super('the gateway does not answer', { cause });
    this.name = 'Unreachable';
  }
}

/** How long an answer is waited for, in milliseconds. */
const ANSWER_MS_MAX = 8_000;

/** Answers after which a request is signed once more: with the nonce, or the time, that came with them. */
const SIGN_AGAIN = new Set(['use_dpop_nonce', 'proof-stale']);

/**
 * @import { PresenceGrant } from '../../../../shared/contract/presence.ts'
 * @import { OpenStay } from '../../../access/record.ts'
 * @import { Signer } from '../phone/local-signer.js'
 *
 * @typedef {{ code: string, title?: string, stillOpen?: readonly OpenStay[] }} Problem RFC 9457 problem details; `title`
 *   is for the member, who can check out of what is in `stillOpen` at the entrance
 * @typedef {{ ok: false, nonce: string | undefined, body: Problem }} Refusal
 */

/**
 * @template Body
 * @typedef {{ ok: true, nonce: string | undefined, body: Body } | Refusal} Answer
 */

/** The newest nonce of the gateway's. A presence ticket has one of its own. */
let { nonce: newestNonce } = document.body.dataset;

/** A nonce that is as new as can be, for a proof that is made elsewhere. @throws {Unreachable} */
export const freshNonce = async () => (await send('POST', '/api/stays/preview', {})).nonce;

/**
 * Redeems the posted code for a presence ticket. It opens nothing.
 *
 * @param {{ door: string, side: string, code: string }} posted
 * @returns {Promise<Answer<PresenceGrant>>}
 * @throws {Unreachable}
 */
export function redeemPresence({ door, side, code }) {
  return send('POST', `/api/doors/${door}/presence`, {}, { c: code, side });
}

/**
 * Asks the gateway something in the member's name (RFC 9449), with a nonce of the gateway's.
 *
 * @template Body
 * @param {Signer} signer
 * @param {string} method
 * @param {string} path
 * @param {{ body?: object, nonce?: string | undefined }} [more] `nonce`: the presence ticket's, where the request carries one
 * @returns {Promise<Answer<Body>>}
 * @throws {Unreachable}
 */
export async function ask(signer, method, path, { body, nonce } = {}) {
  /** @param {string | undefined} signed @returns {Promise<Answer<Body>>} */
  const once = async (signed) => {
    const { pass, proof } = await signer.sign({ method, path, nonce: signed });
    return send(method, path, { authorization: `DPoP ${pass}`, dpop: proof }, body);
  };
  const first = await once(nonce ?? newestNonce);
  return !first.ok && SIGN_AGAIN.has(first.body.code) ? once(first.nonce) : first;
}

/**
 * @template Body
 * @param {string} method
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {object} [body]
 * @returns {Promise<Answer<Body>>}
 */
async function send(method, path, headers, body) {
  try {
    const response = await fetch(path, {
      method,
      headers: {
        ...headers,
        'accept-language': language,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      cache: 'no-store',
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    hearTime(response);
    const nonce = response.headers.get('dpop-nonce') ?? newestNonce;
    newestNonce = nonce;
    return /** @type {Answer<Body>} */ ({ ok: response.ok, nonce, body: await response.json() });
  } catch (cause) {
    throw new Unreachable(cause);
  }
}
