import { byId, element } from '/pages/dom.js';
import { words } from './words.js';

/**
 * The entrance as it is: levels at the pins, the leaf, what is plugged in. Without power at the board nothing drives a
 * lamp, and the strike holds.
 */
export function showPlace({ door, gateway }) {
  const place = byId('place');
  const hasPower = door.pins !== null;
  const released = hasPower && door.pins.lockRelay;
  const inside = gateway.status?.inside ?? null;
  place.dataset.leaf = door.leaf;
  place.dataset.lock = !hasPower ? 'unpowered' : released ? 'released' : 'secured';
  place.dataset.fire = String(door.fire);
  for (const lamp of ['greenLed', 'amberLed', 'redLed'])
    byId(lamp).dataset.lit = String(hasPower && door.pins[lamp]);
  byId('exit-button').dataset.pressed = String(door.exitButton);
  for (const side of ['entry', 'exit'])
    byId(`reader-${side}`).dataset.ready = String(hasPower && door.plugged[side]);
  byId('people').dataset.inside = inside === null ? 'unknown' : String(Math.min(3, inside));
  showFacts(door, hasPower, released, inside);
}

function showFacts(door, hasPower, released, inside) {
  const { doorFacts: says } = words;
  const lock = !hasPower ? says.noPower : released ? says.released : says.secured;
  byId('place-says').textContent = words.placeSays(lock, says[door.leaf], inside);
  byId('door-facts').replaceChildren(
    fact('lock', hasPower ? (released ? 'released' : 'secured') : 'unpowered', says.lock, lock),
    fact('leaf', door.leaf, says.leaf, says[door.leaf]),
  );
}

function fact(name, value, label, text) {
  return element('li', { 'data-fact': name, 'data-value': value }, `${label} `, element('b', {}, text));
}
