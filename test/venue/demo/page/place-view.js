import { byId, byIdAs, element } from '/pages/dom.js';
import { words } from './words.js';

/** @import { DemoState } from '../shown.ts' */

/**
 * The entrance as it is: levels at the pins, the leaf, what is plugged in. Without power at the board nothing drives a
 * lamp, and the strike holds.
 *
 * @param {Pick<DemoState, 'door' | 'gateway'>} state
 */
export function showPlace({ door, gateway }) {
  const place = part('place');
  const { pins } = door;
  const lock = pins === null ? 'unpowered' : pins.lockRelay ? 'released' : 'secured';
  const inside = gateway.status?.inside ?? null;
  place.dataset.leaf = door.leaf;
  place.dataset.lock = lock;
  place.dataset.fire = String(door.fire);
  for (const lamp of /** @type {const} */ (['greenLed', 'amberLed', 'redLed']))
    part(lamp).dataset.lit = String(pins?.[lamp] ?? false);
  part('exit-button').dataset.pressed = String(door.exitButton);
  for (const side of /** @type {const} */ (['entry', 'exit']))
    part(`reader-${side}`).dataset.ready = String(pins !== null && door.plugged[side]);
  part('people').dataset.inside = inside === null ? 'unknown' : String(Math.min(3, inside));
  showFacts(door.leaf, lock, inside);
}

/** A part of the drawing. @param {string} id */
const part = (id) => byIdAs(id, SVGElement);

/**
 * @param {'open' | 'closed'} leaf
 * @param {'unpowered' | 'released' | 'secured'} lock
 * @param {number | null} inside
 */
function showFacts(leaf, lock, inside) {
  const { doorFacts: says } = words;
  const lockText = lock === 'unpowered' ? says.noPower : says[lock];
  part('place-says').textContent = words.placeSays(lockText, says[leaf], inside);
  byId('door-facts').replaceChildren(
    fact('lock', lock, says.lock, lockText),
    fact('leaf', leaf, says.leaf, says[leaf]),
  );
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} label
 * @param {string} text
 */
function fact(name, value, label, text) {
  return element('li', { 'data-fact': name, 'data-value': value }, `${label} `, element('b', {}, text));
}
