import { element } from './dom.js';
import { words } from './language.js';

/**
 * Shows doors as the gateway knows them. What it does not know is shown as unknown, never as it was last.
 *
 * @param {HTMLElement} place
 * @param {{ door: string, controller: string, lock: string | null, leaf: string | null }[] | null} doors `null`: nothing is known
 */
export function showDoors(place, doors) {
  const known =
    doors ??
    [...place.children].map(({ dataset }) => ({
      door: dataset.door,
      controller: null,
      lock: null,
      leaf: null,
    }));
  const shown = known.map((door) => doorCard(door));
  // Only what changed: a screen reader is not told the same again each second.
  shown.forEach((card, index) => {
    const old = place.children[index];
    if (old === undefined) place.append(card);
    else if (old.outerHTML !== card.outerHTML) old.replaceWith(card);
  });
  while (place.children.length > shown.length) place.lastElementChild.remove();
}

function doorCard({ door, controller, lock, leaf }) {
  const state = { controller: controller ?? 'unknown', lock: lock ?? 'unknown', leaf: leaf ?? 'unknown' };
  return element(
    'article',
    {
      class: 'door',
      'data-door': door,
      'data-controller': state.controller,
      'data-lock': state.lock,
      'data-leaf': state.leaf,
    },
    picture(),
    element(
      'div',
      { class: 'door-text' },
      element('h3', {}, door),
      element(
        'dl',
        {},
        ...fact('lock', words.lockLabel, words.lock[state.lock], state.lock),
        ...fact('leaf', words.leafLabel, words.leaf[state.leaf], state.leaf),
        ...fact('controller', words.controllerLabel, words.controller[state.controller], state.controller),
      ),
    ),
  );
}

function fact(name, label, value, state) {
  return [element('dt', {}, label), element('dd', { 'data-fact': name, 'data-state': state }, value)];
}

/** A frame with a leaf in it; the style sheet opens it and colours the lock. */
function picture() {
  return element(
    'div',
    { class: 'door-picture', 'aria-hidden': 'true' },
    element('div', { class: 'door-leaf' }, element('span', { class: 'door-lock' })),
    element('span', { class: 'door-question' }, '?'),
  );
}
