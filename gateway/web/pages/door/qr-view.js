import { element } from '../dom.js';
import { openSheet, sheetWords } from './sheet.js';

/** A proof is good for 15 seconds: a code is never shown for longer than this, in milliseconds. */
const RENEW_EVERY_MS = 8_000;

/**
 * Pixels of a module: as many as the densest screens have in the room that there is. The browser averages them down to
 * the screen's own; were they taken by the nearest, modules would be of different widths, and readers give up on that.
 */
const MODULE_PX = 8;

/** Light modules around the symbol (ISO/IEC 18004 section 6.3.8 asks for 4). */
const QUIET = 4;

/**
 * Shows the QR for the scanner, renewed until the sheet is closed. While the page is hidden nothing is signed.
 *
 * @param {() => Promise<string>} code
 */
export async function showQr(code) {
  const { encodeQR } = await import('../qr.js');
  const canvas = element('canvas', { class: 'qr', role: 'img', 'aria-label': sheetWords.qrLabel });
  const bar = element('div', { class: 'countdown', 'aria-hidden': 'true' });
  const draw = async () => {
    if (document.hidden) return;
    const text = await code();
    paint(canvas, encodeQR(text, 'raw', { ecc: 'low', border: QUIET }));
    canvas.dataset.bytes = String(text.length);
    bar.replaceChildren(element('span'));
  };
  await draw();
  const timer = setInterval(() => void draw(), RENEW_EVERY_MS);
  const again = () => void draw();
  document.addEventListener('visibilitychange', again);
  // Where it is refused the screen may go dark; the member wakes it as ever.
  const lock = 'wakeLock' in navigator ? await navigator.wakeLock.request('screen').catch(() => null) : null;
  await openSheet(sheetWords.qrTitle, [canvas, bar, element('p', {}, sheetWords.qrText)]);
  clearInterval(timer);
  document.removeEventListener('visibilitychange', again);
  await lock?.release();
}

/** @param {HTMLCanvasElement} canvas @param {boolean[][]} modules */
function paint(canvas, modules) {
  canvas.width = modules.length * MODULE_PX;
  canvas.height = modules.length * MODULE_PX;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('the browser draws nothing');
  // Dark on light whatever the page's colours: many readers take nothing else.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = '#000';
  modules.forEach((row, y) =>
    row.forEach((isDark, x) => {
      if (isDark) context.fillRect(x * MODULE_PX, y * MODULE_PX, MODULE_PX, MODULE_PX);
    }),
  );
}
