import { redeemPresence } from './gateway.js';

/**
 * The posted code that brought the member here, and the presence ticket that it is redeemed for. The code leaves the
 * address bar before anything else happens; the ticket outlives a reload and the way to the issuer and back.
 *
 * @typedef {{ ticket: string, nonce: string | undefined, endsMs: number }} Presence
 */

/** Takes what is meant for the page out of the address: the code, and what the issuer or the wallet sent. */
export function takeFromAddress() {
  const query = new URLSearchParams(location.search);
  const code = query.get('c');
  const { enrolled = null, handed = null } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  query.delete('c');
  history.replaceState(null, '', `${location.pathname}?${query}`.replace(/\?$/, ''));
  return { code, enrolled, handed };
}

/**
 * Redeems the code.
 *
 * @param {string} door
 * @param {string} side
 * @param {string} code
 * @returns {Promise<import('./gateway.js').Problem | null>} `null` where the ticket was given
 * @throws {import('./gateway.js').Unreachable}
 */
export async function redeem(door, side, code) {
  const { ok, nonce, body } = await redeemPresence({ door, side, code });
  if (!ok) return body;
  // The wall clock may be set meanwhile; the gateway decides, this only spares a request.
  const presence = { ticket: body.presence, nonce, endsMs: Date.now() + body.expiresInS * 1000 };
  sessionStorage.setItem(nameOf(door, side), JSON.stringify(presence));
  return null;
}

/**
 * The ticket in hand.
 *
 * @param {string} door
 * @param {string} side
 */
export function presenceAt(door, side) {
  const text = sessionStorage.getItem(nameOf(door, side)) ?? 'null';
  const kept = /** @type {Presence | null} */ (JSON.parse(text));
  return kept !== null && Date.now() < kept.endsMs ? kept : null;
}

/** @param {string} door @param {string} side */
const nameOf = (door, side) => `presence ${door} ${side}`;
