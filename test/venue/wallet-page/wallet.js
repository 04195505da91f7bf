import { byId, element } from '../_/dom.js';
import { language } from '../_/door/language.js';
import { showQr } from '../_/door/qr-view.js';
import { openStore } from '../_/phone/device-store.js';
import { fetchPass } from '../_/phone/issuer.js';
import { localSigner } from '../_/phone/local-signer.js';
import { bearerCode } from '../_/phone/proofs.js';
import { hearTime } from '../_/phone/venue-clock.js';

const { words } = await import(`./words-${language}.js`);

const ISSUER = `${location.origin}/wallet`;

/** What a venue's page asks for, when it sent the member here to enrol. */
const asked = location.pathname.endsWith('/enrol')
  ? Object.fromEntries(new URLSearchParams(location.search))
  : null;

/** Asks our own server. @returns the body @throws Error with the problem's title */
async function call(method, path, body) {
  const response = await fetch(`/wallet/${path}`, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  hearTime(response);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.title ?? response.statusText);
  return answer;
}

function show({ title, text = '', content = [], ways = [] }) {
  byId('title').textContent = title;
  byId('text').textContent = text;
  byId('content').replaceChildren(...content);
  byId('ways').replaceChildren(...ways);
  byId('said').focus({ preventScroll: true });
}

const press = (label, work, className = 'way') => {
  const button = element('button', { type: 'button', class: className }, label);
  button.addEventListener('click', () => void work().catch(wrong));
  return button;
};
const link = (label, href, className = 'way') => element('a', { href, class: className }, label);

function wrong(error) {
  show({
    title: words.failed,
    text: error instanceof TypeError ? words.offline : error.message,
    ways: [link('OK', location.pathname + location.search)],
  });
}

const summary = (ent) =>
  ent.map((each) => words[each.kind]?.(each) ?? each.kind).join(' · ') || words.nothing;

function showSignIn({ people }) {
  show({
    title: words.signIn,
    text: words.signInText,
    content: people.map(({ sub, name, ent }) => {
      const button = press(
        '',
        async () => {
          await call('POST', 'session', { sub });
          await start();
        },
        'person',
      );
      button.append(element('strong', {}, name), element('span', {}, summary(ent)));
      return button;
    }),
  });
}

function showEnrolment({ venues }) {
  const { venue, dpop_jkt: jkt, return: back } = asked;
  const name = venues.find(({ id }) => id === venue)?.name ?? venue;
  const go = async () => {
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

/** Enrols this browser at our own origin, for every venue: the key that `/signer` signs with. */
async function enrolHere(venues) {
  const store = await openStore();
  const device = await store.deviceOrNew();
  for (const { id: venue } of venues) {
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

async function showWallet({ me, venues, canBook }) {
  // A browser that keeps no key has the short-lived QR.
  const store = await openStore().catch(() => null);
  const device = (await store?.device().catch(() => null)) ?? null;
  const cards = await Promise.all(
    venues.map(async (venue) => {
      const kept = (await store?.pass(venue.id).catch(() => null)) ?? null;
      const active = me.devices[venue.id];
      const isHere = device !== null && kept !== null && active === device.jkt;
      const status = isHere ? words.thisPhone : active === null ? words.noPhone : words.otherPhone;
      const shortCode = async () => bearerCode((await call('POST', 'short-pass', { venue: venue.id })).pass);
      return [
        element(
          'section',
          { class: 'pass' },
          element('h2', {}, venue.name),
          element('p', { class: 'big' }, summary(me.ent)),
          element('p', {}, status),
        ),
        isHere
          ? press(words.qr, () => showQr(localSigner(ISSUER, store, device, kept).code))
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
      if (device !== null && me.devices[venue] === device.jkt)
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
  const state = await call('GET', 'me');
  if (state.me === null) showSignIn(state);
  else if (asked !== null) showEnrolment(state);
  else await showWallet(state);
  document.body.dataset.ready = 'true';
}

byId('demo').textContent = words.demo;
const other = language === 'ja' ? 'en' : 'ja';
const query = new URLSearchParams(location.search);
query.set('lang', other);
Object.assign(byId('language'), { href: `?${query}`, lang: other, textContent: words.otherLanguage });
void navigator.serviceWorker?.register('/wallet/sw.js', { scope: '/wallet/' }).catch(() => undefined);
start().catch(wrong);
