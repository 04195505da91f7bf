import { byId, byIdAs } from '/pages/dom.js';

/** For how long the gateway may be silent after a code has ended before the display owns up to it. */
const GRACE_MS = 2_000;

/** @import { ShownCode } from '../../../shared/contract/presence.ts' */

/** Where the codes come from; the server writes it into the page. */
const { codes = '' } = document.body.dataset;
let endsMs = 0;
/** @type {number | undefined} */
let timer;

/**
 * A code that the gateway does not vouch for is not shown: somebody would try it in vain.
 *
 * @param {'code' | 'silent'} state
 */
function say(state) {
  document.body.dataset.state = state;
  byId('qr').hidden = state !== 'code';
  byId('clock').hidden = state !== 'code';
  byId('silent').hidden = state !== 'silent';
}

function count() {
  const leftMs = endsMs - performance.now();
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  byId('seconds').textContent = String(seconds);
  byIdAs('left', HTMLProgressElement).value = seconds;
  if (leftMs < -GRACE_MS) say('silent');
}

const source = new EventSource(codes);
source.addEventListener('code', ({ data }) => {
  const { qr, remainingMs } = /** @type {ShownCode} */ (JSON.parse(String(data)));
  byIdAs('qr', HTMLImageElement).src = `data:image/svg+xml,${encodeURIComponent(qr)}`;
  endsMs = performance.now() + remainingMs;
  say('code');
  count();
  timer ??= setInterval(count, 250);
});
source.addEventListener('error', () => {
  say('silent');
  // A browser gives up for good on an answer that is no stream; a gateway that starts may give one.
  if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5_000);
});
