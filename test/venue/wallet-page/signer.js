import { hearPageTime } from '../_/phone/venue-clock.js';
import { signerFor } from './venue-signing.js';

/**
 * The page behind `/signer`: a venue's page shows it in a frame and asks it for proofs. It answers the page that holds
 * it and nobody else, with what is of that page's own venue. Others hear `device-unknown`, as one without a pass does.
 */
const signers = new Map();

const answers = {
  __proto__: null,
  pass: (signer) => signer.kept(),
  renew: async (signer) => {
    await signer.renew();
    return signer.kept();
  },
  sign: (signer, request) => signer.sign(request),
  code: (signer) => signer.code(),
};

async function answerTo(origin, { want, request, at }) {
  hearPageTime(at);
  const signer = signers.get(origin) ?? (await signerFor(origin));
  if (signer === null) return { problem: 'device-unknown' };
  signers.set(origin, signer);
  return { answer: await answers[want](signer, request) };
}

addEventListener('message', ({ source, origin, data }) => {
  if (source !== parent || parent === self) return;
  answerTo(origin, data)
    .catch((error) => ({ problem: error.code ?? 'refused' }))
    .then((answer) => source.postMessage({ id: data.id, ...answer }, origin));
});
