import { byId, byIdAs, element } from '../_/dom.js';
import { language } from '../_/door/language.js';
import { showQr } from '../_/door/qr-view.js';
import { openStore } from '../_/phone/device-store.js';
import { fetchPass } from '../_/phone/issuer.js';
import { bearerCode, scannerCode } from '../_/phone/proofs.js';
import { hearTime } from '../_/phone/venue-clock.js';

/**
 * @import { Reservation } from '../../../shared/contract/pass.ts'
 * @import { KnownVenue, Person, WalletAnswer } from '../wallet-answers.ts'
 */

/** @typedef {typeof import('./words-ja.js')} Catalogue */

const { words } = /** @type {Catalogue} */ (await import(`./words-${language}.js`));

const ISSUER = `${location.origin}/wallet`;

/** What a venue's page asks for, when it sent the member here to enrol. */
const asked = location.pathname.endsWith('/enrol')
  ? Object.fromEntries(new URLSearchParams(location.search))
  : null;

/**
 * Asks our own server.
 *
 * @template Answer
 * @param {'GET' | 'POST' | 'DELETE'} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<Answer>}
 * @throws Error with the problem's title
 */
async function call(method, path, body) {
  const response = await fetch(`/wallet/${path}`, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  hearTime(response);
  const answer = /** @type {Answer & { title?: string }} */ (await response.json());
  if (!response.ok) throw new Error(answer.title ?? response.statusText);
  return answer;
}

/** @param {{ title: string, text?: string, content?: Node[], ways?: Node[] }} screen */
function show({ title, text = '', content = [], ways = [] }) {
  byId('title').textContent = title;
  byId('text').textContent = text;
  byId('content').replaceChildren(...content);
  byId('ways').replaceChildren(...ways);
  byId('said').focus({ preventScroll: true });
}

/** @param {string} label @param {() => Promise<void>} work @param {string} [className] */
const press = (label, work, className = 'way') => {
  const button = element('button', { type: 'button', class: className }, label);
  button.addEventListener('click', () => void work().catch(wrong));
  return button;
};
/** @param {string} label @param {string} href @param {string} [className] */
const link = (label, href, className = 'way') => element('a', { href, class: className }, label);

/** @param {unknown} error */
function wrong(error) {
  show({
    title: words.failed,
    text: error instanceof Error && !(error instanceof TypeError) ? error.message : words.offline,
    ways: [link('OK', location.pathname + location.search)],
  });
}

/** @param {Person} person @param {readonly KnownVenue[]} venues */
const summary = ({ ent }, venues) =>
  ent
    .map((each) =>
      each.kind === 'reservation'
        ? words.reservation(each.space.id, whenOf(each, venues))
        : each.kind === 'ticket'
          ? words.ticket(each)
          : each.kind,
    )
    .join(' · ') || words.nothing;

/**
 * When a reservation is, as the clocks of its venue show it.
 *
 * @param {Reservation} reservation
 * @param {readonly KnownVenue[]} venues
 */
function whenOf({ venue, start, end }, venues) {
  const known = venues.find(({ id }) => id === venue);
  // The instants as the issuer wrote them, where it names the venue no more.
  if (known === undefined) return `${start}–${end}`;
  const { timeZone } = known;
  const day = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', timeZone });
  const clock = new Intl.DateTimeFormat('sv', { timeStyle: 'short', timeZone });
  const [from, to] = [start, end].map((at) => clock.format(Date.parse(at)).replace(/^0/, ''));
  return `${day.format(Date.parse(start))} ${from}–${to}`;
}

/** @param {WalletAnswer} state */
function showSignIn({ people, venues }) {
  show({
    title: words.signIn,
    text: words.signInText,
    content: people.map((person) => {
      const button = press(
        '',
        async () => {
          await call('POST', 'session', { sub: person.sub });
          await start();
        },
        'person',
      );
      button.append(element('strong', {}, person.name), element('span', {}, summary(person, venues)));
      return button;
    }),
  });
}

/** @param {WalletAnswer} state @param {Record<string, string>} wanted */
function showEnrolment({ venues }, wanted) {
  const { venue = '', dpop_jkt: jkt, return: back = '' } = wanted;
  const name = venues.find(({ id }) => id === venue)?.name ?? venue;
  const go = async () => {
    /** @type {{ location: string }} */
    const { location: next } = await call('POST', 'enrolments', { venue, jkt, back });
    location.assign(next);
  };
  const cancel = new URL(back);
  cancel.hash = 'enrolled=';
  const isVenue = venues.some(({ origin }) => origin === cancel.origin);
  show({
    title: words.enrolTitle(name),
    text: words.enrolText,
    ways: [press(words.enrol, go, 'main'), ...(isVenue ? [link(words.cancel, cancel.href)] : [])],
  });
}

/**
 * Enrols this browser at our own origin, for every venue: the key that `/signer` signs with.
 *
 * @param {readonly KnownVenue[]} venues
 */
async function enrolHere(venues) {
  const store = await openStore();
  const device = await store.deviceOrNew();
  for (const { id: venue } of venues) {
    /** @type {{ location: string }} */
    const { location: next } = await call('POST', 'enrolments', {
      venue,
      jkt: device.jkt,
      back: location.href,
    });
    const code = new URLSearchParams(new URL(next).hash.slice(1)).get('enrolled');
    await fetchPass(ISSUER, store, { device, venue, code });
  }
  // The kept page of the frame names the venues that may show it: the new ones are to be among them.
  await (await caches.open('genkan-wallet')).add('/wallet/signer');
  await start();
}

/** @param {NonNullable<WalletAnswer['me']>} me @param {WalletAnswer} state */
async function showWallet(me, { venues, canBook }) {
  // A browser that keeps no key has the short-lived QR.
  const store = await openStore().catch(() => null);
  const device = (await store?.device().catch(() => null)) ?? null;
  const cards = await Promise.all(
    venues.map(async (venue) => {
      const kept = (await store?.pass(venue.id).catch(() => null)) ?? null;
      const active = me.devices[venue.id];
      const own = store !== null && device !== null && kept !== null && active === device.jkt ? kept : null;
      const status = own !== null ? words.thisPhone : active === null ? words.noPhone : words.otherPhone;
      const shortCode = async () => {
        /** @type {{ pass: string }} */
        const { pass } = await call('POST', 'short-pass', { venue: venue.id });
        return bearerCode(pass);
      };
      return [
        element(
          'section',
          { class: 'pass' },
          element('h2', {}, venue.name),
          element('p', { class: 'big' }, summary(me, venues)),
          element('p', {}, status),
        ),
        store !== null && device !== null && own !== null
          ? press(words.qr, () => showQr(() => scannerCode(device, own)))
          : press(words.shortQr, () => showQr(shortCode)),
        link(words.entrance(venue.name), `${venue.origin}/d/front/entry`),
        link(words.exit(venue.name), `${venue.origin}/d/front/exit`),
      ];
    }),
  );
  const book = async () => {
    await call('POST', 'bookings', {});
    // The door must not be the first to tell of a pass without what was booked since.
    for (const { id: venue } of venues)
      if (store !== null && device !== null && me.devices[venue] === device.jkt)
        await fetchPass(ISSUER, store, { device, venue });
    await start();
  };
  const signOut = async () => {
    await call('DELETE', 'session');
    await start();
  };
  show({
    title: words.hello(me.name),
    content: cards.flat(),
    ways: [
      ...(store === null || venues.every(({ id }) => me.devices[id] === device?.jkt)
        ? []
        : [press(words.enrol, () => enrolHere(venues))]),
      ...(canBook ? [press(words.book, book)] : []),
      press(words.signOut, signOut),
    ],
  });
}

async function start() {
  /** @type {WalletAnswer} */
  const state = await call('GET', 'me');
  if (state.me === null) showSignIn(state);
  else if (asked !== null) showEnrolment(state, asked);
  else await showWallet(state.me, state);
  document.body.dataset.ready = 'true';
}

byId('demo').textContent = words.demo;
const other = language === 'ja' ? 'en' : 'ja';
const query = new URLSearchParams(location.search);
query.set('lang', other);
Object.assign(byIdAs('language', HTMLAnchorElement), {
  href: `?${query}`,
  lang: other,
  textContent: words.otherLanguage,
});
if ('serviceWorker' in navigator)
  void navigator.serviceWorker.register('/wallet/sw.js', { scope: '/wallet/' }).catch(() => undefined);
start().catch(wrong);
