import { byId, element } from '/pages/dom.js';
import { language, words } from './words.js';
import { SCENES } from './scenes.js';

const names = Object.keys(SCENES);

/** The scene that the address names; `null` for free play. */
export const scene = names.find((name) => name === new URLSearchParams(location.search).get('scene')) ?? null;

const linkTo = (name) => `?scene=${name}&lang=${language}`;
let at = 0;
let busy = false;

/**
 * Shows the tour and plays the scene of the address.
 *
 * @param {(act: object) => Promise<void>} perform does one act and tells what came of it
 */
export async function startTour(perform) {
  byId('scenes').append(
    ...names.map((name, index) =>
      element(
        'li',
        {},
        element(
          'a',
          { href: linkTo(name), ...(name === scene ? { 'aria-current': 'step' } : {}) },
          element('b', {}, String(index + 1)),
          ` ${words.scenes[name].title}`,
        ),
      ),
    ),
  );
  const button = byId('story-do');
  if (scene === null) {
    showFree(button);
    return;
  }
  button.addEventListener('click', () => void advance(perform));
  setBusy(true);
  byId('story-title').textContent = words.scenes[scene].title;
  byId('story-say').textContent = words.preparing;
  await perform({ act: 'begin', scene });
  setBusy(false);
  show();
}

function showFree(button) {
  byId('story-title').textContent = words.free;
  byId('story-say').textContent = words.freeSay;
  button.textContent = words.freeDo;
  button.addEventListener('click', () => location.assign(linkTo(names[0])));
}

async function advance(perform) {
  const steps = SCENES[scene];
  if (busy) return;
  if (at >= steps.length) {
    location.assign(linkTo(scene));
    return;
  }
  setBusy(true);
  for (const act of steps[at].acts) await perform(act);
  at += 1;
  setBusy(false);
  show();
}

function setBusy(is) {
  busy = is;
  byId('story-do').setAttribute('aria-disabled', String(is));
  byId('story').dataset.busy = String(is);
}

function show() {
  const steps = SCENES[scene];
  const { title, says, dos } = words.scenes[scene];
  const number = names.indexOf(scene) + 1;
  const isOver = at >= steps.length;
  byId('story').dataset.step = String(at);
  byId('story-step').textContent = isOver ? words.ended(number) : words.step(number, at + 1, steps.length);
  byId('story-title').textContent = title;
  byId('story-say').textContent = says[at];
  byId('story-do').textContent = isOver ? words.again : dos[at];
  const next = names[number];
  const link = byId('story-next');
  link.hidden = !isOver || next === undefined;
  if (next === undefined) return;
  link.href = linkTo(next);
  link.textContent = words.next(words.scenes[next].title);
}
