import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/** scrypt, N = 2^15, r = 8, p = 3: 32 MiB and about 0.3 s on a Pi (OWASP Password Storage Cheat Sheet, 2024). */
const LOG_N = 15;
const R = 8;
const P = 3;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Shortest and longest password, in characters. */
export const PASSWORD_LENGTH = { min: 12, max: 256 } as const;

/** Guesses that may wait for their turn; whoever comes later is told that the gateway is busy. */
const WAITING_MAX = 16;

/** Too many passwords are being checked at once. */
export class Busy extends Error {
  readonly statusCode = 503;
  readonly code = 'busy';
}

/** One at a time: each takes 32 MiB and a core, and the doors come first. */
let queue: Promise<unknown> = Promise.resolve();
let waiting = 0;

function derive(password: string, salt: Uint8Array, logN: number, r: number, p: number): Promise<Buffer> {
  if (waiting >= WAITING_MAX) return Promise.reject(new Busy('Too many passwords are being checked.'));
  waiting += 1;
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: 64 * 1024 * 1024 };
  const derived = queue.then(
    () =>
      new Promise<Buffer>((resolve, reject) => {
        scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) => {
          if (error === null) resolve(key);
          else reject(error);
        });
      }),
  );
  queue = derived.catch(() => undefined).finally(() => (waiting -= 1));
  return derived;
}

/** The text that is kept of a password, in PHC form: `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, LOG_N, R, P);
  return `$scrypt$ln=${LOG_N},r=${R},p=${P}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/** Takes as long as a real one, so that an unknown name cannot be told from a wrong password. */
const NOBODY = `$scrypt$ln=${LOG_N},r=${R},p=${P}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/**
 * Whether a password is the one that was kept.
 *
 * @param kept `null` for a name that nobody has: takes its time and says no
 * @throws Busy when too many are being checked
 */
export async function isPassword(password: string, kept: string | null): Promise<boolean> {
  const [, , parameters = '', salt = '', hash = ''] = (kept ?? NOBODY).split('$');
  const [logN = LOG_N, r = R, p = P] = parameters.split(',').map((part) => Number(part.split('=')[1]));
  const wanted = Buffer.from(hash, 'base64url');
  const derived = await derive(password, Buffer.from(salt, 'base64url'), logN, r, p);
  return derived.length === wanted.length && timingSafeEqual(derived, wanted) && kept !== null;
}

/** A password nobody has chosen: 20 characters of base64url, 120 bits. */
export function newPassword(): string {
  return randomBytes(15).toString('base64url');
}
