import { byId, element } from '/pages/dom.js';
import { ask } from './api.js';
import { words } from './words.js';

/** How often the code on the phone is looked at; a wallet renews it every ten seconds. */
const LOOK_EVERY_MS = 2_000;

let facts = null;
let chosen = 'seat';
let shownCode = '';

/** Whose phone is in the hand. */
export const holder = () => chosen;

/** Takes another phone into the hand. */
export function take(who) {
  chosen = who;
  const input = byId('who').querySelector(`input[value=${who}]`);
  if (input !== null) input.checked = true;
  showHolds();
  void showCode();
}

/** Builds the choice of phones and keeps the code of the chosen one fresh. */
export function startPhone() {
  const place = byId('who');
  for (const [who, { name, by }] of Object.entries(words.people)) {
    place.append(
      element(
        'label',
        { 'data-who': who },
        element('input', {
          type: 'radio',
          name: 'who',
          value: who,
          ...(who === chosen ? { checked: '' } : {}),
        }),
        element('span', {}, name, element('small', {}, by)),
      ),
    );
  }
  place.addEventListener('change', ({ target }) => take(target.value));
  setInterval(() => {
    if (!document.hidden) void showCode();
  }, LOOK_EVERY_MS);
}

/** What the members hold, as the demo says it. */
export function showMembers({ members, hasPhoto }) {
  facts = members;
  byId('who').querySelector('[data-who=photo] input').disabled = !hasPhoto;
  byId('photograph').disabled = chosen === 'photo';
  byId('preview').disabled = chosen === 'photo' || chosen === 'forger';
  showHolds();
}

function showHolds() {
  const entitlement = facts?.[chosen]?.entitlement;
  byId('holds').textContent =
    entitlement === undefined ? words.people[chosen].by : words.holds[entitlement.kind](entitlement);
}

/** The code that the phone shows now. A demo that does not answer leaves none on the screen. */
export async function showCode() {
  const who = chosen;
  const code = await ask('/demo/phone', { who }).catch(() => null);
  if (who !== chosen) return;
  const image = byId('qr');
  image.hidden = code === null;
  byId('qr-none').hidden = code !== null;
  byId('fresh').value = code?.freshMs ?? 0;
  byId('code-size').textContent = code === null ? '' : words.codeSize(code.bytes);
  if (code === null || code.qr === shownCode) return;
  shownCode = code.qr;
  image.src = `data:image/svg+xml,${encodeURIComponent(code.qr)}`;
  image.alt = words.codeAlt;
}
