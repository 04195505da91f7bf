/**
 * The service worker of the door page, for `/d/`. It keeps the page and its QR for the moment in which the gateway does
 * not answer. It keeps nothing of a member's, and it never answers for the gateway's API.
 */
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

const CACHE = 'genkan-door';

const DOOR = [
  ...['door.css', 'door.js', 'gateway.js', 'language.js', 'posted-code.js', 'qr-view.js', 'screens.js'],
  ...['sheet.css', 'sheet.js', 'sheet-words-en.js', 'sheet-words-ja.js', 'view.js', 'visits-view.js'],
  ...['wallet-signer.js', 'words-en.js', 'words-ja.js'],
];
const PHONE = [
  'base64url.js',
  'compact-code.js',
  'device-store.js',
  'issuer.js',
  'local-signer.js',
  'proofs.js',
  'venue-clock.js',
];

const FILES = [
  '/d/offline',
  ...['dom.js', 'icon.svg', 'qr.js', 'venue-time.js'].map((name) => `/d/_/${name}`),
  ...DOOR.map((name) => `/d/_/door/${name}`),
  ...PHONE.map((name) => `/d/_/phone/${name}`),
];

/** How long a page is waited for before the kept one is shown, in milliseconds. */
const PAGE_MS_MAX = 4_000;

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
  void worker.skipWaiting();
});

worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin || !pathname.startsWith('/d/')) return;
  if (request.mode === 'navigate') event.respondWith(pageOr(request));
  else if (FILES.includes(pathname)) event.respondWith(fileOr(request, pathname));
});

/** The gateway's own answer, whatever it is; without one the kept page, which says so. @param {Request} request */
async function pageOr(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PAGE_MS_MAX) });
  } catch {
    return (await kept('/d/offline')) ?? Response.error();
  }
}

/** The gateway's file, kept for later; without it the kept one. @param {Request} request @param {string} pathname */
async function fileOr(request, pathname) {
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(PAGE_MS_MAX) });
    if (fresh.ok) await (await caches.open(CACHE)).put(pathname, fresh.clone());
    return fresh;
  } catch {
    return (await kept(pathname)) ?? Response.error();
  }
}

/** @param {string} pathname */
const kept = (pathname) => caches.open(CACHE).then((cache) => cache.match(pathname));
