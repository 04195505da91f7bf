import { fetchPass } from './issuer.js';
import { dpopProof, scannerCode } from './proofs.js';

/**
 * @import { Device, KeptPass, Store } from './device-store.js'
 *
 * @typedef {{ method: string, path: string, nonce?: string | undefined }} SignRequest one request to the gateway
 * @typedef {object} Signer what speaks for the member at one gateway
 * @property {() => KeptPass} kept the newest pass
 * @property {(request: SignRequest) => Promise<{ pass: string, proof: string }>} sign
 *   the pass, and a DPoP proof for one request to the gateway
 * @property {(() => Promise<string>) | null} code makes the text of a QR for the scanner, a new one at each call;
 *   `null` where there is no key at hand but proofs made before
 * @property {() => Promise<void>} renew fetches a newer pass; it throws an `IssuerProblem`
 */

/**
 * Signs with the key of this page's own origin.
 *
 * @param {string | undefined} issuer base URL; without one nothing is renewed
 * @param {Store} store
 * @param {Device} device
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
