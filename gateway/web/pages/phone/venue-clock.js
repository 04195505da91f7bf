/**
 * The time at the venue. A phone's clock may be wrong by hours, and a proof is dated: so the gateway's `Date` is
 * compared with ours at each answer, and what it differs by is kept for the QR that is shown without a network.
 */
const KEPT = 'genkan-clock-offset-ms';

/** `Date` is whole seconds and the answer took its way: less than this is no difference. */
const AGREES_MS = 2_000;

/** A page may have taken this long. */
const PAGE_AGREES_MS = 60_000;

let offsetMs = keptOffset();

/** Takes the time from an answer of the gateway. @param {Response} response */
export function hearTime(response) {
  const at = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(at)) return;
  const differs = at + 500 - Date.now();
  offsetMs = Math.abs(differs) < AGREES_MS ? 0 : differs;
  try {
    localStorage.setItem(KEPT, String(offsetMs));
  } catch {
    // Storage is switched off: the next answer tells the time again.
  }
}

/**
 * Takes the time that came with a page, or from a venue's page. It is older by the way, so only a clock set wrong is
 * corrected.
 *
 * @param {number} atMs
 */
export function hearPageTime(atMs) {
  if (Math.abs(atMs - venueNowMs()) > PAGE_AGREES_MS) offsetMs = atMs - Date.now();
}

/** Epoch milliseconds by the venue's clock, as far as it is known. */
export const venueNowMs = () => Date.now() + offsetMs;

/** The same in whole seconds, for `iat`. */
export const venueNowS = () => Math.floor(venueNowMs() / 1000);

function keptOffset() {
  try {
    const kept = Number(localStorage.getItem(KEPT));
    return Number.isFinite(kept) ? kept : 0;
  } catch {
    return 0;
  }
}
