import { sha256Base64url } from './base64url.js';

/**
 * The browser keeps no key: a private window, Lockdown Mode (`DataCloneError`), storage switched off or full. The
 * member is told, and shown another way in.
 */
export class StorageProblem extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super(`this browser keeps no key: ${String(cause)}`, { cause });
    this.name = 'StorageProblem';
  }
}

/**
 * @typedef {{ privateKey: CryptoKey, jwk: { kty: string, crv: string, x: string, y: string }, jkt: string }} Device
 *   the key of this phone for this origin: ES256, its private half not extractable; `jkt` is its RFC 7638 thumbprint
 * @typedef {{ venue: string, origin: string, venueName: string, member: string, pass: string }} KeptPass
 *   a pass for one venue, the origin of that venue's gateway, and whose it is
 * @typedef {Awaited<ReturnType<typeof openStore>>} Store
 */

const KEY = 'this-phone';

/** Opens the origin's store. @throws {StorageProblem} */
export async function openStore() {
  /** @type {IDBDatabase} */
  const db = await promised((resolve, reject) => {
    const opening = indexedDB.open('genkan', 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore('device');
      opening.result.createObjectStore('passes', { keyPath: 'venue' });
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
    opening.onblocked = () => reject(new Error('blocked'));
  });

  /**
   * @template Result
   * @param {'device' | 'passes'} store
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest<Result>} work
   * @returns {Promise<Result | null>}
   */
  const run = (store, mode, work) =>
    promised((resolve, reject) => {
      const transaction = db.transaction(store, mode);
      const request = work(transaction.objectStore(store));
      // Not before it is committed: a promise of a key that is gone after a reload would be none.
      transaction.oncomplete = () => resolve(request.result ?? null);
      transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
      transaction.onerror = () => reject(transaction.error);
    });

  /** @returns {Promise<Device | null>} */
  const device = () => run('device', 'readonly', (store) => store.get(KEY));

  return {
    device,
    /** The key of this phone; a new one where there is none. Of two pages that make one at once both get the first. */
    async deviceOrNew() {
      const known = await device();
      if (known !== null) return known;
      const made = await newDevice();
      await run('device', 'readwrite', (store) => {
        const look = store.get(KEY);
        look.onsuccess = () => {
          if (look.result === undefined) store.put(made, KEY);
        };
        return look;
      });
      const kept = await device();
      if (kept === null) throw new StorageProblem('it was gone at once');
      return kept;
    },
    /** @param {string} venue @returns {Promise<KeptPass | null>} */
    pass: (venue) => run('passes', 'readonly', (store) => store.get(venue)),
    /** @returns {Promise<KeptPass[]>} */
    passes: async () =>
      /** @type {KeptPass[] | null} */ (await run('passes', 'readonly', (store) => store.getAll())) ?? [],
    /** @param {KeptPass} kept it replaces the venue's pass */
    keepPass: (kept) => run('passes', 'readwrite', (store) => store.put(kept)),
    /** @param {string} venue */
    dropPass: (venue) => run('passes', 'readwrite', (store) => store.delete(venue)),
  };
}

/** @returns {Promise<Device>} */
async function newDevice() {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['sign'],
  );
  const { kty = '', crv = '', x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey);
  // RFC 7638: the required members in this order, without blanks.
  const jkt = await sha256Base64url(JSON.stringify({ crv, kty, x, y }));
  return { privateKey, jwk: { kty, crv, x, y }, jkt };
}

/**
 * @template Result
 * @param {(resolve: (result: Result) => void, reject: (cause: unknown) => void) => void} work
 * @returns {Promise<Result>}
 */
const promised = (work) =>
  new Promise(work).catch((/** @type {unknown} */ cause) => {
    throw new StorageProblem(cause);
  });
