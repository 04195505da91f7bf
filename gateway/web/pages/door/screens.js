import { claimsOf } from '../phone/issuer.js';
import { venueNowMs } from '../phone/venue-clock.js';
import { words } from './language.js';

/**
 * What to do next when the door stays shut, beside what is always offered. `renew`: the pass of this phone may be older
 * than a booking. A reason that is not here has no better way than those.
 */
const NEXT = {
  unreadable: ['enrol'],
  'pass-expired': ['renew', 'enrol'],
  'pass-not-yet-valid': ['renew'],
  'wrong-venue': ['renew'],
  'proof-missing': ['enrol'],
  'proof-stale': ['retry'],
  replay: ['retry'],
  'no-reservation': ['renew'],
  'too-early': ['renew', 'retry'],
  'reservation-ended': ['renew'],
  'ticket-ended': ['renew'],
  'host-not-checked-in': ['retry'],
  full: ['retry'],
  'door-offline': ['retry'],
  'storage-degraded': ['retry'],
  busy: ['retry'],
};

/** Refusals that ask for the posted code once more. */
const SCAN_AGAIN = new Set(['not-present', 'code-unknown', 'code-expired', 'code-used']);

/** A button for an act of the page, named as the act is. @returns {import('./view.js').Way} */
export const wayTo = (act) => ({ act, label: words[act] });

const [open, enrol, retry] = ['open', 'enrol', 'retry'].map(wayTo);

/**
 * The screen of a state. Whoever is in trouble may go the ways that are always there: the QR, the visits, the telephone.
 *
 * @param {any} context what the state shows, and `always`
 * @returns {import('./view.js').Screen}
 */
export const screenOf = (state, context) => ({ ways: context.always, ...screens[state](context) });

/** @type {Record<string, (context: any) => import('./view.js').Screen>} */
export const screens = {
  starting: () => ({ tone: 'wait', title: words.starting, ways: [] }),
  noDoor: () => ({ tone: 'hm', title: words.noDoor, text: words.noDoorText }),
  insecure: ({ secureUrl }) => ({
    tone: 'hm',
    title: words.insecure,
    text: secureUrl === null ? words.insecureOnly : words.insecureText,
    main: secureUrl && { label: words.openSecure, href: secureUrl },
  }),
  elsewhere: ({ rightUrl }) => ({
    tone: 'hm',
    title: words.elsewhere,
    text: words.elsewhereText,
    main: { label: words.openRight, href: rightUrl },
  }),
  noStorage: ({ accountUrl, always }) => ({
    tone: 'hm',
    title: words.noStorage,
    text: words.noStorageText,
    main: accountUrl && { label: words.account, href: accountUrl },
    ways: [retry, ...always],
  }),
  noIssuer: () => ({ tone: 'hm', title: words.shut, text: words.noIssuer }),
  notEnrolled: ({ wallet, always }) => ({
    tone: 'plain',
    title: words.notEnrolled,
    text: words.notEnrolledText,
    main: enrol,
    ways: [...(wallet === undefined ? [] : [wayTo('handOff')]), ...always],
  }),
  enrolFailed: ({ code }) => ({
    tone: 'hm',
    title: code === 'cancelled' ? words.enrolCancelled : words.notEnrolled,
    text: { cancelled: words.notEnrolledText, offline: words.enrolOffline }[code] ?? words.enrolFailed,
    main: enrol,
  }),
  replaced: () => ({ tone: 'hm', title: words.replaced, text: words.replacedText, main: enrol }),
  entry: ({ kept }) => ({ tone: 'plain', title: words.welcome(kept.member), ...bookedBy(kept), main: open }),
  exit: ({ kept, preview }) => exitScreen(kept, preview.stays),
  working: ({ main }) => ({ tone: 'wait', title: words.working, main, ways: [] }),
  granted: ({ answer, preview, always }) => ({
    tone: 'good',
    title: words.granted[answer.kind],
    text: answer.kind === 'check-out' ? words.thanks : answer.kind === 'admit' ? '' : words.openNow,
    facts: (answer.kind === 'check-out' ? paidFacts : insideFacts)(answer, preview),
    note: words.doorStuck,
    ways: [{ act: 'open', label: words.openAgain }, ...always],
  }),
  shut: ({ problem: { code, title }, always }) => ({
    tone: 'bad',
    title: SCAN_AGAIN.has(code) ? words.scanAgain : words.shut,
    text: title ?? words.failedText,
    ways: [...(NEXT[code] ?? []).map(wayTo), ...always],
  }),
  unreachable: ({ always }) => ({
    tone: 'hm',
    title: words.unreachable,
    text: always.some(({ act }) => act === 'qr') ? words.unreachableText : words.unreachableNoQr,
    main: retry,
  }),
  failed: () => ({ tone: 'hm', title: words.failed, text: words.failedText, main: retry }),
};

/** What the pass of this phone entitles to today, as far as the phone knows. */
function bookedBy({ pass, venue }) {
  const { ent } = claimsOf(pass);
  const nowMs = venueNowMs();
  const here = ent
    .filter((each) => each.kind === 'reservation' && each.venue === venue && Date.parse(each.end) > nowMs)
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start))[0];
  if (here !== undefined) {
    return { facts: [[words.space(here.space.id), words.span(here.start, here.end), 'strong']] };
  }
  const ticket = ent.find(({ kind }) => kind === 'ticket');
  if (ticket !== undefined) return { facts: [[words.plan, words.plans[ticket.plan], 'strong']] };
  if (ent.some(({ kind }) => kind === 'staff')) return { text: words.staff };
  return { text: words.nothingBooked };
}

function exitScreen(kept, [next, ...others]) {
  if (next === undefined) {
    return {
      tone: 'plain',
      title: words.nothingOpen,
      text: words.nothingOpenText,
      main: { act: 'open', label: words.leave },
    };
  }
  const { charge, checkIn, space } = next;
  const rest = others.map((stay) => (stay.space === null ? words.plan : words.space(stay.space)));
  return {
    tone: 'plain',
    title: words.exitTitle,
    facts: [
      [words.costsNow, charge === null ? words.noCost : words.yen(charge.yen), 'strong'],
      ...(charge === null ? [] : [[words.charged, chargedSpan(charge)]]),
      [space === null ? words.ticketVisit : words.space(space), kept.member],
      ...(checkIn === null ? [] : [[words.inSince, words.clock(checkIn)]]),
    ],
    note: `${charge === null ? '' : holds(charge)} ${rest.length === 0 ? '' : words.afterThis(rest)}`.trim(),
    main: { act: 'open', label: words.checkOut },
  };
}

/** Until when a check-out costs the same: the early rule charges a unit that is begun at its first instant. */
function holds({ rule, chargedTo }) {
  if (chargedTo === null || rule === 'late-room-reserved') return '';
  return rule === 'h1t-shortened' ? words.priceBefore(chargedTo) : words.priceUntil(chargedTo);
}

const chargedSpan = ({ chargedFrom, chargedTo, capApplied }) =>
  chargedFrom === null
    ? words.free
    : `${words.span(chargedFrom, chargedTo)}${capApplied ? ` (${words.capped})` : ''}`;

const stayOf = (answer, preview) => preview?.stays.find((each) => each.stay === answer.stay);

function insideFacts(answer, preview) {
  const stay = stayOf(answer, preview);
  const { uses } = answer;
  return [
    ...(stay?.checkIn ? [[words.inSince, words.clock(stay.checkIn)]] : []),
    ...(answer.space === null ? [] : [[words.seat, words.space(answer.space), 'strong']]),
    ...(answer.until === null ? [] : [[words.until, words.clock(answer.until)]]),
    ...(uses?.shown ? [[words.usesLeft, words.uses(uses.remaining), 'strong']] : []),
    ...(stay?.charge?.rule === 'h1t-shortened'
      ? [[words.leaveBefore(stay.charge.chargedTo), words.yen(stay.charge.yen)]]
      : []),
  ];
}

/** What was paid, with the time that the preview told just before: the answer to a check-out has the amount alone. */
function paidFacts(answer, preview) {
  const stay = stayOf(answer, preview);
  const isAsTold = (stay?.charge ?? null) !== null && stay.charge.yen === answer.yen;
  return [
    [words.paid, answer.yen === null ? words.free : words.yen(answer.yen), 'strong'],
    ...(isAsTold ? [[words.charged, chargedSpan(stay.charge)]] : []),
    ...(answer.space === null ? [] : [[words.seat, words.space(answer.space)]]),
  ];
}
