import { element } from '../dom.js';
import { describe } from '../ledger-view.js';
import { texts, time } from './words.js';

/**
 * One event of the ledger as a row; one of a visit leads to its page.
 *
 * @param {number | string | null} now the venue's time, so that other days are named; `null` while it is unknown
 */
export function eventRow(event, now) {
  const { name, tone, details } = describe(event);
  const stay = event.data.stay ?? null;
  const door = event.data.door ?? '';
  const more = details.join(' · ');
  return element(
    'li',
    { 'data-event': name, 'data-tone': tone, 'data-seq': String(Number(event.sequence)) },
    element('time', { datetime: event.time }, time(event.time, now ?? event.time)),
    element('span', { class: 'row-name' }, texts.events[name] ?? name),
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

/** Puts rows in their places: only what is new is added, so that the focus stays. */
export function showRows(list, events, now) {
  const wanted = events.map((event) => Number(event.sequence));
  const known = new Map([...list.children].map((row) => [Number(row.dataset.seq), row]));
  for (const [seq, row] of known) if (!wanted.includes(seq)) row.remove();
  events.forEach((event, index) => {
    const row = known.get(Number(event.sequence)) ?? eventRow(event, now);
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
}
