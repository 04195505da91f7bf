import { byId, element } from '../dom.js';
import { listen } from '../feed.js';
import { fillWords, language } from '../language.js';
import { showAlarms } from './alarms-view.js';
import { ask, Refused } from './api.js';
import { showCharts } from './charts-view.js';
import { showEvents } from './events-view.js';
import { showOverview } from './overview.js';
import { showStatus } from './status.js';
import { showStay } from './stay-view.js';
import { texts } from './words.js';

/** Events of the live stream that the overview keeps. */
const RECENT_MAX = 40;

/** What the views are given: who looks, the newest state (`null`: nobody knows), and the newest events. */
const context = { session: null, state: null, recent: [] };
/** The view on the page: `live` is called with every new state. */
let view = { live: () => undefined };
let stopListening = () => undefined;

const PAGES = {
  overview: showOverview,
  alarms: showAlarms,
  events: showEvents,
  charts: showCharts,
  stay: showStay,
};
const LISTED = ['overview', 'alarms', 'events', 'charts'];

/** `#/stay/<id>`: the page and what it is about. */
function place() {
  const [page = '', ...rest] = location.hash.replace(/^#\/?/, '').split('/');
  return page in PAGES
    ? { page, about: decodeURIComponent(rest.join('/')) }
    : { page: 'overview', about: '' };
}

function navigate() {
  if (context.session === null) return;
  const { page, about } = place();
  const main = byId('main');
  main.replaceChildren();
  main.dataset.page = page;
  view = PAGES[page](main, context, about) ?? { live: () => undefined };
  showNav();
  document.title = `${texts.nav[page] ?? texts.title} · Genkan`;
}

function showNav() {
  const { page } = place();
  const open = context.state?.alarms.filter(({ state }) => state !== 'acknowledged').length ?? 0;
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

function heard(state) {
  context.state = state;
  if (state !== null) byId('venue').textContent = state.venue.name;
  showStatus(byId('status'), state);
  showNav();
  view.live(context);
}

function watch() {
  stopListening();
  stopListening = listen(
    '/api/events',
    {
      state: heard,
      ledger: (event) => {
        context.recent.unshift(event);
        context.recent.length = Math.min(context.recent.length, RECENT_MAX);
        view.live(context);
      },
      'signed-out': () => leave(texts.signedOut),
    },
    () => {
      heard(null);
      // A stream that was refused says nothing else: the session may have ended.
      void ask('/api/session').then(
        ({ name }) => name === null && leave(texts.signedOut),
        () => undefined,
      );
    },
  );
}

async function recent() {
  const { events } = await ask(`/api/ledger?limit=${RECENT_MAX}`);
  context.recent = events;
}

async function enter(session) {
  context.session = session;
  byId('name').textContent = session.name;
  for (const id of ['nav', 'sign-out', 'status']) byId(id).hidden = false;
  await recent();
  watch();
  navigate();
  byId('main').focus();
}

/** Back to the sign-in, with why. */
function leave(message) {
  stopListening();
  Object.assign(context, { session: null, state: null, recent: [] });
  for (const id of ['nav', 'sign-out', 'status']) byId(id).hidden = true;
  byId('name').textContent = '';
  byId('dialog').close();
  showSignIn(message);
}

function showSignIn(message = '') {
  const field = (label, attributes) =>
    element('label', {}, element('span', {}, label), element('input', { required: '', ...attributes }));
  const error = element('p', { class: 'error', role: 'alert' }, message);
  const button = element('button', { type: 'submit', class: 'main' }, texts.signIn);
  const secret = { name: 'newPassword', type: 'password', autocomplete: 'new-password', minlength: '12' };
  const chosen = field(texts.newPassword, { ...secret, disabled: '' });
  chosen.hidden = true;
  const form = element(
    'form',
    { class: 'card sign-in' },
    element('h1', {}, texts.signInTitle),
    field(texts.name, {
      name: 'name',
      autocomplete: 'username',
      autocapitalize: 'none',
      spellcheck: 'false',
    }),
    field(texts.password, { name: 'password', type: 'password', autocomplete: 'current-password' }),
    chosen,
    error,
    button,
    element('p', { class: 'hint' }, texts.signInHint),
  );
  const askNewPassword = () => {
    chosen.hidden = false;
    const input = form.elements.namedItem('newPassword');
    input.disabled = false;
    input.focus();
  };
  // Somebody else has a password of their own.
  form.elements.namedItem('name').addEventListener('input', () => {
    chosen.hidden = true;
    form.elements.namedItem('newPassword').disabled = true;
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    error.textContent = '';
    try {
      await enter(await ask('/api/session', { body: Object.fromEntries(new FormData(form)) }));
    } catch (fault) {
      if (fault instanceof Refused && fault.code === 'new-password') askNewPassword();
      error.textContent =
        fault instanceof Refused ? (texts.refusals[fault.code] ?? fault.message) : texts.silent;
    } finally {
      button.disabled = false;
    }
  });
  byId('main').dataset.page = 'sign-in';
  byId('main').replaceChildren(form);
  form.elements.namedItem('name').focus();
}

fillWords(texts);
byId('nav').setAttribute('aria-label', texts.navLabel);
byId('language').textContent = texts.otherLanguage;
byId('language').lang = language === 'ja' ? 'en' : 'ja';
const showLanguage = () => {
  byId('language').href = `?lang=${language === 'ja' ? 'en' : 'ja'}${location.hash}`;
};
showLanguage();
addEventListener('hashchange', () => {
  showLanguage();
  navigate();
});
byId('sign-out').addEventListener('click', async () => {
  await ask('/api/session', { method: 'DELETE' }).catch(() => undefined);
  leave('');
});
try {
  const session = await ask('/api/session');
  if (session.name === null) showSignIn();
  else await enter(session);
} catch {
  showSignIn(texts.silent);
}
document.body.dataset.ready = 'true';
