import { IssuerProblem } from '../_/phone/issuer.js';
import { hearPageTime } from '../_/phone/venue-clock.js';
import { signerFor } from './venue-signing.js';

/**
 * @import { Signer, SignRequest } from '../_/phone/local-signer.js'
 *
 * @typedef {{ id: unknown, want: string, request: SignRequest | null, at: number }} Wish
 */

/**
 * The page behind `/signer`: a venue's page shows it in a frame and asks it for proofs. It answers the page that holds
 * it and nobody else, with what is of that page's own venue. Others hear `device-unknown`, as one without a pass does.
 */
/** @type {Map<string, Signer>} */
const signers = new Map();

/** @param {Signer} signer @param {Wish} wish */
async function answerOf(signer, { want, request }) {
  switch (want) {
    case 'renew':
      await signer.renew();
      return signer.kept();
    case 'pass':
      return signer.kept();
    case 'sign':
      if (request === null) throw new Error('nothing to sign');
      return signer.sign(request);
    case 'code':
      return signer.code?.();
    default:
      throw new Error(`not answered: ${want}`);
  }
}

/** @param {string} origin @param {Wish} wish */
async function answerTo(origin, wish) {
  hearPageTime(wish.at);
  const signer = signers.get(origin) ?? (await signerFor(origin));
  if (signer === null) return { problem: 'device-unknown' };
  signers.set(origin, signer);
  return { answer: await answerOf(signer, wish) };
}

addEventListener('message', ({ source, origin, data }) => {
  if (source !== parent || parent === self) return;
  const wish = /** @type {Wish} */ (data);
  void answerTo(origin, wish)
    .catch((/** @type {unknown} */ error) => ({
      problem: error instanceof IssuerProblem ? error.code : 'refused',
    }))
    .then((answer) => parent.postMessage({ id: wish.id, ...answer }, origin));
});
