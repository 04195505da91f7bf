import { openStore } from '../_/phone/device-store.js';
import { claimsOf, isExpired } from '../_/phone/issuer.js';
import { localSigner } from '../_/phone/local-signer.js';

/** @import { Signer, SignRequest } from '../_/phone/local-signer.js' */

/** What a venue's page may have signed: a member's own requests to its gateway, and nothing else there. */
const SIGNABLE =
  /^(?:POST \/api\/(?:doors\/[a-z0-9-]+\/(?:entry|exit)|stays\/preview)|GET \/api\/me\/visits)$/;

/**
 * This browser's key and pass for the venue whose page is at `origin`, or `null` where there is none. The origin is the
 * browser's word and never the asking page's, and proofs are made for it alone; a pass is a venue's only where its `aud`
 * says so.
 *
 * @param {string} origin
 * @returns {Promise<Signer | null>}
 */
export async function signerFor(origin) {
  const store = await openStore();
  const device = await store.device();
  const passes = device === null ? [] : await store.passes();
  const kept = passes.find((each) => each.origin === origin && claimsOf(each.pass).aud.includes(each.venue));
  if (device === null || kept === undefined) return null;
  const signer = localSigner(`${location.origin}/wallet`, store, device, { ...kept, origin });
  return { ...signer, sign: async (request) => signer.sign(signable(request)) };
}

/**
 * Renews a pass that is good no more, where the issuer can be reached: an expired one still checks out.
 *
 * @param {Signer} signer
 */
export async function renewExpired(signer) {
  if (isExpired(signer.kept().pass)) await signer.renew().catch(() => undefined);
}

/** @param {SignRequest} request @returns {SignRequest} */
function signable({ method, path, nonce }) {
  if (!SIGNABLE.test(`${method} ${path}`)) throw new Error(`not signed: ${method} ${path}`);
  return { method, path, ...(typeof nonce === 'string' && { nonce }) };
}
