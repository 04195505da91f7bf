import { openStore, StorageProblem } from '../phone/device-store.js';
import { enrolUrl, fetchPass, isAgeing, isExpired, IssuerProblem } from '../phone/issuer.js';
import { localSigner } from '../phone/local-signer.js';
import { hearPageTime } from '../phone/venue-clock.js';
import { ask, Unreachable } from './gateway.js';
import { words } from './language.js';
import { presenceAt, redeem, takeFromAddress } from './posted-code.js';
import { screenOf, wayTo } from './screens.js';
import { prepare, show } from './view.js';

/**
 * @import { OwnVisits, StayPreviews } from '../../../../shared/contract/visits.ts'
 * @import { OpenStay } from '../../../access/record.ts'
 * @import { Signer } from '../phone/local-signer.js'
 * @import { Answer } from './gateway.js'
 * @import { Contexts, Granted } from './screens.js'
 * @import { Act } from './view.js'
 */

/** What a charge is looked at again, in milliseconds: it steps at half hours. */
const PREVIEW_EVERY_MS = 20_000;

const { venue = '', name = '', origin = '', issuer, wallet, support, offline, at } = document.body.dataset;
/** The page may be the kept one, which was made for no door: the address tells which it is. */
const [, , door = '', side = ''] = location.pathname.split('/');

/**
 * The state that is shown, and what its screen is made from.
 *
 * @type {keyof Contexts}
 */
let shown = 'starting';
/** @type {Signer | null} */
let signer = null;
/** @type {StayPreviews | null} */
let preview = null;
/** @type {OpenStay | undefined} what can be checked out of next: after a check-out, or at an entrance that stays shut */
let nextStay;

/**
 * @template {keyof Contexts} State
 * @param {State} state
 * @param {Contexts[State]} context
 */
function go(state, context) {
  shown = state;
  const always = [
    ...(signer?.code ? [wayTo('qr'), wayTo('visits')] : []),
    ...(support === undefined ? [] : [{ ...wayTo('call'), href: `tel:${support}` }]),
  ];
  show(screenOf(state, { always, issuer, ...context }), act);
}

/** Whether a state is still shown, after something was waited for. @param {keyof Contexts} state */
const isShown = (state) => shown === state;

/** What speaks for the member. Nothing that needs it is offered without. */
function speaker() {
  if (signer === null) throw new Error('nobody signs');
  return signer;
}

/**
 * Shows why something did not work. What nobody expected is shown too, and thrown on: it is a bug.
 *
 * @param {unknown} error
 */
function goWrong(error) {
  if (error instanceof Unreachable) go('unreachable', {});
  else if (error instanceof StorageProblem) go('noStorage', { accountUrl: accountUrl() });
  else if (error instanceof IssuerProblem) goIssuer(error.code);
  else {
    go('failed', {});
    throw error;
  }
}

const accountUrl = () => (issuer === undefined ? null : `${issuer}/?${new URLSearchParams({ venue })}`);

/** @param {string} code */
const isFinal = (code) => /^device-/.test(code);

/** @param {string} code */
function goIssuer(code) {
  if (!isFinal(code)) {
    go('enrolFailed', { code });
    return;
  }
  signer = null;
  if (code === 'device-replaced') go('replaced', {});
  else go('notEnrolled', { wallet });
}

/** @type {Record<Act, () => Promise<void>>} */
const acts = {
  open: () => openDoor(),
  retry: start,
  enrol: async () => {
    go('working', { main: wayTo('enrol') });
    if (issuer === undefined) throw new Error('nobody enrols');
    const device = await (await openStore()).deviceOrNew();
    location.assign(enrolUrl(issuer, { venue, jkt: device.jkt, back: location.href }));
  },
  checkOutNext: () => openDoor(nextStay),
  checkOutHere: () => openDoor(nextStay),
  handOff: async () => {
    go('working', {});
    if (wallet === undefined) throw new Error('no wallet');
    const { handOff } = await import('./wallet-signer.js');
    await handOff(wallet, door, side);
  },
  renew: async () => {
    go('working', {});
    await speaker().renew();
    await home();
  },
  qr: async () => {
    const { code } = speaker();
    const { showQr } = await import('./qr-view.js');
    if (code !== null) await showQr(code);
  },
  visits: async () => {
    /** @type {Promise<Answer<OwnVisits>>} */
    const asked = ask(speaker(), 'GET', '/api/me/visits');
    const [{ showVisits }, answer] = await Promise.all([import('./visits-view.js'), asked]);
    if (answer.ok) await showVisits(name, answer.body.visits);
    else go('shut', { problem: answer.body });
  },
};

/** @param {Act} named */
function act(named) {
  acts[named]().catch(goWrong);
}

/** Refusals after which a check-out is asked for again as it is. */
const ASK_AGAIN = new Set(['storage-degraded', 'busy']);

/** @param {OpenStay} [stay] what is checked out of */
async function openDoor(stay) {
  go('working', { main: { act: 'open', label: words.working } });
  const presence = presenceAt(door, side);
  const body = {
    ...(presence !== null && { presence: presence.ticket }),
    ...(stay !== undefined && { stay: stay.stay }),
  };
  /** @type {Answer<Granted>} */
  const told = await ask(speaker(), 'POST', `/api/doors/${door}/${side}`, { body, nonce: presence?.nonce });
  if (!told.ok) {
    const isKept = side === 'entry' && stay !== undefined && ASK_AGAIN.has(told.body.code);
    const problem = { ...(isKept && { stillOpen: [stay] }), ...told.body };
    nextStay = problem.stillOpen?.[0];
    go('shut', { problem });
    return;
  }
  const answer = told.body;
  nextStay = answer.stillOpen[0];
  if (side === 'entry' && answer.kind === 'check-out') {
    go('checkedOutHere', { answer, preview });
    return;
  }
  go('granted', { answer, preview });
  if (side === 'exit') return;
  await look();
  if (isShown('granted')) go('granted', { answer, preview });
}

/** @param {unknown} error */
const codeOf = (error) => (error instanceof IssuerProblem ? error.code : '');

/** Asks what the open stays would cost now. Why it was not told is shown. */
async function look() {
  /** @type {Answer<StayPreviews>} */
  const { ok, body } = await ask(speaker(), 'POST', '/api/stays/preview');
  if (ok) preview = body;
  else go('shut', { problem: body });
  return ok ? body : null;
}

/** Where a member with a pass begins. */
async function home() {
  const kept = speaker().kept();
  if (side === 'entry') {
    go('entry', { kept });
    return;
  }
  const told = await look();
  if (told !== null) go('exit', { kept, preview: told });
}

/** Looks again, where the price is still being looked at. */
async function lookAgain() {
  if (shown !== 'exit' || document.hidden || !speaker().code) return;
  const before = JSON.stringify(preview?.stays);
  const told = await look();
  if (told !== null && isShown('exit') && JSON.stringify(told.stays) !== before)
    go('exit', { kept: speaker().kept(), preview: told });
}

/** The door waits for the issuer only where the pass is good no more; a younger one is renewed behind the page. */
async function freshen() {
  const { pass } = speaker().kept();
  if (isExpired(pass)) {
    await speaker()
      .renew()
      .catch((/** @type {unknown} */ error) => {
        if (codeOf(error) !== 'offline') throw error;
      });
  } else if (isAgeing(pass)) void renewBehind();
}

async function renewBehind() {
  try {
    await speaker().renew();
    if (shown === 'entry') go('entry', { kept: speaker().kept() });
  } catch (error) {
    const code = codeOf(error);
    if ((shown === 'entry' || shown === 'exit') && isFinal(code)) goIssuer(code);
  }
}

/** Shows what stands in the way before anything is asked of a member. */
function isBlocked() {
  const rightUrl = `${origin}${location.pathname}${location.search}`;
  if (offline === undefined && document.body.dataset.door === undefined) go('noDoor', {});
  else if (!isSecureContext || !('subtle' in crypto))
    go('insecure', { secureUrl: origin === location.origin ? null : rightUrl });
  else if (location.origin !== origin) go('elsewhere', { rightUrl });
  else return false;
  return true;
}

/**
 * Finds what speaks for the member: the key of this origin, or the wallet's. With `enrolled` the pass is the issuer's.
 *
 * @param {{ enrolled: string | null, handed: string | null }} brought
 */
async function findSigner({ enrolled, handed }) {
  const store = await openStore();
  const device = await store.device();
  if (enrolled === '') throw new IssuerProblem('cancelled');
  // It was made before the way to the issuer, and is gone: this browser promises and does not keep.
  if (enrolled !== null && device === null) throw new StorageProblem('it was gone after the sign-in');
  const kept =
    device === null
      ? null
      : enrolled === null
        ? await store.pass(venue)
        : await fetchPass(issuer, store, { device, venue, code: enrolled });
  if (device !== null && kept !== null) signer = localSigner(issuer, store, device, kept);
  else if (wallet !== undefined) {
    const { walletSigner } = await import('./wallet-signer.js');
    signer ??= await walletSigner(wallet, handed);
  }
}

async function start() {
  go('starting', {});
  if (isBlocked()) return;
  // Not before: the way to the right address carries the code.
  const { code, ...brought } = takeFromAddress();
  const redeemed = code === null || offline !== undefined ? null : redeem(door, side, code);
  // Told when its turn comes: who is not enrolled yet has something else to do first.
  redeemed?.catch(() => undefined);
  await findSigner(brought);
  if (signer === null) {
    if (issuer === undefined && wallet === undefined) go('noIssuer', {});
    else go('notEnrolled', { wallet });
    return;
  }
  if (offline !== undefined) {
    go('unreachable', {});
    return;
  }
  if (issuer !== undefined) await freshen();
  const problem = await redeemed;
  if (problem) {
    go('shut', { problem });
    return;
  }
  await home();
}

prepare({ name, side });
if (at !== undefined) hearPageTime(Number(at));
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});
document.addEventListener('visibilitychange', () => void lookAgain().catch(goWrong));
setInterval(() => void lookAgain().catch(goWrong), PREVIEW_EVERY_MS);
if (offline === undefined && isSecureContext) {
  // Once everything is loaded: what is kept for later must not delay what is wanted now. The words were waited for, so
  // that moment may be over.
  const keep = () => {
    // Not every browser within an app has them.
    if ('serviceWorker' in navigator)
      void navigator.serviceWorker.register('/d/sw.js', { scope: '/d/' }).catch(() => undefined);
  };
  if (document.readyState === 'complete') keep();
  else addEventListener('load', keep);
}
start().catch(goWrong);
