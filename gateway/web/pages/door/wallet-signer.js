import { element } from '../dom.js';
import { base64urlJson, jsonOf, randomName } from '../phone/base64url.js';
import { IssuerProblem } from '../phone/issuer.js';
import { venueNowMs } from '../phone/venue-clock.js';
import { freshNonce } from './gateway.js';
import { presenceAt } from './posted-code.js';

/**
 * @import { KeptPass } from '../phone/device-store.js'
 * @import { Signer, SignRequest } from '../phone/local-signer.js'
 *
 * @typedef {{ pass: KeptPass, renew: KeptPass, sign: { pass: string, proof: string }, code: string }} Wants
 *   what the frame is asked for, and what it answers
 * @typedef {{ id: unknown, answer?: unknown, problem?: string }} Reply
 * @typedef {{ state: string, kept: KeptPass, proofs: Record<string, string> }} Handed
 */

/**
 * For members of many venues, who have one key, at the wallet's origin: it signs in a frame, and where a browser gives
 * that frame a storage of its own, the browser goes there and comes back with proofs. Loaded only where a venue names a
 * wallet and this origin has no key.
 */

/** How long the frame is waited for, in milliseconds: without the line it may not come at all. */
const FRAME_MS_MAX = 5_000;

/** What was sent along with the browser, to know it again: proofs that somebody else hands over are not taken. */
const STATE = 'genkan-handoff';

/**
 * What speaks for the member with the wallet's key, or `null` where it has none for this venue.
 *
 * @param {string} wallet base URL
 * @param {string | null} handed what came back from the hand-off
 * @returns {Promise<Signer | null>}
 */
export const walletSigner = async (wallet, handed) =>
  (handed === null ? null : handedSigner(handed)) ?? (await frameSigner(wallet).catch(() => null));

/** @param {string} wallet @returns {Promise<Signer>} */
async function frameSigner(wallet) {
  const { origin } = new URL(wallet);
  const frame = element('iframe', { src: `${wallet}/signer`, hidden: '', title: 'signer' });
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
  /** @type {Map<unknown, (reply: Reply) => void>} */
  const waiting = new Map();
  addEventListener('message', ({ source, origin: from, data }) => {
    if (source !== frame.contentWindow || from !== origin) return;
    const reply = /** @type {Reply | null} */ (data);
    if (reply !== null) waiting.get(reply.id)?.(reply);
  });
  document.body.append(frame);
  /**
   * @template {keyof Wants} Want
   * @param {Want} want
   * @param {SignRequest | null} [request] what is to be signed
   * @returns {Promise<Wants[Want]>}
   */
  const ask = (want, request = null) =>
    new Promise((resolve, reject) => {
      const id = randomName();
      setTimeout(() => waiting.delete(id) && reject(new IssuerProblem('offline')), FRAME_MS_MAX);
      waiting.set(id, ({ answer, problem }) => {
        waiting.delete(id);
        if (problem === undefined) resolve(/** @type {Wants[typeof want]} */ (answer));
        else reject(new IssuerProblem(problem));
      });
      void loaded.then(() =>
        frame.contentWindow?.postMessage({ id, want, request, at: venueNowMs() }, origin),
      );
    });
  let kept = await ask('pass').catch((/** @type {unknown} */ problem) => {
    frame.remove();
    throw problem;
  });
  return {
    kept: () => kept,
    sign: (request) => ask('sign', request),
    code: () => ask('code'),
    renew: async () => {
      kept = await ask('renew');
    },
  };
}

/**
 * Goes to the wallet for the proofs of one visit to a door; it sends the browser back with `#handed=…`.
 *
 * @param {string} wallet base URL
 * @param {string} door
 * @param {string} side
 */
export async function handOff(wallet, door, side) {
  const nonce = await freshNonce();
  const requests = [
    { method: 'POST', path: `/api/doors/${door}/${side}`, nonce: presenceAt(door, side)?.nonce ?? nonce },
    { method: 'POST', path: '/api/stays/preview', nonce },
  ];
  const state = randomName();
  sessionStorage.setItem(STATE, state);
  const wanted = {
    state,
    return: location.href,
    at: String(venueNowMs()),
    requests: base64urlJson(requests),
  };
  location.assign(`${wallet}/handoff?${new URLSearchParams(wanted)}`);
}

/**
 * Speaks with the proofs that were handed over, each once. `null` for what we did not ask for.
 *
 * @param {string} handed
 * @returns {Signer | null}
 */
function handedSigner(handed) {
  const expected = sessionStorage.getItem(STATE);
  sessionStorage.removeItem(STATE);
  /** @type {Partial<Handed> | null} */
  let content;
  try {
    content = /** @type {Partial<Handed> | null} */ (jsonOf(handed));
  } catch {
    return null;
  }
  const { state, kept, proofs } = content ?? {};
  if (expected === null || state !== expected || kept === undefined || proofs === undefined) return null;
  const left = new Map(Object.entries(proofs));
  return {
    kept: () => kept,
    sign({ method, path }) {
      const proof = left.get(`${method} ${path}`);
      left.delete(`${method} ${path}`);
      return proof === undefined
        ? Promise.reject(new IssuerProblem('device-unknown'))
        : Promise.resolve({ pass: kept.pass, proof });
    },
    code: null,
    // It was renewed on the way, if it could be.
    renew: () => Promise.resolve(),
  };
}
