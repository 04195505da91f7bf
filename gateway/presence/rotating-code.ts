import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CodeRefusal } from '../../shared/contract/presence.ts';

/** For how long a code is shown, in milliseconds; it is taken for as long again after that. */
export const CODE_SHOWN_MS = 15_000;

/** Bytes of the MAC in a code: 72 bits, of which a guess must hit one of two. */
const MAC_BYTES = 9;

/** A code on the display, and for how long it stays there. */
export interface ShownCode {
  readonly code: string;
  readonly remainingMs: number;
}

interface Live {
  number: number;
  /** Monotonic time from which it is not taken any more: known once another is shown in its place. */
  endsMs: number;
  used: boolean;
}

/**
 * The codes of one display: a new one every 15 s, and at once when the shown one is used. Each is taken once, while it
 * is shown and for 15 s after. A code is its number and a MAC over it, so that an old one is told from a guess without
 * keeping it.
 *
 * Monotonic time: whoever turns the wall clock revives no code.
 */
export class RotatingCode {
  readonly #secret: Uint8Array;
  readonly #place: string;
  /** The newest one is shown. */
  #live: Live[] = [];
  #shownMs: number;

  /**
   * @param secret 32 random bytes
   * @param place the door and the side, for which alone a code is good
   */
  constructor(secret: Uint8Array, place: string, nowMs: number) {
    this.#secret = secret;
    this.#place = place;
    this.#shownMs = nowMs;
    this.#live = [{ number: 0, endsMs: Infinity, used: false }];
  }

  shown(nowMs: number): ShownCode {
    this.#turn(nowMs);
    return { code: this.#codeOf(this.#newest.number), remainingMs: this.#shownMs + CODE_SHOWN_MS - nowMs };
  }

  /** Why a code would not be taken now; `null`: it would. */
  refusal(code: string, nowMs: number): CodeRefusal | null {
    const found = this.#find(code, nowMs);
    return typeof found === 'string' ? found : null;
  }

  /** Uses a code. `null`: it was good, and another is shown from now on where it was the shown one. */
  redeem(code: string, nowMs: number): CodeRefusal | null {
    const found = this.#find(code, nowMs);
    if (typeof found === 'string') return found;
    found.used = true;
    if (found === this.#newest) this.#show(nowMs);
    return null;
  }

  #find(code: string, nowMs: number): Live | CodeRefusal {
    this.#turn(nowMs);
    const number = this.#numberOf(code);
    if (number === null) return 'code-unknown';
    const found = this.#live.find((live) => live.number === number);
    if (found === undefined) return 'code-expired';
    return found.used ? 'code-used' : found;
  }

  get #newest(): Live {
    const newest = this.#live.at(-1);
    if (newest === undefined) throw new Error('a display always shows a code');
    return newest;
  }

  /** Turns the display as far as time has gone. */
  #turn(nowMs: number): void {
    // Of what was shown while nobody asked, only the last two can still be good.
    const skipped = Math.floor((nowMs - this.#shownMs) / CODE_SHOWN_MS) - 2;
    if (skipped > 0) {
      this.#newest.number += skipped;
      this.#shownMs += skipped * CODE_SHOWN_MS;
    }
    while (nowMs - this.#shownMs >= CODE_SHOWN_MS) this.#show(this.#shownMs + CODE_SHOWN_MS);
    this.#live = this.#live.filter(({ endsMs }) => nowMs < endsMs);
  }

  #show(atMs: number): void {
    const { number } = this.#newest;
    this.#newest.endsMs = atMs + CODE_SHOWN_MS;
    this.#live.push({ number: number + 1, endsMs: Infinity, used: false });
    this.#shownMs = atMs;
  }

  #codeOf(number: number): string {
    const text = number.toString(36);
    const mac = createHmac('sha256', this.#secret).update(`${this.#place} ${text}`).digest();
    return `${text}.${mac.subarray(0, MAC_BYTES).toString('base64url')}`;
  }

  /** The number of a code that this display made or will make, or `null`. */
  #numberOf(code: string): number | null {
    const number = Number.parseInt(code.split('.')[0] ?? '', 36);
    if (!Number.isSafeInteger(number) || number < 0) return null;
    const given = Buffer.from(code);
    const wanted = Buffer.from(this.#codeOf(number));
    const isOurs = given.length === wanted.length && timingSafeEqual(given, wanted);
    return isOurs && number <= this.#newest.number ? number : null;
  }
}
