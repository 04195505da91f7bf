import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock/clock.ts';

/** How long a nonce is good for, in seconds: long enough to read the page and tap. */
const NONCE_LIFETIME_S = 90;

/** Bytes that tell nonces of one second apart: a presence ticket has a nonce of its own. */
const SALT_BYTES = 6;

/** Server nonces for DPoP (RFC 9449 section 8), without a store: each carries its instant, a salt and a MAC over both. */
export interface NonceSource {
  issue(): string;
  /** Epoch seconds at which the nonce ends, or `null` for one that is not ours or has ended. */
  expiresS(nonce: string): number | null;
}

/**
 * @param secret 32 random bytes of this process: a restart ends every nonce, and the phone simply asks again
 */
export function createNonceSource(secret: Uint8Array, clock: Clock): NonceSource {
  const nonceOf = (instant: string, salt: string) => {
    const text = `${instant}.${salt}`;
    const mac = createHmac('sha256', secret).update(text).digest().subarray(0, 16);
    return `${text}.${mac.toString('base64url')}`;
  };
  // Monotonic time: a step of the wall clock must neither revive nor kill a nonce.
  const nowS = () => Math.floor(clock.monotonicMs() / 1000);
  return {
    issue() {
      return nonceOf(nowS().toString(36), randomBytes(SALT_BYTES).toString('base64url'));
    },
    expiresS(nonce) {
      const [instant = '', salt = ''] = nonce.split('.');
      // The whole text, not the decoded MAC: one nonce has one spelling.
      const given = Buffer.from(nonce);
      const wanted = Buffer.from(nonceOf(instant, salt));
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
      const ageS = nowS() - Number.parseInt(instant, 36);
      if (ageS < 0 || ageS >= NONCE_LIFETIME_S) return null;
      return Math.ceil(clock.wallMs() / 1000) + NONCE_LIFETIME_S - ageS;
    },
  };
}
