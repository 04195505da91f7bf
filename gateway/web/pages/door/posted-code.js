import { redeemPresence } from './gateway.js';

/**
 * The posted code that brought the member here, and the presence ticket that it is redeemed for. The code leaves the
 * address bar before anything else happens; the ticket outlives a reload and the way to the issuer and back.
 *
 * @typedef {{ ticket: string, nonce: string, endsMs: number }} Presence
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
 * @returns {Promise<any>} RFC 9457 problem details, or `null` where the ticket was given
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

/** The ticket in hand, or `null`. @returns {Presence | null} */
export function presenceAt(door, side) {
  const kept = JSON.parse(sessionStorage.getItem(nameOf(door, side)));
  return kept !== null && Date.now() < kept.endsMs ? kept : null;
}

const nameOf = (door, side) => `presence ${door} ${side}`;
