import { element } from '../dom.js';
import { showOpenAlarms } from './alarms-view.js';
import { doorCard } from './door-card.js';
import { showRows } from './event-row.js';
import { minute, texts } from './words.js';

/**
 * @import { OpenStay, ReviewedStay, VenueNow } from '../../answers.ts'
 * @import { Context, View } from './api.js'
 * @import { ShownDoor } from './door-card.js'
 */

/**
 * The venue at a glance.
 *
 * @param {HTMLElement} main
 * @param {Context} context
 * @returns {View}
 */
export function showOverview(main, context) {
  const alarms = element('div', { class: 'strip' });
  const doors = element('div', { class: 'doors' });
  const inside = element('section', { class: 'card', 'aria-labelledby': 'inside-title' });
  const review = element('section', { class: 'card', 'aria-labelledby': 'review-title' });
  const recent = element('ol', { class: 'rows', 'aria-label': texts.recentTitle });
  const empty = element('p', { class: 'hint' }, texts.recentNone);
  main.append(
    element('h1', { class: 'hidden' }, texts.nav.overview),
    alarms,
    element(
      'div',
      { class: 'columns' },
      element(
        'div',
        { class: 'stack' },
        element('section', { 'aria-label': texts.doors }, doors),
        element('section', { class: 'card' }, element('h2', {}, texts.recentTitle), empty, recent),
      ),
      element('div', { class: 'stack' }, inside, review),
    ),
  );
  /** @type {Record<string, string>} */
  const shown = {};
  /**
   * Makes a part anew only when what it shows has changed.
   *
   * @param {string} name
   * @param {unknown} value
   * @param {() => void} make
   */
  const part = (name, value, make) => {
    const text = JSON.stringify(value);
    if (shown[name] === text) return;
    shown[name] = text;
    make();
  };
  /** @param {Context} now */
  const live = (now) => {
    const { state, session, recent: events } = now;
    const known = state?.doors ?? unknownDoors(doors);
    known.forEach((door, index) => {
      // Its time moves on without anything having changed.
      part(`door ${index}`, [{ ...door, at: null }, state === null], () => {
        const card = doorCard(door, { session, state });
        const old = doors.children[index];
        if (old === undefined) doors.append(card);
        else replaceKeepingFocus(old, card);
      });
    });
    showOpenAlarms(alarms, now);
    part('inside', [state?.stays, state?.occupancy], () => inside.replaceChildren(...insideParts(state)));
    part('review', state?.review ?? [], () => {
      review.hidden = (state?.review ?? []).length === 0;
      review.replaceChildren(...reviewParts(state?.review ?? []));
    });
    empty.hidden = events.length > 0;
    showRows(recent, events, state?.at ?? null);
  };
  live(context);
  return { live };
}

/**
 * The doors as they stood on the page, of which nothing is known now.
 *
 * @param {HTMLElement} place
 * @returns {ShownDoor[]}
 */
function unknownDoors(place) {
  return [...place.querySelectorAll('article')].map(({ dataset }) => ({
    door: dataset.door ?? '',
    mode: null,
    modeSource: 'default',
    order: null,
    controller: null,
    lock: null,
    leaf: null,
    alarms: null,
    scanners: [],
    lastAccess: null,
  }));
}

/** @param {Element} old @param {HTMLElement} card */
function replaceKeepingFocus(old, card) {
  const focused = old.querySelector('button:focus')?.getAttribute('data-cmd');
  old.replaceWith(card);
  for (const button of card.querySelectorAll('button')) if (button.dataset.cmd === focused) button.focus();
}

/** @param {VenueNow | null} state */
function insideParts(state) {
  const title = element('h2', { id: 'inside-title' }, texts.insideTitle);
  if (state === null) return [title, element('p', { class: 'hint' }, texts.unknown)];
  const { occupancy, stays, inside, at } = state;
  return [
    title,
    element(
      'p',
      { class: 'occupancy' },
      element(
        'span',
        { class: 'sign', 'data-sign': occupancy.sign, 'aria-label': texts.signs[occupancy.sign] },
        occupancy.sign,
      ),
      element('b', {}, texts.insideCount(inside)),
      element('span', {}, texts.occupancy(occupancy)),
    ),
    stays.length === 0
      ? element('p', { class: 'hint' }, texts.insideNone)
      : element('ul', { class: 'stays' }, ...stays.map((stay) => stayRow(stay, at))),
  ];
}

/** @param {readonly ReviewedStay[]} stays */
function reviewParts(stays) {
  return [
    element('h2', { id: 'review-title' }, texts.reviewTitle),
    element('ul', { class: 'stays review' }, ...stays.map(reviewRow)),
  ];
}

/** @param {ReviewedStay} stay */
function reviewRow({ id, iss, sub, space, flags, yen }) {
  return element(
    'li',
    {},
    element('a', { href: `#/stay/${encodeURIComponent(id)}`, title: iss }, sub),
    element('span', {}, space ?? texts.ticket),
    element('span', {}, flags.map((flag) => texts.flags[flag]).join(' · ')),
    ...(yen === null ? [] : [element('span', { class: 'when' }, texts.yen(yen))]),
  );
}

/** @param {OpenStay} stay @param {number} at */
function stayRow({ id, iss, sub, space, checkInMs, endsAtMs }, at) {
  return element(
    'li',
    {},
    element('a', { href: `#/stay/${encodeURIComponent(id)}`, title: iss }, sub),
    element('span', {}, space ?? texts.ticket),
    element(
      'span',
      { class: 'when' },
      [
        ...(checkInMs === null ? [] : [texts.since(minute(checkInMs, at))]),
        ...(endsAtMs === null ? [] : [texts.until(minute(endsAtMs, at))]),
      ].join(' '),
    ),
  );
}
