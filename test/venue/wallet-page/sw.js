/**
 * The service worker of the issuer's pages: it keeps the two that sign, so that a member's key is good at a door while
 * the issuer cannot be reached. Everything else is the issuer's own.
 */
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

const CACHE = 'genkan-wallet';

const FILES = [
  ...['signer', 'handoff', '_/dom.js', '_/icon.svg', '_/door/door.css', '_/door/language.js'],
  ...['handoff.js', 'signer.js', 'venue-signing.js', 'wallet.css', 'words-en.js', 'words-ja.js'].map(
    (name) => `page/${name}`,
  ),
  ...['_/door/words-en.js', '_/door/words-ja.js'],
  ...['base64url', 'compact-code', 'device-store', 'issuer', 'local-signer', 'proofs', 'venue-clock'].map(
    (name) => `_/phone/${name}.js`,
  ),
].map((path) => `/wallet/${path}`);

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
  void worker.skipWaiting();
});

worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== location.origin || !FILES.includes(pathname)) return;
  event.respondWith(keptOr(event, pathname));
});

/**
 * The kept file at once, and a newer one for the next time; the door does not wait for the issuer.
 *
 * @param {FetchEvent} event
 * @param {string} pathname
 */
async function keptOr(event, pathname) {
  const cache = await caches.open(CACHE);
  const fresh = fetch(event.request).then(async (response) => {
    if (response.ok) await cache.put(pathname, response.clone());
    return response;
  });
  const kept = await cache.match(pathname);
  if (kept === undefined) return fresh;
  event.waitUntil(fresh.catch(() => undefined));
  return kept;
}
