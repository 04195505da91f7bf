import { byId, byIdAs, element } from '/pages/dom.js';
import { language, words } from './words.js';
import { SCENES } from './scenes.js';

/**
 * @import { SceneName } from '../acts.ts'
 * @import { Doing } from './scenes.js'
 */

const names = /** @type {SceneName[]} */ (Object.keys(SCENES));

/** The scene that the address names; `null` for free play. */
export const scene = names.find((name) => name === new URLSearchParams(location.search).get('scene')) ?? null;

/** @param {SceneName} name */
const linkTo = (name) => `?scene=${name}&lang=${language}`;
let at = 0;
let busy = false;

/**
 * Shows the tour and plays the scene of the address.
 *
 * @param {(act: Doing) => Promise<void>} perform does one act and tells what came of it
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
  button.addEventListener('click', () => void advance(scene, perform));
  setBusy(true);
  byId('story-title').textContent = words.scenes[scene].title;
  byId('story-say').textContent = words.preparing;
  await perform({ act: 'begin', scene });
  setBusy(false);
  show(scene);
}

/** @param {HTMLElement} button */
function showFree(button) {
  byId('story-title').textContent = words.free;
  byId('story-say').textContent = words.freeSay;
  button.textContent = words.freeDo;
  button.addEventListener('click', () => location.assign(linkTo('visit')));
}

/** @param {SceneName} playing @param {(act: Doing) => Promise<void>} perform */
async function advance(playing, perform) {
  if (busy) return;
  const step = SCENES[playing][at];
  if (step === undefined) {
    location.assign(linkTo(playing));
    return;
  }
  setBusy(true);
  for (const act of step.acts) await perform(act);
  at += 1;
  setBusy(false);
  show(playing);
}

/** @param {boolean} is */
function setBusy(is) {
  busy = is;
  byId('story-do').setAttribute('aria-disabled', String(is));
  byId('story').dataset.busy = String(is);
}

/** @param {SceneName} playing */
function show(playing) {
  const steps = SCENES[playing];
  const { title, says, dos } = words.scenes[playing];
  const number = names.indexOf(playing) + 1;
  const isOver = at >= steps.length;
  byId('story').dataset.step = String(at);
  byId('story-step').textContent = isOver ? words.ended(number) : words.step(number, at + 1, steps.length);
  byId('story-title').textContent = title;
  byId('story-say').textContent = says[at] ?? '';
  byId('story-do').textContent = dos[at] ?? words.again;
  const next = names[number];
  const link = byIdAs('story-next', HTMLAnchorElement);
  link.hidden = !isOver || next === undefined;
  if (next === undefined) return;
  link.href = linkTo(next);
  link.textContent = words.next(words.scenes[next].title);
}
