import { element } from '../dom.js';
import { language, words } from './language.js';
import { openSheet } from './sheet.js';

const { words: visitWords } = await import(`./visit-words-${language}.js`);

/** Shows a member's visits, newest first, each with what it cost and by which rule. */
export function showVisits(venueName, visits) {
  const body =
    visits.length === 0
      ? element('p', {}, visitWords.noVisits)
      : element('ol', { class: 'visits' }, ...visits.map((visit) => element('li', {}, ...rowOf(visit))));
  return openSheet(visitWords.visitsHere(venueName), [body]);
}

function rowOf(visit) {
  const { charge, plan, state, checkIn, checkOut, until } = visit;
  const day = checkIn ?? charge?.chargedFrom ?? until;
  const times = [checkIn, checkOut].map((at) => (at === null ? '' : words.clock(at))).join('–');
  const amount =
    charge !== null
      ? words.yen(charge.yen)
      : plan !== null
        ? visitWords.ticketUse
        : state === 'open'
          ? ''
          : words.free;
  const why = [
    ...(charge === null ? [] : [visitWords.rules[charge.rule]]),
    ...((charge?.chargedFrom ?? null) === null
      ? []
      : [visitWords.chargedSpan(charge.chargedFrom, charge.chargedTo)]),
    ...(charge?.capApplied ? [words.capped] : []),
    ...(charge?.flags ?? []).map((flag) => visitWords.flags[flag]),
  ];
  const what = plan === null ? words.space(visit.space) : `${words.plan} ${words.plans[plan]}`;
  const status = state === 'open' ? visitWords.ongoing : state === 'no-show' ? visitWords.noShow : '';
  return [
    element('p', { class: 'visit-day' }, day === null ? '' : visitWords.dayOf(day)),
    element('p', { class: 'visit-amount' }, amount || status),
    element(
      'p',
      { class: 'visit-what' },
      [what, checkIn === null ? status : times].filter(Boolean).join(' · '),
    ),
    ...(why.length === 0 ? [] : [element('p', { class: 'visit-why' }, why.join(' · '))]),
  ];
}
