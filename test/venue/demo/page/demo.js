import { byId, byIdAs, element } from '/pages/dom.js';
import { listen } from '/pages/feed.js';
import { fillWords } from '/pages/language.js';
import { span, writer } from '/pages/venue-time.js';
import { act, ask, Refused } from './api.js';
import { showBill } from './bill-view.js';
import { showControls, startControls } from './controls.js';
import { showEvent } from './ledger-view.js';
import { holder, showCode, showMembers, startPhone, take } from './phone.js';
import { showPlace } from './place-view.js';
import { scene, startTour } from './tour.js';
import { showWalk } from './walk-view.js';
import { language, words } from './words.js';

/**
 * @import { StayPreviews } from '../../../../shared/contract/visits.ts'
 * @import { PublishedEvent } from '../../../../shared/contract/events.ts'
 * @import { Texts } from '../../../../gateway/messages/texts.ts'
 * @import { Act } from '../acts.ts'
 * @import { DemoState } from '../shown.ts'
 * @import { Holder } from './phone.js'
 * @import { Doing } from './scenes.js'
 */

/** A code that is not answered by an event within this time is the same wish as before, or unheard. */
const NO_ANSWER_AFTER_MS = 3_000;

/** While the page waits for the venue, it looks again this often. */
const LOOK_AGAIN_MS = 500;

/** @type {DemoState | null} */
let state = null;
let lastSeq = 0;
/**
 * The code that waits for its answer.
 *
 * @type {{ afterSeq: number, timer: number, done: () => void } | null}
 */
let waiting = null;

/** @param {'plain' | 'good' | 'bad' | 'money'} tone @param {...string} lines */
function tell(tone, ...lines) {
  const result = byId('result');
  result.dataset.tone = tone;
  result.replaceChildren(...lines.map((line) => element('span', {}, line)));
}

/**
 * The gateway's answer to a code is what it journalled, and nothing else.
 *
 * @param {PublishedEvent} event
 * @param {Texts} texts
 */
function hear(event, texts) {
  lastSeq = Math.max(lastSeq, Number(event.sequence));
  showEvent(event, texts);
  if (waiting === null || Number(event.sequence) <= waiting.afterSeq) return;
  if (event.type === 'genkan.access.granted.v1')
    answer('good', words.granted, texts.granted[event.data.kind]);
  if (event.type === 'genkan.access.denied.v1') answer('bad', words.denied, texts.denied[event.data.reason]);
}

/** @param {'good' | 'bad'} tone @param {...string} lines */
function answer(tone, ...lines) {
  tell(tone, ...lines);
  clearTimeout(waiting?.timer);
  waiting?.done();
  waiting = null;
}

/**
 * Holds a phone under a reader, and waits for what the gateway says of it.
 *
 * @param {Extract<Act, { act: 'scan' }>} what
 */
async function scan(what) {
  tell('plain', words.waiting);
  clearTimeout(waiting?.timer);
  /** @type {Promise<void>} */
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

/** @param {Holder} who */
async function preview(who) {
  /** @type {Partial<StayPreviews>} */
  const { stays = [] } = await ask('/demo/preview', { who });
  const [stay] = stays;
  if (stay === undefined) {
    tell('plain', words.previewNone);
    return;
  }
  const { charge } = stay;
  if (charge === null || charge.chargedFrom === null || charge.chargedTo === null) {
    tell('money', words.previewFree);
    return;
  }
  tell('money', words.previewSay(charge, span(charge.chargedFrom, charge.chargedTo)));
}

/** Until the lease has run out. The same code sooner would be the same showing, still under the reader. */
async function secured() {
  while (state?.door.pins?.lockRelay) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
}

/**
 * Does one thing and tells what came of it; what did not work is told in the same place.
 *
 * @param {Doing} what
 */
async function perform(what) {
  try {
    if ('who' in what && what.act !== 'photograph') take(what.who);
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
      case 'push':
      case 'force':
      case 'press-exit':
      case 'fire':
      case 'tamper':
      case 'plug':
      case 'board-power':
      case 'gateway-power':
      case 'line':
      case 'clock':
      case 'begin':
        await act(what);
        tell('plain');
    }
  } catch (error) {
    const known = error instanceof Refused ? words.refused[error.code] : undefined;
    tell('bad', known ?? words.failed(error instanceof Error ? error.message : String(error)));
  }
}

/** @param {DemoState} next */
function show(next) {
  state = next;
  document.body.dataset.known = 'true';
  const time = byIdAs('clock', HTMLTimeElement);
  time.textContent = clock(next.at);
  time.dateTime = next.at;
  byId('date').textContent = date(next.at);
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

const clock = writer('sv', { timeStyle: 'medium' });
const date = writer(language, { month: 'short', day: 'numeric', weekday: 'short' });

/** The page may be there before the venue has opened. */
async function opened() {
  for (;;) {
    const response = await fetch('/demo/ready');
    const { open } = /** @type {{ open: boolean }} */ (await response.json());
    if (open) return;
    byId('story-say').textContent = words.opening;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

fillWords(words);
for (const nav of document.querySelectorAll('nav'))
  nav.setAttribute('aria-label', nav.dataset.label === 'tour' ? words.tour : words.languages);
byId('languages').querySelector(`[lang=${language}]`)?.setAttribute('aria-current', 'true');
for (const link of byId('languages').querySelectorAll('a')) {
  if (scene !== null) link.href += `&scene=${scene}`;
}
/** @type {Promise<Texts>} */
const fetched = fetch(`/demo/texts/${language}`).then((response) => response.json());
startControls((what) => void perform(what));
for (const side of /** @type {const} */ (['entry', 'exit']))
  document
    .querySelector(`[data-scan=${side}]`)
    ?.addEventListener('click', () => void perform({ act: 'scan', who: holder(), side }));
byId('preview').addEventListener('click', () => void perform({ act: 'preview', who: holder() }));
byId('photograph').addEventListener('click', () => {
  const who = holder();
  // A picture is not taken of a picture.
  if (who !== 'photo') void perform({ act: 'photograph', who });
});
if (document.body.dataset.open !== 'true') await opened();
startPhone();
performance.mark('ready');
const texts = await fetched;
/** @type {{ state: (now: DemoState) => void, ledger: (event: PublishedEvent) => void }} */
const handlers = { state: show, ledger: (event) => hear(event, texts) };
listen('/demo/events', handlers, silence);
await startTour(perform);
void showCode();
document.body.dataset.ready = 'true';
