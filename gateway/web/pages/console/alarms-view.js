import { element } from '../dom.js';
import { ask } from './api.js';
import { field, openDialog } from './dialog.js';
import { texts, time } from './words.js';

/**
 * @import { AlarmsAnswer } from '../../answers.ts'
 * @import { Alarm } from '../../../../shared/contract/alarm.ts'
 * @import { Context, Session, View } from './api.js'
 */

/**
 * An alarm with what may be done about it.
 *
 * @param {Alarm} alarm
 * @param {Session} session
 * @param {number} now the venue's time, epoch milliseconds
 */
function alarmRow(alarm, session, now) {
  const {
    id,
    kind,
    subject,
    detail,
    state,
    raisedMs,
    latestMs,
    acknowledgedBy,
    acknowledgedMs,
    count,
    notes,
    severity,
  } = alarm;
  const where = subject === 'gateway' ? texts.gateway : subject;
  const more =
    kind === 'scanner-lost'
      ? ` ${detail === 'entry' || detail === 'exit' ? texts.sides[detail] : detail}`
      : kind === 'certificate'
        ? ` ${texts.certificate(detail)}`
        : '';
  const about = [
    time(raisedMs, now),
    texts.alarmStates[state],
    ...(count > 1 ? [texts.times(count), texts.latest(time(latestMs, now))] : []),
    ...(acknowledgedBy === null || acknowledgedMs === null
      ? []
      : [texts.acknowledgedBy(acknowledgedBy, time(acknowledgedMs, now))]),
  ];
  /**
   * @param {string} verb
   * @param {string} title
   * @param {'acknowledge' | 'notes'} path
   */
  const act = (verb, title, path) => {
    const button = element('button', { type: 'button', 'data-act': path }, verb);
    button.addEventListener('click', () => write(title, `/api/alarms/${id}/${path}`, path === 'notes'));
    return button;
  };
  const name = texts.alarmKinds[kind];
  const isOpen = state === 'active' || state === 'ended';
  return element(
    'article',
    {
      class: 'alarm',
      'data-alarm': kind,
      'data-state': state,
      'data-grave': severity === 'critical' ? 'true' : 'false',
    },
    element(
      'div',
      {},
      element('h3', {}, `${name} – ${where}${more}`),
      element('p', {}, about.join(' · ')),
      ...notes.map(({ by, atMs, text }) =>
        element('p', { class: 'note' }, `${time(atMs, now)} ${by}: ${text}`),
      ),
    ),
    element(
      'div',
      { class: 'buttons' },
      ...(session.role !== 'viewer' && isOpen
        ? [act(texts.acknowledge, texts.acknowledgeTitle(name), 'acknowledge')]
        : []),
      ...(session.role !== 'viewer' && state !== 'closed'
        ? [act(texts.note, texts.noteTitle(name), 'notes')]
        : []),
    ),
  );
}

/**
 * Puts the open alarms in their place; greyed, with the time that they are of, while nobody knows.
 *
 * @param {HTMLElement} place
 * @param {Context} context
 */
export function showOpenAlarms(place, { state, known, session }) {
  const shown = JSON.stringify([known?.alarms, state === null && known?.at]);
  if (known === null || place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  place.dataset.stale = String(state === null);
  place.replaceChildren(
    ...(state === null && known.alarms.length > 0
      ? [element('p', { class: 'hint' }, texts.asOf(time(known.at)))]
      : []),
    ...known.alarms.map((alarm) => alarmRow(alarm, session, known.at)),
  );
}

/**
 * @param {string} title
 * @param {string} path
 * @param {boolean} isNeeded whether there must be a text
 */
function write(title, path, isNeeded) {
  openDialog({
    title,
    fields: [
      field(texts.note, 'note', { maxlength: '500', autocomplete: 'off', ...(isNeeded && { required: '' }) }),
    ],
    act: async ({ note }) => {
      /** @type {Omit<Alarm, 'severity'>} */
      const { state } = await ask(path, { body: { note } });
      return { tone: 'good', text: texts.alarmStates[state] };
    },
  });
}

/**
 * All alarms: the open ones live, those that are closed below.
 *
 * @param {HTMLElement} main
 * @param {Context} context
 * @returns {View}
 */
export function showAlarms(main, context) {
  const open = element('div', { class: 'strip' });
  const closed = element('div', { class: 'strip' });
  const none = element('p', { class: 'hint' }, texts.alarmsNone);
  const noneClosed = element('p', { class: 'hint' }, texts.alarmsNoneClosed);
  main.append(
    element('h1', {}, texts.alarmsTitle),
    element('h2', {}, texts.alarmsOpen),
    none,
    open,
    element('h2', {}, texts.alarmsClosed),
    noneClosed,
    closed,
  );
  let shown = '';
  /** @param {Context} now */
  const live = (now) => {
    showOpenAlarms(open, now);
    const { state, session } = now;
    if (state === null) return;
    const text = JSON.stringify(state.alarms);
    if (text === shown) return;
    shown = text;
    none.hidden = state.alarms.length > 0;
    /** @type {Promise<AlarmsAnswer>} */
    const asked = ask('/api/alarms');
    void asked.then(({ alarms }) => {
      const over = alarms.filter((alarm) => alarm.state === 'closed');
      noneClosed.hidden = over.length > 0;
      closed.replaceChildren(...over.map((alarm) => alarmRow(alarm, session, state.at)));
    });
  };
  live(context);
  return { live };
}
