import { byId, element } from '/pages/dom.js';
import { listen } from '/pages/feed.js';
import { fillWords } from '/pages/language.js';
import { act, ask, Refused } from './api.js';
import { showBill } from './bill-view.js';
import { showControls, startControls } from './controls.js';
import { showEvent } from './ledger-view.js';
import { holder, showCode, showMembers, startPhone, take } from './phone.js';
import { showPlace } from './place-view.js';
import { scene, startTour } from './tour.js';
import { showWalk } from './walk-view.js';
import { language, words } from './words.js';

/** A code that is not answered by an event within this time is the same wish as before, or unheard. */
const NO_ANSWER_AFTER_MS = 3_000;

/** While the page waits for the venue, it looks again this often. */
const LOOK_AGAIN_MS = 500;

let state = null;
let lastSeq = 0;
/** The code that waits for its answer. */
let waiting = null;
let texts = null;

function tell(tone, ...lines) {
  const result = byId('result');
  result.dataset.tone = tone;
  result.replaceChildren(...lines.map((line) => element('span', {}, line)));
}

/** The gateway's answer to a code is what it journalled, and nothing else. */
function hear(event) {
  if (event.sequence === undefined) return;
  lastSeq = Math.max(lastSeq, Number(event.sequence));
  showEvent(event, texts);
  if (waiting === null || Number(event.sequence) <= waiting.afterSeq) return;
  if (event.type === 'genkan.access.granted.v1')
    answer('good', words.granted, texts.granted[event.data.kind]);
  if (event.type === 'genkan.access.denied.v1') answer('bad', words.denied, texts.denied[event.data.reason]);
}

function answer(tone, ...lines) {
  tell(tone, ...lines);
  clearTimeout(waiting.timer);
  waiting.done();
  waiting = null;
}

/** Holds a phone under a reader, and waits for what the gateway says of it. */
async function scan(what) {
  tell('plain', words.waiting);
  clearTimeout(waiting?.timer);
  const heard = new Promise((done) => {
    // Only for now: an answer that comes late still takes the place of this.
    const timer = setTimeout(() => {
      const isHeard = state?.gateway.life === 'on' && state.door.plugged[what.side];
      tell('plain', isHeard ? words.sameWish : words.unheard);
      done();
    }, NO_ANSWER_AFTER_MS);
    // Set before the answer of the request: the event may be heard first.
    waiting = { afterSeq: lastSeq, timer, done };
  });
  try {
    await act(what);
  } catch (error) {
    clearTimeout(waiting?.timer);
    waiting = null;
    throw error;
  }
  await heard;
  void showCode();
}

async function preview(who) {
  const { stays } = await ask('/demo/preview', { who });
  const [stay] = stays ?? [];
  if (stay === undefined) tell('plain', words.previewNone);
  else tell('money', stay.charge === null ? words.previewFree : words.previewSay(stay.charge));
}

/** Until the lease has run out. The same code sooner would be the same showing, still under the reader. */
async function secured() {
  while (state?.door.pins?.lockRelay) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
}

/** Does one thing and tells what came of it; what did not work is told in the same place. */
async function perform(what) {
  try {
    if (what.who !== undefined && what.act !== 'photograph') take(what.who);
    switch (what.act) {
      case 'scan':
        await scan(what);
        break;
      case 'preview':
        await preview(what.who);
        break;
      case 'pull':
      case 'prop': {
        const { opened } = await act(what);
        tell(opened ? 'good' : 'bad', opened ? words.pulled : words.shut);
        break;
      }
      case 'secured':
        await secured();
        break;
      case 'photograph':
        await act(what);
        tell('plain', words.photographed);
        break;
      default:
        await act(what);
        tell('plain');
    }
  } catch (error) {
    const known = error instanceof Refused ? words.refused[error.code] : undefined;
    tell('bad', known ?? words.failed(error instanceof Error ? error.message : String(error)));
  }
}

function show(next) {
  state = next;
  document.body.dataset.known = 'true';
  byId('clock').textContent = next.at.slice(11, 19);
  byId('clock').dateTime = next.at;
  // The first formatter of a page takes its time: not before the page is ready for hands.
  date ??= new Intl.DateTimeFormat(language, DATE);
  byId('date').textContent = date.format(new Date(next.at));
  showPlace(next);
  showWalk(next);
  showBill(next.cloud, next.line.cut);
  showMembers(next);
  showControls(next);
}

/** The demo itself does not answer: nothing on the page is known any more. */
function silence() {
  document.body.dataset.known = 'false';
  tell('bad', words.silent);
}

const DATE = { month: 'short', day: 'numeric', weekday: 'short', timeZone: 'Asia/Tokyo' };
let date = null;

/** The page may be there before the venue has opened. */
async function opened() {
  for (;;) {
    const { open } = await fetch('/demo/ready').then((response) => response.json());
    if (open) return;
    byId('story-say').textContent = words.opening;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

fillWords(words);
for (const place of document.querySelectorAll('[data-label]'))
  place.setAttribute('aria-label', words[place.dataset.label]);
byId('languages').querySelector(`[lang=${language}]`)?.setAttribute('aria-current', 'true');
for (const link of byId('languages').children) {
  if (scene !== null) link.href += `&scene=${scene}`;
}
const fetched = fetch(`/demo/texts/${language}`).then((response) => response.json());
startControls((what) => void perform(what));
for (const button of document.querySelectorAll('[data-scan]'))
  button.addEventListener('click', () => perform({ act: 'scan', who: holder(), side: button.dataset.scan }));
byId('preview').addEventListener('click', () => perform({ act: 'preview', who: holder() }));
byId('photograph').addEventListener('click', () => perform({ act: 'photograph', who: holder() }));
if (document.body.dataset.open !== 'true') await opened();
startPhone();
performance.mark('ready');
texts = await fetched;
listen('/demo/events', { state: show, ledger: hear }, silence);
await startTour(perform);
void showCode();
document.body.dataset.ready = 'true';
