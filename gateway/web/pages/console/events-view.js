import { element } from '../dom.js';
import { instantAt } from '../venue-time.js';
import { ask } from './api.js';
import { field, told, valuesOf } from './dialog.js';
import { eventRow } from './event-row.js';
import { texts } from './words.js';

/** The beginning of time: on no day of a venue, so that every row has its date. */
const NO_DAY = 0;

/**
 * @import { LedgerPage } from '../../answers.ts'
 * @import { PublishedEvent } from '../../../../shared/contract/events.ts'
 * @import { Context } from './api.js'
 */

/**
 * The ledger, with filters and export.
 *
 * @param {HTMLElement} main
 * @param {Context} context
 */
export function showEvents(main, context) {
  const list = element('ol', { class: 'rows', 'aria-label': texts.eventsTitle });
  const said = element('p', { class: 'hint', role: 'status' });
  const older = element('button', { type: 'button', hidden: '' }, texts.older);
  const form = element(
    'form',
    { class: 'card filters' },
    select(texts.filter.kind, 'name', Object.entries(texts.groups)),
    select(
      texts.filter.door,
      'door',
      (context.state?.doors ?? []).map(({ door }) => /** @type {const} */ ([door, door])),
    ),
    field(texts.filter.text, 'text', { maxlength: '128', autocomplete: 'off' }),
    field(texts.filter.from, 'from', { type: 'datetime-local' }),
    field(texts.filter.to, 'to', { type: 'datetime-local' }),
    element('button', { type: 'submit', class: 'main' }, texts.apply),
    ...['csv', 'json'].map((format) =>
      element(
        'a',
        { class: 'button', download: '', 'data-format': format },
        format === 'csv' ? texts.exportCsv : texts.exportJson,
      ),
    ),
  );
  const total = element('p', { class: 'total', hidden: '' });
  main.append(element('h1', {}, texts.eventsTitle), form, said, total, list, older);

  /** @type {PublishedEvent[]} those that are shown */
  const events = [];
  /** @type {number | null} */
  let next = null;
  const query = () => {
    const given = Object.entries(valuesOf(form)).filter(([, value]) => value !== '');
    // The field knows no zone; the venue's is meant.
    return new URLSearchParams(
      given.map(([name, value]) => [name, name === 'from' || name === 'to' ? instantAt(value) : value]),
    );
  };
  /** @param {number | null} before */
  const load = async (before) => {
    const wanted = query();
    for (const link of form.querySelectorAll('a'))
      link.href = `/api/ledger/export?format=${link.dataset.format}&${wanted}`;
    if (before !== null) wanted.set('before', String(before));
    try {
      /** @type {LedgerPage} */
      const page = await ask(`/api/ledger?${wanted}`);
      if (before === null) {
        list.replaceChildren();
        events.length = 0;
      }
      list.append(...page.events.map((event) => eventRow(event, NO_DAY)));
      next = page.next;
      events.push(...page.events);
      const charges = events.flatMap(yenOf);
      total.hidden = charges.length === 0;
      total.textContent = texts.total(texts.yen(charges.reduce((sum, yen) => sum + yen, 0)));
      older.hidden = next === null;
      said.textContent = list.children.length === 0 ? texts.eventsNone : '';
    } catch (error) {
      said.textContent = told(error);
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void load(null);
  });
  older.addEventListener('click', () => void load(next));
  void load(null);
}

/**
 * What an event adds to the bill; nothing for one that is not about money.
 *
 * @param {PublishedEvent} event
 * @returns {number[]}
 */
function yenOf(event) {
  if (event.type === 'genkan.charge.computed.v1') return [event.data.charge.yen];
  if (event.type === 'genkan.charge.superseded.v1') return [event.data.after.yen - event.data.before.yen];
  return [];
}

/**
 * @param {string} label
 * @param {string} name
 * @param {readonly (readonly [value: string, text: string])[]} options
 */
function select(label, name, options) {
  return element(
    'label',
    {},
    element('span', {}, label),
    element(
      'select',
      { name },
      element('option', { value: '' }, texts.all),
      ...options.map(([value, text]) => element('option', { value }, text)),
    ),
  );
}
