import { element } from '../dom.js';
import { describe } from '../ledger-view.js';
import { texts, time } from './words.js';

/**
 * @import { PublishedEvent } from '../../../../shared/contract/events.ts'
 * @import { Instant } from '../venue-time.js'
 */

/**
 * One event of the ledger as a row; one of a visit leads to its page.
 *
 * @param {PublishedEvent} event
 * @param {Instant | null} now the venue's time, so that other days are named; `null` while it is unknown
 */
export function eventRow(event, now) {
  const { name, tone, details } = describe(event);
  const stay = 'stay' in event.data ? event.data.stay : null;
  const door = ('door' in event.data ? event.data.door : null) ?? '';
  const more = details.join(' · ');
  return element(
    'li',
    { 'data-event': name, 'data-tone': tone, 'data-seq': String(Number(event.sequence)) },
    element('time', { datetime: event.time }, time(event.time, now ?? event.time)),
    element('span', { class: 'row-name' }, texts.events[name]),
    element('span', { class: 'row-door' }, door),
    stay === null
      ? element('span', { class: 'row-more' }, more)
      : element(
          'a',
          { class: 'row-more', href: `#/stay/${encodeURIComponent(stay)}` },
          more === '' ? texts.toStay : more,
        ),
  );
}

/**
 * Puts rows in their places: only what is new is added, so that the focus stays.
 *
 * @param {HTMLElement} list
 * @param {readonly PublishedEvent[]} events
 * @param {Instant | null} now
 */
export function showRows(list, events, now) {
  const wanted = events.map((event) => Number(event.sequence));
  const known = new Map([...list.querySelectorAll('li')].map((row) => [Number(row.dataset.seq), row]));
  for (const [seq, row] of known) if (!wanted.includes(seq)) row.remove();
  events.forEach((event, index) => {
    const row = known.get(Number(event.sequence)) ?? eventRow(event, now);
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
}
