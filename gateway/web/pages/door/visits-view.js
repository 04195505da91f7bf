import { element } from '../dom.js';
import { words } from './language.js';
import { openSheet, sheetWords } from './sheet.js';

/** Shows a member's visits, newest first, each with what it cost and by which rule. */
export function showVisits(venueName, visits) {
  const body =
    visits.length === 0
      ? element('p', {}, sheetWords.noVisits)
      : element('ol', { class: 'visits' }, ...visits.map((visit) => element('li', {}, ...rowOf(visit))));
  return openSheet(sheetWords.visitsHere(venueName), [body]);
}

function rowOf(visit) {
  const { charge, plan, state, checkIn, checkOut, until } = visit;
  const day = checkIn ?? charge?.chargedFrom ?? until;
  const times = [checkIn, checkOut].map((at) => (at === null ? '' : words.clock(at))).join('–');
  const amount =
    charge !== null
      ? words.yen(charge.yen)
      : plan !== null
        ? sheetWords.ticketUse
        : state === 'open'
          ? ''
          : words.free;
  const why = [
    ...(charge === null ? [] : [sheetWords.rules[charge.rule]]),
    ...((charge?.chargedFrom ?? null) === null
      ? []
      : [sheetWords.chargedSpan(charge.chargedFrom, charge.chargedTo)]),
    ...(charge?.capApplied ? [words.capped] : []),
    ...(charge?.flags ?? []).map((flag) => sheetWords.flags[flag]),
  ];
  const what = plan === null ? words.space(visit.space) : `${words.plan} ${words.plans[plan]}`;
  const status = state === 'open' ? sheetWords.ongoing : state === 'no-show' ? sheetWords.noShow : '';
  return [
    element('p', { class: 'visit-day' }, day === null ? '' : sheetWords.dayOf(day)),
    element('p', { class: 'visit-amount' }, amount || status),
    element(
      'p',
      { class: 'visit-what' },
      [what, checkIn === null ? status : times].filter(Boolean).join(' · '),
    ),
    ...(why.length === 0 ? [] : [element('p', { class: 'visit-why' }, why.join(' · '))]),
  ];
}
