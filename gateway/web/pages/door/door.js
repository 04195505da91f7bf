import { openStore, StorageProblem } from '../phone/device-store.js';
import { enrolUrl, fetchPass, isAgeing, isExpired, IssuerProblem } from '../phone/issuer.js';
import { localSigner } from '../phone/local-signer.js';
import { hearPageTime } from '../phone/venue-clock.js';
import { ask, Unreachable } from './gateway.js';
import { words } from './language.js';
import { presenceAt, redeem, takeFromAddress } from './posted-code.js';
import { screens } from './screens.js';
import { prepare, show } from './view.js';

/** What a charge is looked at again, in milliseconds: it steps at half hours. */
const PREVIEW_EVERY_MS = 20_000;

const { venue, name, origin, issuer, support, offline, at } = document.body.dataset;
/** The page may be the kept one, which was made for no door: the address tells which it is. */
const [, , door, side] = location.pathname.split('/');

/** The state that is shown, and what its screen is made from. */
let shown = 'starting';
let store = null;
let device = null;
/** @type {import('../phone/device-store.js').KeptPass | null} */
let kept = null;
let preview = null;

const signer = () => (device === null || kept === null ? null : localSigner(device, () => kept));

function go(state, context = {}) {
  shown = state;
  const call = support === undefined ? [] : [{ act: 'call', label: words.call, href: `tel:${support}` }];
  const own = signer();
  const always = [
    ...((own?.code ?? null) === null ? [] : [{ act: 'qr', label: words.qr }]),
    ...(own === null ? [] : [{ act: 'visits', label: words.visits }]),
    ...call,
  ];
  show(screens[state]({ kept, preview, call, always, ...context }), act);
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

function goIssuer(code) {
  if (code === 'device-replaced') {
    kept = null;
    go('replaced');
  } else if (code === 'device-unknown') {
    kept = null;
    go('notEnrolled');
  } else go('enrolFailed', { code });
}

const acts = {
  open: openDoor,
  retry: start,
  enrol: async () => {
    go('working', { main: { act: 'enrol', label: words.enrol } });
    device = await store.deviceOrNew();
    location.assign(enrolUrl(issuer, { venue, jkt: device.jkt, back: location.href }));
  },
  renew: async () => {
    go('working');
    kept = await fetchPass(issuer, store, { device, venue });
    await home();
  },
  qr: async () => {
    const { showQr } = await import('./qr-view.js');
    await showQr(signer().code);
  },
  visits: async () => {
    const [{ showVisits }, { ok, body }] = await Promise.all([
      import('./visits-view.js'),
      ask(signer(), 'GET', '/api/me/visits'),
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
  const { ok, body } = await ask(signer(), 'POST', `/api/doors/${door}/${side}`, {
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
  const { ok, body } = await ask(signer(), 'POST', '/api/stays/preview');
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
  if (shown !== 'exit' || document.hidden) return;
  const before = JSON.stringify(preview.stays);
  if ((await look()) && shown === 'exit' && JSON.stringify(preview.stays) !== before) go('exit');
}

/** A newer pass in the background: the door waits for no network but the venue's. */
function renewBehind() {
  fetchPass(issuer, store, { device, venue }).then(
    (renewed) => {
      kept = renewed;
      if (shown === 'entry') go('entry');
    },
    (error) => {
      const isFinal = error instanceof IssuerProblem && /^device-/.test(error.code);
      if (!isFinal) return;
      void store.dropPass(venue);
      if (shown === 'entry' || shown === 'exit') goIssuer(error.code);
    },
  );
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

/** The phone's key and pass out of the store; with the code of an enrolment, the pass from the issuer. */
async function openWallet(enrolled) {
  store = await openStore();
  device = await store.device();
  kept = device === null ? null : await store.pass(venue);
  if (enrolled === null) return;
  if (enrolled === '') throw new IssuerProblem('cancelled');
  // It was made before the way to the issuer, and is gone: this browser promises and does not keep.
  if (device === null) throw new StorageProblem('it was gone after the sign-in');
  kept = await fetchPass(issuer, store, { device, venue, code: enrolled });
}

async function start() {
  go('starting');
  // Before the obstacles: an address with a code in it is to be neither seen nor sent on.
  const blocked = obstacle();
  if (blocked !== null) return go(...blocked);
  const { code, enrolled } = takeFromAddress();
  const redeemed = code === null || offline !== undefined ? null : redeem(door, side, code);
  // Told when its turn comes: who is not enrolled yet has something else to do first.
  redeemed?.catch(() => undefined);
  await openWallet(enrolled);
  if (kept !== null && offline !== undefined) return go('unreachable');
  if (kept === null) return go(issuer === undefined ? 'noIssuer' : 'notEnrolled');
  if (issuer !== undefined && isExpired(kept.pass)) {
    kept = await fetchPass(issuer, store, { device, venue }).catch((error) => {
      if (error.code === 'offline') return kept;
      throw error;
    });
  } else if (issuer !== undefined && isAgeing(kept.pass)) renewBehind();
  const problem = await redeemed;
  if (problem !== null && problem !== undefined) return go('shut', { problem });
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
