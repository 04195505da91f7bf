import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { FairTurns } from '../limits/fair-turns.ts';
import { sourceOf } from '../limits/source.ts';

/** scrypt, N = 2^15, r = 8, p = 3: 32 MiB and about 0.3 s on a Pi (OWASP Password Storage Cheat Sheet, 2024). */
const LOG_N = 15;
const R = 8;
const P = 3;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Shortest and longest password, in characters. */
export const PASSWORD_LENGTH = { min: 12, max: 256 } as const;

/** Guesses of one address that may wait for their turn, and addresses; whoever comes later is told that it is busy. */
const WAITING = { ofSourceMax: 4, sourcesMax: 256 } as const;

/** Whoever makes a hash on the gateway's own host, and sends it nothing. */
const THIS_HOST = 'this host';

/** Too many passwords are being checked at once. */
export class Busy extends Error {
  readonly statusCode = 503;
  readonly code = 'busy';
}

/** One at a time: each takes 32 MiB and a core, and the doors come first. */
const turns = new FairTurns(WAITING);

interface Derivation {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

async function derive({ password, salt, logN, r, p }: Derivation, source: string): Promise<Buffer> {
  const done = await turns.take(source, () => new Busy('Too many passwords are being checked.'));
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: 64 * 1024 * 1024 };
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) => {
        if (error === null) resolve(key);
        else reject(error);
      });
    });
  } finally {
    done();
  }
}

/** The text that is kept of a password, in PHC form: `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive({ password, salt, logN: LOG_N, r: R, p: P }, THIS_HOST);
  return `$scrypt$ln=${LOG_N},r=${R},p=${P}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/** Takes as long as a real one, so that an unknown name cannot be told from a wrong password. */
const NOBODY = `$scrypt$ln=${LOG_N},r=${R},p=${P}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/**
 * Whether a password is the one that was kept.
 *
 * @param kept `null` for a name that nobody has: takes its time and says no
 * @param address of the network that it comes from: each has its turn
 * @throws Busy when too many of that address are being checked
 */
export async function isPassword(password: string, kept: string | null, address: string): Promise<boolean> {
  const [, , parameters = '', salt = '', hash = ''] = (kept ?? NOBODY).split('$');
  const [logN = LOG_N, r = R, p = P] = parameters.split(',').map((part) => Number(part.split('=')[1]));
  const wanted = Buffer.from(hash, 'base64url');
  const kdf = { password, salt: Buffer.from(salt, 'base64url'), logN, r, p };
  const derived = await derive(kdf, sourceOf(address));
  return derived.length === wanted.length && timingSafeEqual(derived, wanted) && kept !== null;
}

/** A password nobody has chosen: 20 characters of base64url, 120 bits. */
export function newPassword(): string {
  return randomBytes(15).toString('base64url');
}
