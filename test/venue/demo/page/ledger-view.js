import { byId, element } from '/pages/dom.js';
import { addToLedger } from '/pages/ledger-view.js';

/**
 * @import { PublishedEvent } from '../../../../shared/contract/events.ts'
 * @import { Texts } from '../../../../gateway/messages/texts.ts'
 */

/**
 * Puts a journalled event into the list, with why it was decided so where that is more than its name.
 *
 * @param {PublishedEvent} event
 * @param {Texts} texts
 */
export function showEvent(event, texts) {
  const list = byId('ledger');
  addToLedger(list, event);
  const row = [...list.querySelectorAll('li')].find(({ value }) => value === Number(event.sequence));
  if (row === undefined || row.querySelector('.why') !== null) return;
  const why = whyOf(event, texts);
  if (why !== null) row.append(element('p', { class: 'why' }, why));
}

/**
 * The gateway's own words: the check that was not passed, and what the member was told.
 *
 * @param {PublishedEvent} event
 * @param {Texts} texts
 */
function whyOf({ type, data }, { denied, checks, granted }) {
  if (type === 'genkan.access.denied.v1') return `${checks[data.reason]} → ✕ ${denied[data.reason]}`;
  if (type === 'genkan.access.granted.v1') return granted[data.kind];
  return null;
}
