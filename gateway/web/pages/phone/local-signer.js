import { fetchPass } from './issuer.js';
import { dpopProof, scannerCode } from './proofs.js';

/**
 * @typedef {import('./device-store.js').KeptPass} KeptPass
 * @typedef {object} Signer what speaks for the member at one gateway
 * @property {() => KeptPass} kept the newest pass
 * @property {(request: { method: string, path: string, nonce?: string }) => Promise<{ pass: string, proof: string }>} sign
 *   the pass, and a DPoP proof for one request to the gateway
 * @property {(() => Promise<string>) | null} code makes the text of a QR for the scanner, a new one at each call;
 *   `null` where there is no key at hand but proofs made before
 * @property {() => Promise<void>} renew fetches a newer pass; it throws an `IssuerProblem`
 */

/**
 * Signs with the key of this page's own origin.
 *
 * @param {string} issuer base URL
 * @param {Awaited<ReturnType<import('./device-store.js').openStore>>} store
 * @param {import('./device-store.js').Device} device
 * @param {KeptPass} first
 * @returns {Signer}
 */
export function localSigner(issuer, store, device, first) {
  let kept = first;
  return {
    kept: () => kept,
    async sign({ method, path, nonce }) {
      const { pass, origin } = kept;
      return { pass, proof: await dpopProof(device, { method, url: origin + path, nonce, pass }) };
    },
    code: () => scannerCode(device, kept),
    async renew() {
      kept = await fetchPass(issuer, store, { device, venue: kept.venue });
    },
  };
}
