import { byId, element } from '/pages/dom.js';
import { words } from './words.js';

const AT_DOOR = ['pull', 'prop', 'push', 'press-exit', 'force'].map((name) => ({
  name,
  to: () => ({ act: name }),
}));

/** Switches: what they do depends on how it is. `isOn` reads that from the state. */
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

const TIME = ['+1m', '+30m', '10:29:50', '10:30:00', 'past-closing', 'next-morning', 'the-31st'].map(
  (to) => ({
    name: to,
    to: () => ({ act: 'clock', to }),
  }),
);

function power(name, isOn) {
  return { name, isOn, to: (on) => ({ act: name, on }) };
}

function cable(name) {
  return { name, isOn: ({ door }) => door.plugged[name], to: (on) => ({ act: 'plug', cable: name, on }) };
}

/** An alarm is off when all is well, the other way round than a cable. */
function alarm(name) {
  return { name, isOn: ({ door }) => !door[name], to: (on) => ({ act: name, on: !on }) };
}

let state = null;

/** Builds the buttons. @param {(act: object) => void} perform does what a button says */
export function startControls(perform) {
  for (const [place, controls] of [
    ['at-door', AT_DOOR],
    ['trouble', TROUBLE],
    ['time', TIME],
  ]) {
    byId(place).append(
      ...controls.map(({ name, isOn, to }) => {
        const label = words.controls[name];
        const button = element(
          'button',
          { type: 'button', 'data-control': name },
          typeof label === 'string' ? label : label[0],
        );
        button.addEventListener('click', () => {
          if (isOn === undefined) perform(to());
          else if (state !== null) perform(to(!isOn(state)));
        });
        return button;
      }),
    );
  }
}

/** Names every switch by what it would do now. */
export function showControls(next) {
  state = next;
  for (const { name, isOn } of TROUBLE) {
    const button = document.querySelector(`[data-control="${name}"]`);
    const well = isOn(next);
    button.textContent = words.controls[name][well ? 0 : 1];
    button.dataset.well = String(well);
  }
}
