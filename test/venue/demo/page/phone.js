import { byId, byIdAs, element } from '/pages/dom.js';
import { span } from '/pages/venue-time.js';
import { ask } from './api.js';
import { words } from './words.js';

/**
 * @import { DemoMember, PHOTO } from '../acts.ts'
 * @import { DemoState, ShownCode } from '../shown.ts'
 *
 * @typedef {DemoMember | typeof PHOTO} Holder whose phone is in the hand; a picture of a code is one too
 */

/** How often the code on the phone is looked at; a wallet renews it every ten seconds. */
const LOOK_EVERY_MS = 2_000;

/** @type {DemoState['members'] | null} */
let facts = null;
/** @type {Holder} */
let chosen = 'seat';
let shownCode = '';

/** Whose phone is in the hand. */
export const holder = () => chosen;

/** Takes another phone into the hand. @param {Holder} who */
export function take(who) {
  chosen = who;
  for (const input of byId('who').querySelectorAll('input')) input.checked = input.value === who;
  showHolds();
  void showCode();
}

/** Builds the choice of phones and keeps the code of the chosen one fresh. */
export function startPhone() {
  const place = byId('who');
  for (const who of /** @type {Holder[]} */ (Object.keys(words.people))) {
    const { name, by } = words.people[who];
    const input = element('input', { type: 'radio', name: 'who', value: who });
    input.checked = who === chosen;
    input.addEventListener('change', () => take(who));
    place.append(
      element('label', { 'data-who': who }, input, element('span', {}, name, element('small', {}, by))),
    );
  }
  setInterval(() => {
    if (!document.hidden) void showCode();
  }, LOOK_EVERY_MS);
}

/** What the members hold, as the demo says it. @param {DemoState} state */
export function showMembers({ members, hasPhoto }) {
  facts = members;
  for (const input of byId('who').querySelectorAll('input'))
    if (input.value === 'photo') input.disabled = !hasPhoto;
  byIdAs('photograph', HTMLButtonElement).disabled = chosen === 'photo';
  byIdAs('preview', HTMLButtonElement).disabled = chosen === 'photo' || chosen === 'forger';
  showHolds();
}

function showHolds() {
  const held = chosen === 'photo' ? undefined : facts?.[chosen].entitlement;
  byId('holds').textContent =
    held?.kind === 'reservation'
      ? words.holds.reservation(held, span(held.start, held.end))
      : held?.kind === 'ticket'
        ? words.holds.ticket(held)
        : words.people[chosen].by;
}

/** The code that the phone shows now. A demo that does not answer leaves none on the screen. */
export async function showCode() {
  const who = chosen;
  /** @type {Promise<ShownCode | null>} */
  const asked = ask('/demo/phone', { who });
  const code = await asked.catch(() => null);
  if (who !== chosen) return;
  const image = byIdAs('qr', HTMLImageElement);
  image.hidden = code === null;
  byId('qr-none').hidden = code !== null;
  byIdAs('fresh', HTMLProgressElement).value = code?.freshMs ?? 0;
  byId('code-size').textContent = code === null ? '' : words.codeSize(code.bytes);
  if (code === null || code.qr === shownCode) return;
  shownCode = code.qr;
  image.src = `data:image/svg+xml,${encodeURIComponent(code.qr)}`;
  image.alt = words.codeAlt;
}
