import { dpopProof, scannerCode } from './proofs.js';

/**
 * @typedef {object} Signer what speaks for the member at one gateway
 * @property {(request: { method: string, path: string, nonce?: string }) => Promise<{ pass: string, proof: string }>} sign
 *   the pass, and a DPoP proof for one request to the gateway
 * @property {(() => Promise<string>) | null} code makes the text of a QR for the scanner, a new one at each call;
 *   `null` where somebody else's page shows it
 */

/**
 * Signs with a key of this page's own origin.
 *
 * @param {import('./device-store.js').Device} device
 * @param {() => import('./device-store.js').KeptPass} kept the newest pass
 * @returns {Signer}
 */
export function localSigner(device, kept) {
  return {
    async sign({ method, path, nonce }) {
      const { pass, origin } = kept();
      return { pass, proof: await dpopProof(device, { method, url: origin + path, nonce, pass }) };
    },
    code: () => scannerCode(device, kept()),
  };
}
