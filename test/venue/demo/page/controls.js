import { byId, element } from '/pages/dom.js';
import { words } from './words.js';

/**
 * @import { Act } from '../acts.ts'
 * @import { DemoState } from '../shown.ts'
 *
 * @typedef {(typeof AT_DOOR | typeof STOPS)[number]} Press
 * @typedef {'line' | 'gateway-power' | 'board-power' | 'board' | 'entry' | 'exit' | 'fire' | 'tamper'} Switch
 * @typedef {{ name: Switch, isOn: (state: DemoState) => boolean, to: (on: boolean) => Act }} Trouble
 */

const AT_DOOR = /** @type {const} */ (['pull', 'prop', 'push', 'press-exit', 'force']);

/**
 * Switches: what they do depends on how it is. `isOn` reads that from the state.
 *
 * @type {Trouble[]}
 */
const TROUBLE = [
  { name: 'line', isOn: ({ line }) => !line.cut, to: (on) => ({ act: 'line', on }) },
  power('gateway-power', ({ gateway }) => gateway.life !== 'off'),
  power('board-power', ({ door }) => door.life !== 'off'),
  cable('board'),
  cable('entry'),
  cable('exit'),
  alarm('fire'),
  alarm('tamper'),
];

const STOPS = /** @type {const} */ ([
  '+1m',
  '+30m',
  '10:29:50',
  '10:30:00',
  'past-closing',
  'next-morning',
  'the-31st',
]);

/**
 * @param {'gateway-power' | 'board-power'} name
 * @param {Trouble['isOn']} isOn
 * @returns {Trouble}
 */
function power(name, isOn) {
  return { name, isOn, to: (on) => ({ act: name, on }) };
}

/** @param {'board' | 'entry' | 'exit'} name @returns {Trouble} */
function cable(name) {
  return { name, isOn: ({ door }) => door.plugged[name], to: (on) => ({ act: 'plug', cable: name, on }) };
}

/**
 * An alarm is off when all is well, the other way round than a cable.
 *
 * @param {'fire' | 'tamper'} name
 * @returns {Trouble}
 */
function alarm(name) {
  return { name, isOn: ({ door }) => !door[name], to: (on) => ({ act: name, on: !on }) };
}

/** @type {DemoState | null} */
let state = null;

/**
 * Builds the buttons.
 *
 * @param {(act: Act) => void} perform does what a button says
 */
export function startControls(perform) {
  byId('at-door').append(...AT_DOOR.map((name) => press(name, () => perform({ act: name }))));
  byId('time').append(...STOPS.map((to) => press(to, () => perform({ act: 'clock', to }))));
  byId('trouble').append(
    ...TROUBLE.map(({ name, isOn, to }) => {
      const button = buttonOf(name, words.controls[name][0]);
      switches.set(name, button);
      button.addEventListener('click', () => {
        if (state !== null) perform(to(!isOn(state)));
      });
      return button;
    }),
  );
}

/** @type {Map<Switch, HTMLButtonElement>} */
const switches = new Map();

/** @param {Press} name @param {() => void} work */
function press(name, work) {
  const button = buttonOf(name, words.controls[name]);
  button.addEventListener('click', work);
  return button;
}

/** @param {Press | Switch} name @param {string} label */
const buttonOf = (name, label) => element('button', { type: 'button', 'data-control': name }, label);

/** Names every switch by what it would do now. @param {DemoState} next */
export function showControls(next) {
  state = next;
  for (const { name, isOn } of TROUBLE) {
    const button = switches.get(name);
    if (button === undefined) continue;
    const well = isOn(next);
    button.textContent = words.controls[name][well ? 0 : 1];
    button.dataset.well = String(well);
  }
}
