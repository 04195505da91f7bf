import { byId, element } from '/pages/dom.js';
import { listen } from '/pages/feed.js';
import { fillWords, language } from '/pages/language.js';
import { addToLedger } from '/pages/ledger-view.js';
import { showVenue } from '/pages/venue-view.js';
import { showBill } from './bill-view.js';
import { catalogue } from './words.js';

/** A code that the gateway does not answer by an event within this time is the same wish as the one before. */
const NO_ANSWER_AFTER_MS = 2_500;

const words = catalogue;
const texts = await fetch('/demo/texts').then((response) => response.json());
/** The code that waits for its answer: what was shown where, after which number of the ledger. */
let waiting = null;
let state = null;

async function ask(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.title);
  return answer;
}

/** Does what a button says; what went wrong is told where results are told. */
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    tell('bad', words.failed(error instanceof Error ? error.message : String(error)));
  }
}

function tell(tone, ...lines) {
  const result = byId('result');
  result.dataset.tone = tone;
  result.replaceChildren(...lines.map((line) => element('span', {}, line)));
}

/** The gateway's answer to a code is what it journalled, and nothing else. */
function hear(event) {
  if (waiting === null || Number(event.sequence) <= waiting.afterSeq) return;
  const { data } = event;
  if (event.type === 'genkan.access.granted.v1') {
    tell('good', words.granted, texts[language].granted[data.kind]);
  } else if (event.type === 'genkan.access.denied.v1') {
    tell('bad', words.denied, texts[language].denied[data.reason]);
  } else {
    return;
  }
  clearTimeout(waiting.timer);
  waiting = null;
}

async function scan(side) {
  const member = new FormData(byId('scan')).get('member');
  tell('plain', words.waiting);
  clearTimeout(waiting?.timer);
  // Set before the answer of the request: the event may be heard first.
  waiting = { afterSeq: lastSeq, timer: setTimeout(() => tell('plain', words.sameWish), NO_ANSWER_AFTER_MS) };
  try {
    const { bytes, qr } = await ask('/demo/scan', { member, side });
    const image = byId('qr');
    image.src = `data:image/svg+xml,${encodeURIComponent(qr)}`;
    image.alt = words.codeAlt;
    image.hidden = false;
    byId('qr-text').textContent = words.codeText(bytes);
  } catch (error) {
    clearTimeout(waiting?.timer);
    waiting = null;
    throw error;
  }
}

function showState(next) {
  state = next;
  const { board, line, billing, reservation } = next;
  byId('line').textContent = line.cut ? words.lineMend : words.lineCut;
  byId('line').setAttribute('aria-pressed', String(line.cut));
  byId('power').textContent = board.power ? words.powerOff : words.powerOn;
  byId('power').setAttribute('aria-pressed', String(!board.power));
  const seat = document.querySelector('[data-member=seat] small');
  if (seat !== null) seat.textContent = words.people.seat.about(reservation);
  const pins = Object.entries(board.pins).map(([pin, isOn]) => pinRow(pin, board.power ? isOn : null));
  byId('pins').replaceChildren(...pins, element('li', {}, words.leafNow[board.leaf]));
  showBill(billing, line.cut);
}

function pinRow(pin, isOn) {
  const level = isOn === null ? 'unknown' : isOn ? 'on' : 'off';
  return element(
    'li',
    { 'data-pin': pin, 'data-level': level },
    element('span', { class: 'lamp', 'aria-hidden': 'true' }),
    `${words.pins[pin]} `,
    element('b', {}, words.levels[level]),
  );
}

function people() {
  return Object.entries(words.people).map(([member, { name, about }], index) =>
    element(
      'label',
      { 'data-member': member },
      element('input', {
        type: 'radio',
        name: 'member',
        value: member,
        ...(index === 0 ? { checked: '' } : {}),
      }),
      element('span', {}, name, element('small', {}, typeof about === 'string' ? about : '')),
    ),
  );
}

let lastSeq = 0;
const remember = (event) => {
  lastSeq = Math.max(lastSeq, Number(event.sequence));
  hear(event);
};

fillWords(words);
byId('people').replaceChildren(...people());
showVenue(remember);
listen('/demo/events', { demo: showState }, () =>
  byId('pins').replaceChildren(element('li', {}, words.silent)),
);
await attempt(async () => {
  for (const event of await fetch('/demo/ledger').then((response) => response.json())) {
    byId('ledger-empty').hidden = true;
    addToLedger(byId('ledger'), event);
    lastSeq = Math.max(lastSeq, Number(event.sequence));
  }
});

byId('scan').addEventListener('submit', (event) => {
  event.preventDefault();
  void attempt(() => scan(event.submitter?.value ?? 'entry'));
});
for (const button of document.querySelectorAll('[data-act]')) {
  button.addEventListener('click', () =>
    attempt(async () => {
      const { act } = button.dataset;
      const { open } = await ask('/demo/door', { act });
      if (act === 'pull') tell(open ? 'good' : 'bad', open ? words.pulled : words.shut);
    }),
  );
}
byId('clock-on').addEventListener('click', () =>
  attempt(async () => showState(await ask('/demo/clock', { minutes: 30 }))),
);
byId('book').addEventListener('click', () =>
  attempt(async () => {
    showState(await ask('/demo/book', {}));
    tell('plain', words.booked(state.reservation));
  }),
);
byId('line').addEventListener('click', () =>
  attempt(async () => showState(await ask('/demo/line', { cut: !(state?.line.cut ?? false) }))),
);
byId('power').addEventListener('click', () =>
  attempt(async () => showState(await ask('/demo/power', { on: !(state?.board.power ?? true) }))),
);
document.body.dataset.ready = 'true';
