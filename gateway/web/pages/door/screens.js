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

const open = { act: 'open', label: words.open };
const enrol = { act: 'enrol', label: words.enrol };
const retry = { act: 'retry', label: words.retry };

/**
 * One screen for each state of the page.
 *
 * @type {Record<string, (context: any) => import('./view.js').Screen>}
 */
export const screens = {
  starting: () => ({ tone: 'wait', title: words.starting }),
  noDoor: ({ call }) => ({ tone: 'hm', title: words.noDoor, text: words.noDoorText, ways: call }),
  insecure: ({ secureUrl, call }) => ({
    tone: 'hm',
    title: words.insecure,
    text: secureUrl === null ? words.insecureOnly : words.insecureText,
    main: secureUrl && { label: words.openSecure, href: secureUrl },
    ways: call,
  }),
  elsewhere: ({ rightUrl, call }) => ({
    tone: 'hm',
    title: words.elsewhere,
    text: words.elsewhereText,
    main: { label: words.openRight, href: rightUrl },
    ways: call,
  }),
  noStorage: ({ accountUrl, call }) => ({
    tone: 'hm',
    title: words.noStorage,
    text: words.noStorageText,
    main: accountUrl && { label: words.account, href: accountUrl },
    ways: [retry, ...call],
  }),
  noIssuer: ({ call }) => ({ tone: 'hm', title: words.shut, text: words.noIssuer, ways: call }),
  notEnrolled: ({ call }) => ({
    tone: 'plain',
    title: words.notEnrolled,
    text: words.notEnrolledText,
    main: enrol,
    ways: call,
  }),
  enrolFailed: ({ code, call }) => ({
    tone: 'hm',
    title: code === 'cancelled' ? words.enrolCancelled : words.notEnrolled,
    text:
      code === 'cancelled'
        ? words.notEnrolledText
        : code === 'offline'
          ? words.enrolOffline
          : words.enrolFailed,
    main: enrol,
    ways: call,
  }),
  replaced: ({ call }) => ({
    tone: 'hm',
    title: words.replaced,
    text: words.replacedText,
    main: enrol,
    ways: call,
  }),
  entry: ({ kept, always }) => ({
    tone: 'plain',
    title: words.welcome(kept.member),
    ...bookedBy(kept),
    main: open,
    ways: always,
  }),
  exit: ({ kept, preview, always }) => exitScreen(kept, preview, always),
  working: ({ main }) => ({ tone: 'wait', title: words.working, main }),
  granted: ({ answer, preview, always }) => ({
    tone: 'good',
    title: words.granted[answer.kind],
    text: answer.kind === 'check-out' ? words.thanks : answer.kind === 'admit' ? '' : words.openNow,
    facts: answer.kind === 'check-out' ? paidFacts(answer, preview) : insideFacts(answer, preview),
    note: words.doorStuck,
    ways: [{ act: 'open', label: words.openAgain }, ...always],
  }),
  shut: ({ problem, always }) => ({
    tone: 'bad',
    title: SCAN_AGAIN.has(problem.code) ? words.scanAgain : words.shut,
    text: problem.title ?? words.failedText,
    ways: [
      ...(NEXT[problem.code] ?? []).map((act) => ({ act, label: words[act] })),
      ...(SCAN_AGAIN.has(problem.code) ? [] : []),
      ...always,
    ],
  }),
  unreachable: ({ always }) => ({
    tone: 'hm',
    title: words.unreachable,
    text: always.some(({ act }) => act === 'qr') ? words.unreachableText : words.unreachableNoQr,
    main: retry,
    ways: always,
  }),
  failed: ({ always }) => ({
    tone: 'hm',
    title: words.failed,
    text: words.failedText,
    main: retry,
    ways: always,
  }),
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

function exitScreen(kept, { stays }, always) {
  const [next, ...others] = stays;
  if (next === undefined) {
    return {
      tone: 'plain',
      title: words.nothingOpen,
      text: words.nothingOpenText,
      main: { act: 'open', label: words.leave },
      ways: always,
    };
  }
  const { charge, checkIn, space } = next;
  return {
    tone: 'plain',
    title: words.exitTitle,
    facts: [
      ...(charge === null
        ? [[words.costsNow, words.noCost, 'strong']]
        : [
            [words.costsNow, words.yen(charge.yen), 'strong'],
            [words.charged, chargedSpan(charge)],
          ]),
      [space === null ? words.ticketVisit : words.space(space), kept.member],
      ...(checkIn === null ? [] : [[words.inSince, words.clock(checkIn)]]),
    ],
    note: [
      charge === null ? '' : holds(charge),
      others.length === 0
        ? ''
        : words.afterThis(others.map((stay) => (stay.space === null ? words.plan : words.space(stay.space)))),
    ]
      .join(' ')
      .trim(),
    main: { act: 'open', label: words.checkOut },
    ways: always,
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

function insideFacts(answer, preview) {
  const stay = preview?.stays.find((each) => each.stay === answer.stay);
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
  const stay = preview?.stays.find((each) => each.stay === answer.stay);
  const isAsTold = (stay?.charge ?? null) !== null && stay.charge.yen === answer.yen;
  return [
    [words.paid, answer.yen === null ? words.free : words.yen(answer.yen), 'strong'],
    ...(isAsTold ? [[words.charged, chargedSpan(stay.charge)]] : []),
    ...(answer.space === null ? [] : [[words.seat, words.space(answer.space)]]),
  ];
}
