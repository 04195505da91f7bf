import { openStore, StorageProblem } from '../phone/device-store.js';
import { enrolUrl, fetchPass, isAgeing, isExpired, IssuerProblem } from '../phone/issuer.js';
import { localSigner } from '../phone/local-signer.js';
import { hearPageTime } from '../phone/venue-clock.js';
import { ask, Unreachable } from './gateway.js';
import { words } from './language.js';
import { presenceAt, redeem, takeFromAddress } from './posted-code.js';
import { screenOf, wayTo } from './screens.js';
import { prepare, show } from './view.js';

/** What a charge is looked at again, in milliseconds: it steps at half hours. */
const PREVIEW_EVERY_MS = 20_000;

const { venue, name, origin, issuer, wallet, support, offline, at } = document.body.dataset;
/** The page may be the kept one, which was made for no door: the address tells which it is. */
const [, , door, side] = location.pathname.split('/');

/** The state that is shown, and what its screen is made from. */
let shown = 'starting';
let store = null;
let device = null;
/** @type {import('../phone/local-signer.js').Signer | null} */
let signer = null;
let preview = null;

function go(state, context = {}) {
  shown = state;
  const always = [
    ...(signer?.code ? [wayTo('qr'), wayTo('visits')] : []),
    ...(support === undefined ? [] : [{ ...wayTo('call'), href: `tel:${support}` }]),
  ];
  show(screenOf(state, { kept: signer?.kept(), preview, wallet, always, ...context }), act);
}

/** Shows why something did not work. What nobody expected is shown too, and thrown on: it is a bug. */
function goWrong(error) {
  if (error instanceof Unreachable) go('unreachable');
  else if (error instanceof StorageProblem) go('noStorage', { accountUrl: accountUrl() });
  else if (error instanceof IssuerProblem) goIssuer(error.code);
  else {
    go('failed');
    throw error;
  }
}

const accountUrl = () => (issuer === undefined ? null : `${issuer}/?${new URLSearchParams({ venue })}`);

const isFinal = (code) => /^device-/.test(code);

function goIssuer(code) {
  if (!isFinal(code)) return go('enrolFailed', { code });
  signer = null;
  go(code === 'device-replaced' ? 'replaced' : 'notEnrolled');
}

const acts = {
  open: openDoor,
  retry: start,
  enrol: async () => {
    go('working', { main: wayTo('enrol') });
    device = await store.deviceOrNew();
    location.assign(enrolUrl(issuer, { venue, jkt: device.jkt, back: location.href }));
  },
  handOff: async () => {
    go('working');
    const { handOff } = await import('./wallet-signer.js');
    await handOff(wallet, door, side);
  },
  renew: async () => {
    go('working');
    await signer.renew();
    await home();
  },
  qr: async () => {
    const { showQr } = await import('./qr-view.js');
    await showQr(signer.code);
  },
  visits: async () => {
    const [{ showVisits }, { ok, body }] = await Promise.all([
      import('./visits-view.js'),
      ask(signer, 'GET', '/api/me/visits'),
    ]);
    if (ok) await showVisits(name, body.visits);
    else go('shut', { problem: body });
  },
};

function act(named) {
  acts[named]().catch(goWrong);
}

async function openDoor() {
  go('working', { main: { act: 'open', label: words.working } });
  const presence = presenceAt(door, side);
  const { ok, body } = await ask(signer, 'POST', `/api/doors/${door}/${side}`, {
    ...(presence !== null && { body: { presence: presence.ticket }, nonce: presence.nonce }),
  });
  if (!ok) return go('shut', { problem: body });
  go('granted', { answer: body });
  if (side === 'exit') return;
  await look();
  if (shown === 'granted') go('granted', { answer: body });
}

/** Asks what the open stays would cost now. @returns whether it was told */
async function look() {
  const { ok, body } = await ask(signer, 'POST', '/api/stays/preview');
  if (ok) preview = body;
  else go('shut', { problem: body });
  return ok;
}

/** Where a member with a pass begins. */
async function home() {
  if (side === 'entry') return go('entry');
  if (await look()) go('exit');
}

/** Looks again, where the price is still being looked at. */
async function lookAgain() {
  if (shown !== 'exit' || document.hidden || !signer.code) return;
  const before = JSON.stringify(preview.stays);
  if ((await look()) && shown === 'exit' && JSON.stringify(preview.stays) !== before) go('exit');
}

/** The door waits for the issuer only where the pass is good no more; a younger one is renewed behind the page. */
async function freshen() {
  const { pass } = signer.kept();
  if (isExpired(pass)) {
    await signer.renew().catch((error) => {
      if (error.code !== 'offline') throw error;
    });
  } else if (isAgeing(pass)) void renewBehind();
}

async function renewBehind() {
  try {
    await signer.renew();
    if (shown === 'entry') go('entry');
  } catch (error) {
    if ((shown === 'entry' || shown === 'exit') && isFinal(error.code)) goIssuer(error.code);
  }
}

/** What stands in the way before anything is asked of a member. @returns {[string, object?] | null} */
function obstacle() {
  if (offline === undefined && document.body.dataset.door === undefined) return ['noDoor'];
  const rightUrl = origin + location.pathname + location.search;
  if (!isSecureContext || crypto.subtle === undefined) {
    return ['insecure', { secureUrl: origin === location.origin ? null : rightUrl }];
  }
  return location.origin === origin ? null : ['elsewhere', { rightUrl }];
}

/** Finds what speaks for the member: the key of this origin, or the wallet's. With `enrolled` the pass is the issuer's. */
async function findSigner({ enrolled, handed }) {
  store = await openStore();
  device = await store.device();
  if (enrolled === '') throw new IssuerProblem('cancelled');
  // It was made before the way to the issuer, and is gone: this browser promises and does not keep.
  if (enrolled !== null && device === null) throw new StorageProblem('it was gone after the sign-in');
  const kept =
    enrolled === null
      ? device && (await store.pass(venue))
      : await fetchPass(issuer, store, { device, venue, code: enrolled });
  if (kept !== null) signer = localSigner(issuer, store, device, kept);
  else if (wallet !== undefined) {
    const { walletSigner } = await import('./wallet-signer.js');
    signer ??= await walletSigner(wallet, handed);
  }
}

async function start() {
  go('starting');
  const blocked = obstacle();
  if (blocked !== null) return go(...blocked);
  // Not before: the way to the right address carries the code.
  const { code, ...brought } = takeFromAddress();
  const redeemed = code === null || offline !== undefined ? null : redeem(door, side, code);
  // Told when its turn comes: who is not enrolled yet has something else to do first.
  redeemed?.catch(() => undefined);
  await findSigner(brought);
  if (signer === null) return go(issuer === undefined ? 'noIssuer' : 'notEnrolled');
  if (offline !== undefined) return go('unreachable');
  if (issuer !== undefined) await freshen();
  const problem = await redeemed;
  if (problem) return go('shut', { problem });
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
  const keep = () =>
    void navigator.serviceWorker?.register('/d/sw.js', { scope: '/d/' }).catch(() => undefined);
  if (document.readyState === 'complete') keep();
  else addEventListener('load', keep);
}
start().catch(goWrong);
