import { element } from '../dom.js';
import { ask } from './api.js';
import { ASKS_AGAIN, field, openDialog, refusalOf } from './dialog.js';
import { minute, texts, time } from './words.js';

/**
 * @import { ConsoleDoor, VenueNow } from '../../answers.ts'
 * @import { CommandResult, DoorEffectSeen } from '../../../../shared/contract/command.ts'
 * @import { DoorMode } from '../../../../shared/contract/state.ts'
 * @import { DoorCommand, Session } from './api.js'
 *
 * @typedef {Omit<ConsoleDoor, 'mode' | 'controller' | 'at'> &
 *   { mode: ConsoleDoor['mode'] | null, controller: ConsoleDoor['controller'] | null }} ShownDoor a door of which all
 *   may be unknown
 */

/**
 * The orders that make sense in each mode.
 *
 * @type {Readonly<Record<DoorMode, readonly DoorCommand[]>>}
 */
const OFFERED = {
  normal: ['unlock', 'hold-open', 'lockdown'],
  'hold-open': ['secure', 'lockdown'],
  lockdown: ['resume', 'unlock'],
  'fire-release': ['lockdown'],
};

/** @type {Readonly<Record<DoorEffectSeen, 'good' | 'warn' | 'bad'>>} */
const TONES = {
  opened: 'good',
  released: 'good',
  secured: 'good',
  'released-open': 'warn',
  'secured-open': 'warn',
  'not-released': 'bad',
  'not-secured': 'bad',
};

/**
 * A door with everything that is known of it, and the orders that an operator may give.
 *
 * @param {ShownDoor} door
 * @param {{ session: Session, state: VenueNow | null }} context
 */
export function doorCard(door, { session, state }) {
  const alarms = door.alarms ?? [];
  const lock = door.lock ?? 'unknown';
  const leaf = door.leaf ?? 'unknown';
  const facts = [
    fact(texts.lockTitle, texts.lock[lock], 'lock', lock),
    fact(texts.contact, texts.leaf[leaf], 'leaf', leaf),
    fact(
      texts.controllerTitle,
      texts.controller[door.controller ?? 'unknown'],
      'controller',
      door.controller ?? 'unknown',
    ),
    ...door.scanners.map(({ side, online }) =>
      fact(`${texts.scannersTitle} ${texts.sides[side]}`, health(online), `scanner-${side}`, String(online)),
    ),
  ];
  return element(
    'article',
    {
      class: 'card door',
      'data-door': door.door,
      'data-mode': door.mode ?? 'unknown',
      'data-lock': lock,
      'data-leaf': leaf,
      'data-alarm': alarms.length > 0 ? 'true' : 'false',
    },
    element('header', {}, element('h3', {}, door.door), mode(door)),
    ...(alarms.length === 0
      ? []
      : [element('p', { class: 'door-alarms' }, alarms.map((kind) => texts.alarmKinds[kind]).join(' · '))]),
    element('dl', {}, ...facts.flat()),
    element('p', { class: 'last' }, lastAccess(door, state)),
    ...(session.role === 'viewer' || state === null ? [] : [buttons(door)]),
  );
}

/** @param {boolean | null} online */
const health = (online) =>
  online === null ? texts.health.null : online ? texts.health.true : texts.health.false;

/**
 * @param {string} label
 * @param {string} value
 * @param {string} name
 * @param {string} level
 */
function fact(label, value, name, level) {
  return [element('dt', {}, label), element('dd', { 'data-fact': name, 'data-level': level }, value)];
}

/** @param {ShownDoor} door */
function mode({ mode: name, modeSource, order }) {
  const source = order === null ? texts.modeSources[modeSource] : texts.orderedBy(order);
  const untilMs = order?.untilMs ?? null;
  const until = untilMs === null ? '' : ` ${texts.until(minute(untilMs))}`;
  return element(
    'p',
    { class: 'mode' },
    element('b', { 'data-fact': 'mode' }, name === null ? texts.unknown : texts.modes[name]),
    ...(source === '' ? [] : [element('small', {}, `${source}${until}`)]),
  );
}

/** @param {ShownDoor} door @param {VenueNow | null} state */
function lastAccess({ lastAccess: last }, state) {
  if (last === null) return `${texts.lastAccess} ${texts.none}`;
  const what = last.granted ? texts.kinds[last.what] : texts.reasons[last.what];
  return `${texts.lastAccess} ${time(last.at, state?.at ?? last.at)} · ${[what, last.sub].filter(Boolean).join(' · ')}`;
}

/** @param {ShownDoor} door */
function buttons({ door, mode: now, modeSource }) {
  const offered = now === null ? [] : [...OFFERED[now]];
  // A door that an operator has ordered can be given back to its schedule.
  if (modeSource === 'operator' && !offered.includes('resume')) offered.push('resume');
  return element(
    'div',
    { class: 'buttons' },
    ...offered.map((cmd) => {
      const button = element(
        'button',
        { type: 'button', 'data-cmd': cmd, 'aria-label': `${texts.commands[cmd]} – ${door}` },
        texts.commands[cmd],
      );
      button.addEventListener('click', () => order(cmd, door));
      return button;
    }),
  );
}

/**
 * Asks, gives the order, and tells what the door's sensors saw.
 *
 * @param {DoorCommand} cmd
 * @param {string} door
 */
function order(cmd, door) {
  openDialog({
    title: texts.commandTitles[cmd](door),
    text: texts.commandMeanings[cmd],
    fields: [
      field(`${texts.reason}（${texts.reasonHint}）`, 'reason', {
        required: '',
        maxlength: '500',
        autocomplete: 'off',
      }),
      ...(ASKS_AGAIN.has(cmd)
        ? [
            field(texts.password, 'password', {
              type: 'password',
              required: '',
              autocomplete: 'current-password',
            }),
          ]
        : []),
    ],
    act: async (values) => {
      /** @type {CommandResult} */
      const result = await ask('/api/commands', { body: { cmd, door, ...values } });
      if (result.effect === undefined) return { tone: 'bad', text: refusalOf(result.detail) };
      return { tone: TONES[result.effect], text: texts.effects[result.effect] };
    },
  });
}
