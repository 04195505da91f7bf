import { byId, element } from '../_/dom.js';
import { language } from '../_/door/language.js';
import { base64urlJson, jsonOf } from '../_/phone/base64url.js';
import { hearPageTime } from '../_/phone/venue-clock.js';
import { renewExpired, signerFor } from './venue-signing.js';

/**
 * The page behind `/handoff`, for browsers that give a frame a storage of its own: the venue's page sends the member
 * here with what is to be signed, and they go back at once with the proofs in the fragment, which no server sees.
 * Nothing opens by it: at the door a tap sends them.
 */
/** @typedef {typeof import('./words-ja.js')} Catalogue */

const { words } = /** @type {Catalogue} */ (await import(`./words-${language}.js`));
const asked = Object.fromEntries(new URLSearchParams(location.search));
const { return: back = '', state = '', at = '', requests = '' } = asked;

/** @import { Signer, SignRequest } from '../_/phone/local-signer.js' */

/** Proofs made at a time. */
const REQUESTS_MAX = 4;

/** @param {Signer} signer */
async function proofs(signer) {
  await renewExpired(signer);
  const wanted = /** @type {SignRequest[]} */ (jsonOf(requests)).slice(0, REQUESTS_MAX);
  /** @type {Record<string, string>} */
  const signed = {};
  for (const request of wanted)
    signed[`${request.method} ${request.path}`] = (await signer.sign(request)).proof;
  return base64urlJson({ state, kept: signer.kept(), proofs: signed });
}

/** Only to the page of a venue that this browser has a pass for: an address is not to be led anywhere from here. */
async function handOff() {
  const target = new URL(back);
  const signer = await signerFor(target.origin);
  if (signer === null) {
    byId('title').textContent = words.noKeyHere;
    byId('ways').append(element('a', { class: 'way', href: '/wallet/' }, words.toWallet));
    return;
  }
  byId('title').textContent = words.handedOver;
  target.hash = `handed=${await proofs(signer)}`;
  location.replace(target);
}

hearPageTime(Number(at));
byId('demo').textContent = words.demo;
handOff().catch((/** @type {unknown} */ error) => {
  byId('title').textContent = words.failed;
  throw error;
});
