import { claimsOf } from '../phone/issuer.js';
import { venueNowMs } from '../phone/venue-clock.js';
import { clock, span } from '../venue-time.js';
import { words } from './language.js';

/**
 * @import { Charge } from '../../../../shared/contract/charge.ts'
 * @import { StayPreviews } from '../../../../shared/contract/visits.ts'
 * @import { Answer } from '../../../access/record.ts'
 * @import { KeptPass } from '../phone/device-store.js'
 * @import { Problem } from './gateway.js'
 * @import { Act, Fact, Screen, Way } from './view.js'
 *
 * @typedef {Extract<Answer, { granted: true }>} Granted
 */

/**
 * What each state shows, and what every state may.
 *
 * @typedef {{
 *   starting: {},
 *   noDoor: {},
 *   insecure: { secureUrl: string | null },
 *   elsewhere: { rightUrl: string },
 *   noStorage: { accountUrl: string | null },
 *   noIssuer: {},
 *   notEnrolled: { wallet?: string | undefined },
 *   enrolFailed: { code: string },
 *   replaced: {},
 *   entry: { kept: KeptPass },
 *   exit: { kept: KeptPass, preview: StayPreviews },
 *   working: { main?: Way },
 *   granted: { answer: Granted, preview: StayPreviews | null },
 *   checkedOutHere: { answer: Granted, preview: StayPreviews | null },
 *   shut: { problem: Problem },
 *   unreachable: {},
 *   failed: {},
 * }} Contexts
 * @typedef {{ always: Way[], issuer?: string | undefined }} Always the ways that are always there; where a phone enrols
 */

/**
 * What to do next when the door stays shut, beside what is always offered. `renew`: the pass of this phone may be older
 * than a booking. A reason that is not here has no better way than those.
 *
 * @type {Readonly<Partial<Record<string, readonly Act[]>>>}
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

/** Refusals where somebody else is in the way of the posted code: the reader needs none. */
const READER_INSTEAD = new Set(['code-used', 'busy']);

/**
 * A button for an act of the page, named as the act is.
 *
 * @template {Act | 'call'} Name
 * @param {Name} act
 */
export const wayTo = (act) => ({ act, label: words[act] });

const open = wayTo('open');
const retry = wayTo('retry');

/** Where no issuer is named nobody can enrol. @param {Always} always @returns {Way | null} */
const enrol = ({ issuer }) => (issuer === undefined ? null : wayTo('enrol'));

/**
 * The screen of a state. Whoever is in trouble may go the ways that are always there: the QR, the visits, the telephone.
 *
 * @template {keyof Contexts} State
 * @param {State} state
 * @param {Contexts[State] & Always} context
 * @returns {Screen}
 */
export const screenOf = (state, context) => ({ ways: context.always, ...screens[state](context) });

/** @type {{ [State in keyof Contexts]: (context: Contexts[State] & Always) => Screen }} */
export const screens = {
  starting: () => ({ tone: 'wait', title: words.starting, ways: [] }),
  noDoor: () => ({ tone: 'hm', title: words.noDoor, text: words.noDoorText }),
  insecure: ({ secureUrl }) => ({
    tone: 'hm',
    title: words.insecure,
    text: secureUrl === null ? words.insecureOnly : words.insecureText,
    main: secureUrl === null ? null : { label: words.openSecure, href: secureUrl },
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
    main: accountUrl === null ? null : { label: words.account, href: accountUrl },
    ways: [retry, ...always],
  }),
  noIssuer: () => ({ tone: 'hm', title: words.shut, text: words.noIssuer }),
  notEnrolled: ({ wallet, ...always }) => ({
    tone: 'plain',
    title: words.notEnrolled,
    text: words.notEnrolledText,
    main: enrol(always),
    ways: [...(wallet === undefined ? [] : [wayTo('handOff')]), ...always.always],
  }),
  enrolFailed: ({ code, ...always }) => ({
    tone: 'hm',
    title: code === 'cancelled' ? words.enrolCancelled : words.notEnrolled,
    text:
      code === 'cancelled'
        ? words.notEnrolledText
        : code === 'offline'
          ? words.enrolOffline
          : words.enrolFailed,
    main: enrol(always),
  }),
  replaced: (always) => ({
    tone: 'hm',
    title: words.replaced,
    text: words.replacedText,
    main: enrol(always),
  }),
  entry: ({ kept }) => ({ tone: 'plain', title: words.welcome(kept.member), ...bookedBy(kept), main: open }),
  exit: ({ kept, preview }) => exitScreen(kept, preview.stays),
  working: ({ main }) => ({ tone: 'wait', title: words.working, main, ways: [] }),
  granted: ({ answer, preview, always }) => ({
    tone: 'good',
    title: words.granted[answer.kind],
    text: answer.kind === 'check-out' ? words.thanks : answer.kind === 'admit' ? '' : words.openNow,
    facts: (answer.kind === 'check-out' ? paidFacts : insideFacts)(answer, preview),
    note: [...stillOpenOf(answer).map(words.stillOpen), words.doorStuck].join(' '),
    ways: [
      ...(answer.stillOpen.length === 0 ? [] : [wayTo('checkOutNext')]),
      { act: 'open', label: words.openAgain },
      ...always,
    ],
  }),
  checkedOutHere: ({ answer, preview, always }) => ({
    tone: 'good',
    title: words.granted['check-out'],
    text: words.thanksHere,
    facts: paidFacts(answer, preview),
    note: stillOpenOf(answer).map(words.stillOpen).join(' '),
    ways: [...(answer.stillOpen.length === 0 ? [] : [retry]), ...always],
  }),
  shut: ({ problem: { code, title, stillOpen = [] }, always, issuer }) => {
    const reader = READER_INSTEAD.has(code) && stillOpen.length === 0 ? qrOf(always) : null;
    return {
      tone: 'bad',
      title: SCAN_AGAIN.has(code) ? words.scanAgain : words.shut,
      text: title ?? words.failedText,
      main: reader,
      ...(stillOpen.length > 0 && {
        note: words.leftOpen(stillOpenOf({ stillOpen: stillOpen.slice(0, 1) }).join('')),
        main: wayTo('checkOutHere'),
      }),
      ways: [
        ...(NEXT[code] ?? []).filter((act) => act !== 'enrol' || issuer !== undefined).map(wayTo),
        ...always.filter((way) => way !== reader),
      ],
    };
  },
  unreachable: ({ always }) => ({
    tone: 'hm',
    title: words.unreachable,
    text: always.some(({ act }) => act === 'qr') ? words.unreachableText : words.unreachableNoQr,
    main: retry,
  }),
  failed: () => ({ tone: 'hm', title: words.failed, text: words.failedText, main: retry }),
};

/** The code for the reader, where this phone has one. @param {Way[]} always */
const qrOf = (always) => always.find((way) => 'act' in way && way.act === 'qr') ?? null;

/** @param {Pick<Granted, 'stillOpen'>} answer the seats and rooms whose visit is open */
const stillOpenOf = ({ stillOpen }) =>
  stillOpen.map(({ space }) => (space === null ? words.plan : words.space(space)));

/** @param {Fact} told @returns {Fact} */
const fact = (...told) => told;

/**
 * What the pass of this phone entitles to today, as far as the phone knows.
 *
 * @param {KeptPass} kept
 * @returns {Pick<Screen, 'facts' | 'text'>}
 */
function bookedBy({ pass, venue }) {
  const { ent } = claimsOf(pass);
  const nowMs = venueNowMs();
  const here = ent
    .filter((each) => each.kind === 'reservation')
    .filter((each) => each.venue === venue && Date.parse(each.end) > nowMs)
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start))[0];
  if (here !== undefined) {
    return { facts: [[words.space(here.space.id), span(here.start, here.end), 'strong']] };
  }
  const ticket = ent.find((each) => each.kind === 'ticket');
  if (ticket !== undefined) return { facts: [[words.plan, words.plans[ticket.plan], 'strong']] };
  if (ent.some(({ kind }) => kind === 'staff')) return { text: words.staff };
  return { text: words.nothingBooked };
}

/**
 * @param {KeptPass} kept
 * @param {StayPreviews['stays']} stays
 * @returns {Screen}
 */
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
      ...(charge === null ? [] : [fact(words.charged, chargedSpan(charge))]),
      [space === null ? words.ticketVisit : words.space(space), kept.member],
      ...(checkIn === null ? [] : [fact(words.inSince, clock(checkIn))]),
    ],
    note: `${charge === null ? '' : holds(charge)} ${rest.length === 0 ? '' : words.afterThis(rest)}`.trim(),
    main: { act: 'open', label: words.checkOut },
  };
}

/**
 * Until when a check-out costs the same: the early rule charges a unit that is begun at its first instant.
 *
 * @param {Charge} charge
 */
function holds({ rule, chargedTo }) {
  if (chargedTo === null || rule === 'late-room-reserved') return '';
  return (rule === 'h1t-shortened' ? words.priceBefore : words.priceUntil)(clock(chargedTo));
}

/** @param {Charge} charge */
const chargedSpan = ({ chargedFrom, chargedTo, capApplied }) =>
  chargedFrom === null || chargedTo === null
    ? words.free
    : `${span(chargedFrom, chargedTo)}${capApplied ? ` (${words.capped})` : ''}`;

/** @param {Granted} answer @param {StayPreviews | null} preview */
const stayOf = (answer, preview) => preview?.stays.find((each) => each.stay === answer.stay);

/** @param {Granted} answer @param {StayPreviews | null} preview @returns {Fact[]} */
function insideFacts(answer, preview) {
  const stay = stayOf(answer, preview);
  const charge = stay?.charge;
  const { uses } = answer;
  return [
    ...(stay?.checkIn ? [fact(words.inSince, clock(stay.checkIn))] : []),
    ...(answer.space === null ? [] : [fact(words.seat, words.space(answer.space), 'strong')]),
    ...(answer.until === null ? [] : [fact(words.until, clock(answer.until))]),
    ...(uses?.shown ? [fact(words.usesLeft, words.uses(uses.remaining), 'strong')] : []),
    ...(charge?.rule === 'h1t-shortened' && charge.chargedTo !== null
      ? [fact(words.leaveBefore(clock(charge.chargedTo)), words.yen(charge.yen))]
      : []),
  ];
}

/**
 * What was paid, with the time that the preview told just before: the answer to a check-out has the amount alone.
 *
 * @param {Granted} answer
 * @param {StayPreviews | null} preview
 * @returns {Fact[]}
 */
function paidFacts(answer, preview) {
  const charge = stayOf(answer, preview)?.charge ?? null;
  return [
    [words.paid, answer.yen === null ? words.free : words.yen(answer.yen), 'strong'],
    ...(charge !== null && charge.yen === answer.yen ? [fact(words.charged, chargedSpan(charge))] : []),
    ...(answer.space === null ? [] : [fact(words.seat, words.space(answer.space))]),
  ];
}
