import { byId, byIdAs, element } from '../dom.js';
import { listen } from '../feed.js';
import { fillWords, language } from '../language.js';
import { showAlarms } from './alarms-view.js';
import { ask, Refused } from './api.js';
import { showCharts } from './charts-view.js';
import { valuesOf } from './dialog.js';
import { showEvents } from './events-view.js';
import { showOverview } from './overview.js';
import { showStatus } from './status.js';
import { showStay } from './stay-view.js';
import { day, texts } from './words.js';

/**
 * @import { PublishedEvent } from '../../../../shared/contract/events.ts'
 * @import { LedgerPage, SessionAnswer, VenueNow } from '../../answers.ts'
 * @import { Context, Session, View } from './api.js'
 */

/** Events of the live stream that the overview keeps. */
const RECENT_MAX = 40;

/** @type {Context | null} `null`: nobody is signed in */
let context = null;
/** @type {View | null} */
let view = null;
/** @type {() => void} */
let stopListening = () => undefined;

/** @typedef {(main: HTMLElement, context: Context, about: string) => View | void} Show */

/** @satisfies {Record<string, Show>} */
const PAGES = {
  overview: showOverview,
  alarms: showAlarms,
  events: showEvents,
  charts: showCharts,
  stay: showStay,
};
const LISTED = /** @type {const} */ (['overview', 'alarms', 'events', 'charts']);

/** `#/stay/<id>`: the page and what it is about. */
function place() {
  const [named, ...rest] = location.hash.replace(/^#\/?/, '').split('/');
  const page = [...LISTED, /** @type {const} */ ('stay')].find((name) => name === named);
  return page === undefined
    ? { page: LISTED[0], about: '' }
    : { page, about: decodeURIComponent(rest.join('/')) };
}

function navigate() {
  if (context === null) return;
  const { page, about } = place();
  const main = byId('main');
  main.replaceChildren();
  main.dataset.page = page;
  /** @type {Show} */
  const showPage = PAGES[page];
  view = showPage(main, context, about) ?? null;
  showNav();
  document.title = `${page === 'stay' ? texts.title : texts.nav[page]} · Genkan`;
}

function showNav() {
  const { page } = place();
  const open = context?.known?.alarms.filter(({ state }) => state !== 'acknowledged').length ?? 0;
  const links = LISTED.map((name) =>
    element(
      'a',
      { href: `#/${name}`, ...(name === page && { 'aria-current': 'page' }) },
      texts.nav[name],
      ...(name === 'alarms' && open > 0 ? [element('span', { class: 'count' }, String(open))] : []),
    ),
  );
  const nav = byId('nav');
  const made = element('div', {}, ...links.map((link) => link.cloneNode(true))).innerHTML;
  // Replaced only when it differs: the keyboard's focus stays where it is.
  if (nav.innerHTML !== made) nav.replaceChildren(...links);
}

/** @param {VenueNow | null} state */
function heard(state) {
  if (context === null) return;
  const before = context.known;
  context.state = state;
  context.known = state ?? before;
  if (state !== null) byId('venue').textContent = state.venue.name;
  showStatus(byId('status'), state);
  showNav();
  // Times of another day are named with it: at midnight every row is written anew.
  if (state !== null && before !== null && day(state.at) !== day(before.at)) navigate();
  else view?.live(context);
}

function watch() {
  stopListening();
  /** @type {{ state: (now: VenueNow) => void, ledger: (event: PublishedEvent) => void, 'signed-out': () => void }} */
  const handlers = {
    state: heard,
    ledger: (event) => {
      if (context === null) return;
      context.recent = [event, ...context.recent].slice(0, RECENT_MAX);
      view?.live(context);
    },
    'signed-out': () => leave(texts.signedOut),
  };
  stopListening = listen('/api/events', handlers, () => {
    heard(null);
    // A stream that was refused says nothing else: the session may have ended.
    void whoIsIn().then(
      (session) => {
        if (session === null) leave(texts.signedOut);
      },
      () => undefined,
    );
  });
}

/** Who is signed in, or `null`. @returns {Promise<Session | null>} */
async function whoIsIn() {
  /** @type {SessionAnswer} */
  const session = await ask('/api/session');
  return session.name === null ? null : session;
}

/** @param {Session} session */
async function enter(session) {
  byId('name').textContent = session.name;
  for (const id of ['nav', 'sign-out', 'status']) byId(id).hidden = false;
  /** @type {LedgerPage} */
  const { events } = await ask(`/api/ledger?limit=${RECENT_MAX}`);
  context = { session, state: null, known: null, recent: [...events] };
  watch();
  navigate();
  byId('main').focus({ preventScroll: true });
}

/** Back to the sign-in. @param {string} message why */
function leave(message) {
  stopListening();
  context = null;
  view = null;
  for (const id of ['nav', 'sign-out', 'status']) byId(id).hidden = true;
  byId('name').textContent = '';
  byIdAs('dialog', HTMLDialogElement).close();
  showSignIn(message);
}

function showSignIn(message = '') {
  /** @param {string} label @param {HTMLInputElement} input */
  const field = (label, input) => element('label', {}, element('span', {}, label), input);
  const error = element('p', { class: 'error', role: 'alert' }, message);
  const button = element('button', { type: 'submit', class: 'main' }, texts.signIn);
  const name = element('input', {
    ...{ name: 'name', required: '', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false' },
  });
  const password = element('input', {
    ...{ name: 'password', required: '', type: 'password', autocomplete: 'current-password' },
  });
  const newPassword = element('input', {
    ...{ name: 'newPassword', required: '', type: 'password', autocomplete: 'new-password' },
    ...{ minlength: '12', disabled: '' },
  });
  const chosen = field(texts.newPassword, newPassword);
  chosen.hidden = true;
  const form = element(
    'form',
    { class: 'card sign-in' },
    element('h1', {}, texts.signInTitle),
    field(texts.name, name),
    field(texts.password, password),
    chosen,
    error,
    button,
    element('p', { class: 'hint' }, texts.signInHint),
  );
  const askNewPassword = () => {
    chosen.hidden = false;
    newPassword.disabled = false;
    newPassword.focus();
  };
  // Somebody else has a password of their own.
  name.addEventListener('input', () => {
    chosen.hidden = true;
    newPassword.disabled = true;
  });
  const signIn = async () => {
    button.disabled = true;
    error.textContent = '';
    try {
      /** @type {Session} */
      const session = await ask('/api/session', { body: valuesOf(form) });
      await enter(session);
    } catch (fault) {
      if (fault instanceof Refused && fault.code === 'new-password') askNewPassword();
      error.textContent =
        fault instanceof Refused ? (texts.refusals[fault.code] ?? fault.message) : texts.silent;
    } finally {
      button.disabled = false;
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void signIn();
  });
  byId('main').dataset.page = 'sign-in';
  byId('main').replaceChildren(form);
  name.focus();
}

fillWords(texts);
byId('nav').setAttribute('aria-label', texts.navLabel);
const otherLanguage = byIdAs('language', HTMLAnchorElement);
otherLanguage.textContent = texts.otherLanguage;
otherLanguage.lang = language === 'ja' ? 'en' : 'ja';
const showLanguage = () => {
  otherLanguage.href = `?lang=${language === 'ja' ? 'en' : 'ja'}${location.hash}`;
};
showLanguage();
addEventListener('hashchange', () => {
  showLanguage();
  navigate();
});
byId('sign-out').addEventListener('click', () => {
  void ask('/api/session', { method: 'DELETE' })
    .catch(() => undefined)
    .then(() => leave(''));
});
try {
  const session = await whoIsIn();
  if (session === null) showSignIn();
  else await enter(session);
} catch {
  showSignIn(texts.silent);
}
document.body.dataset.ready = 'true';
