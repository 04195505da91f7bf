import { element } from '../dom.js';
import { texts, time } from './words.js';

/**
 * @import { VenueNow } from '../../answers.ts'
 * @typedef {[tone: 'good' | 'plain' | 'warn' | 'bad', name: string, text: string]} Item
 */

/**
 * What the gateway says of itself, in one line.
 *
 * @param {HTMLElement} place
 * @param {VenueNow | null} state `null`: it says nothing, so nothing is known
 */
export function showStatus(place, state) {
  /** @type {Item[]} */
  const items = state === null ? [['bad', 'gateway', texts.silent]] : itemsOf(state);
  const made = items.map(([tone, name, text]) =>
    element('li', { 'data-tone': tone, 'data-item': name }, text),
  );
  made.forEach((item, index) => {
    const old = place.children[index];
    // Only what changed: a screen reader is not told the same again each second.
    if (old === undefined) place.append(item);
    else if (old.outerHTML !== item.outerHTML) old.replaceWith(item);
  });
  while (place.children.length > made.length) place.lastElementChild?.remove();
}

/**
 * For how long billing has heard nothing, whatever the line says; how grave that is the alarms know.
 *
 * @param {number | null} oldestMs
 * @param {number} at
 * @param {VenueNow['alarms']} alarms
 * @returns {Item}
 */
function billing(oldestMs, at, alarms) {
  const minutes = oldestMs === null ? 0 : Math.max(0, Math.floor((at - oldestMs) / 60_000));
  const kinds = alarms.filter(({ state }) => state !== 'ended').map(({ kind }) => kind);
  const tone = kinds.includes('billing-silent') ? 'bad' : kinds.includes('billing-late') ? 'warn' : 'plain';
  return [tone, 'billing', texts.billing(minutes)];
}

/** @param {VenueNow} state @returns {Item[]} */
function itemsOf({ at, clock, hasUplink, online, storage, ledger, freeBytes, alarms }) {
  const waiting = ledger.last - ledger.receipted;
  /** @type {Item} */
  const line = !hasUplink
    ? ['plain', 'line', texts.lineNone]
    : online
      ? ['good', 'line', texts.lineUp]
      : ['bad', 'line', texts.lineDown];
  const free = freeBytes === null ? '' : ` · ${texts.free(freeBytes)}`;
  return [
    [clock === 'trusted' ? 'plain' : 'bad', 'clock', `${time(at)} · ${texts.clockStates[clock]}`],
    line,
    [waiting === 0 ? 'plain' : 'warn', 'outbox', texts.outbox(waiting)],
    ...(hasUplink ? [billing(ledger.oldestWaitingMs, at, alarms)] : []),
    [storage === 'ok' ? 'plain' : 'bad', 'storage', `${texts.storageStates[storage]}${free}`],
  ];
}
