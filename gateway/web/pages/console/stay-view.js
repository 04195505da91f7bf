import { element } from '../dom.js';
import { instantAt, local } from '../venue-time.js';
import { ask, Refused } from './api.js';
import { chargeLines } from './charge-lines.js';
import { field, openDialog, refusalOf, told } from './dialog.js';
import { eventRow } from './event-row.js';
import { minute, texts } from './words.js';

/**
 * @import { CommandResult } from '../../../../shared/contract/command.ts'
 * @import { PublishedEvent } from '../../../../shared/contract/events.ts'
 * @import { Stay } from '../../../access/stay.ts'
 * @import { StayAnswer } from '../../answers.ts'
 * @import { Context, View } from './api.js'
 */

/**
 * One visit: its chain from the scan to the receipt, its charge line by line, and the remedies.
 *
 * @param {HTMLElement} main
 * @param {Context} context
 * @param {string} id
 * @returns {View}
 */
export function showStay(main, context, id) {
  const place = element('div', { class: 'columns' });
  const title = element('h1', {}, texts.stayTitle('…'));
  main.append(title, place);
  const load = async () => {
    try {
      /** @type {StayAnswer} */
      const { stay, events, receipted } = await ask(`/api/stays/${encodeURIComponent(id)}`);
      title.textContent = texts.stayTitle(stay.sub);
      place.replaceChildren(
        element(
          'section',
          { class: 'card' },
          element('h2', {}, texts.chain),
          element(
            'ol',
            { class: 'rows chain' },
            ...events.map((event, index) => chainRow(event, events[index - 1], receipted)),
          ),
        ),
        element(
          'div',
          { class: 'stack' },
          element(
            'section',
            { class: 'card', 'data-stay-state': stay.state },
            element('h2', {}, texts.chargeTitle),
            element('p', { class: 'hint' }, texts.stayStates[stay.state]),
            ...chargeParts(stay),
          ),
          ...(context.session.role === 'viewer' ? [] : [remedies(stay, load)]),
        ),
      );
    } catch (error) {
      place.replaceChildren(element('p', { role: 'alert' }, isMissing(error) ? texts.missing : told(error)));
    }
  };
  void load();
  let seen = context.recent[0]?.id;
  return {
    live: ({ recent }) => {
      if (recent[0]?.id === seen) return;
      seen = recent[0]?.id;
      if (recent.some(({ data }) => 'stay' in data && data.stay === id)) void load();
    },
  };
}

/** @param {unknown} error */
const isMissing = (error) => error instanceof Refused && error.code === 'no-such-stay';

/**
 * @param {PublishedEvent} event
 * @param {PublishedEvent | undefined} before the first, and each of another day than the one before, has its date
 * @param {number} receipted the number that the cloud has signed for
 */
function chainRow(event, before, receipted) {
  const row = eventRow(event, before?.time ?? 0);
  const isReceipted = Number(event.sequence) <= receipted;
  const link = row.querySelector('a.row-more');
  // It is this page that the link would lead to.
  link?.replaceWith(
    element('span', { class: 'row-more' }, link.textContent === texts.toStay ? '' : link.textContent),
  );
  row.append(
    element(
      'span',
      { class: 'receipt', 'data-receipted': String(isReceipted) },
      isReceipted ? texts.receipted : texts.unreceipted,
    ),
  );
  return row;
}

/** @param {Stay} stay */
function chargeParts(stay) {
  if (stay.entitlement.kind === 'ticket') return [element('p', {}, texts.chargeTicket)];
  if (stay.charge === undefined) return [element('p', {}, texts.chargeNone)];
  return [chargeLines(stay.charge, stay.entitlement)];
}

/** @param {Stay} stay @param {() => Promise<void>} done */
function remedies(stay, done) {
  /**
   * @param {string} name
   * @param {'check-out' | 'correct-stay'} cmd
   * @param {() => HTMLElement[]} fields
   */
  const button = (name, cmd, fields) => {
    const made = element('button', { type: 'button', 'data-cmd': cmd }, name);
    made.addEventListener('click', () =>
      openDialog({
        title: name,
        text: texts.remedyHint,
        fields: [
          ...fields(),
          field(texts.reason, 'reason', { required: '', maxlength: '500', autocomplete: 'off' }),
        ],
        act: async ({ reason, ...times }) => {
          const given = Object.entries(times)
            .filter(([, value]) => value !== '')
            .map(([key, value]) => [key, instantAt(value)]);
          /** @type {Record<string, string>} */
          const instants = Object.fromEntries(given);
          const body = { cmd, stay: stay.id, reason, ...instants };
          /** @type {CommandResult} */
          const result = await ask('/api/commands', { body });
          if (result.outcome !== 'executed') return { tone: 'bad', text: refusalOf(result.detail) };
          void done();
          return { tone: 'good', text: texts.remedyDone(result.yen) };
        },
      }),
    );
    return made;
  };
  /** @param {string} label @param {'checkIn' | 'checkOut'} key @param {number | null} ms */
  const time = (label, key, ms) =>
    field(`${label}${ms === null ? '' : ` (${minute(ms)})`}`, key, { type: 'datetime-local' });
  const open = [
    ...(stay.state === 'open' || stay.state === 'forgotten'
      ? [
          button(texts.checkOut, 'check-out', () => [
            field(texts.checkOutAt, 'at', {
              type: 'datetime-local',
              required: '',
              min: local(stay.checkInMs ?? 0),
            }),
          ]),
        ]
      : []),
    ...(stay.state === 'voided'
      ? []
      : [
          button(texts.correctStay, 'correct-stay', () => [
            time(texts.checkInAt, 'checkIn', stay.checkInMs),
            time(texts.checkOutAt, 'checkOut', stay.checkOutMs),
          ]),
        ]),
  ];
  return element(
    'section',
    { class: 'card' },
    element('h2', {}, texts.remedies),
    element('div', { class: 'buttons' }, ...open),
  );
}
