import { element } from '../dom.js';
import { clock, span, writer } from '../venue-time.js';
import { language, words } from './language.js';
import { openSheet, sheetWords } from './sheet.js';

/** @import { OwnVisit } from '../../../../shared/contract/visits.ts' */

const dayOf = writer(language, { month: 'short', day: 'numeric', weekday: 'short' });

/**
 * Shows a member's visits, newest first, each with what it cost and by which rule.
 *
 * @param {string} venueName
 * @param {readonly OwnVisit[]} visits
 */
export function showVisits(venueName, visits) {
  const body =
    visits.length === 0
      ? element('p', {}, sheetWords.noVisits)
      : element('ol', { class: 'visits' }, ...visits.map((visit) => element('li', {}, ...rowOf(visit))));
  return openSheet(sheetWords.visitsHere(venueName), [body]);
}

/** @param {OwnVisit} visit */
function rowOf(visit) {
  const { charge, plan, space, state, checkIn, checkOut, until } = visit;
  const day = checkIn ?? charge?.chargedFrom ?? until;
  const times = [checkIn, checkOut].map((at) => (at === null ? '' : clock(at))).join('–');
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
    ...(charge === null || charge.chargedFrom === null || charge.chargedTo === null
      ? []
      : [sheetWords.chargedSpan(span(charge.chargedFrom, charge.chargedTo))]),
    ...(charge?.capApplied ? [words.capped] : []),
    ...(charge?.flags ?? []).map((flag) => sheetWords.flags[flag]),
  ];
  const ticket = plan === null ? '' : `${words.plan} ${words.plans[plan]}`;
  const what = space === null ? ticket : words.space(space);
  const status = state === 'open' ? sheetWords.ongoing : state === 'no-show' ? sheetWords.noShow : '';
  return [
    element('p', { class: 'visit-day' }, day === null ? '' : dayOf(day)),
    element('p', { class: 'visit-amount' }, amount || status),
    element(
      'p',
      { class: 'visit-what' },
      [what, checkIn === null ? status : times].filter(Boolean).join(' · '),
    ),
    ...(why.length === 0 ? [] : [element('p', { class: 'visit-why' }, why.join(' · '))]),
  ];
}
