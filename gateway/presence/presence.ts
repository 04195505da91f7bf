import type { DoorConfig } from '../../shared/contract/config.ts';
import type { CodeKind, CodeRefusal } from '../../shared/contract/presence.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import type { Clock } from '../clock/clock.ts';
import type { NonceSource } from '../credential/nonce.ts';
import { TokenBuckets } from '../limits/token-buckets.ts';
import { CODE_SHOWN_MS, RotatingCode, type ShownCode } from './rotating-code.ts';
import { Tickets, type PresenceTicket } from './tickets.ts';

/**
 * Codes that one address may take off one display: some phones of one family at once, then one for each time that the
 * display shows a code. Whoever takes every code as it appears has taken five, and the sixth is there to be read.
 */
const OF_ADDRESS = { burst: 5, everyMs: CODE_SHOWN_MS };

/** Addresses that are remembered at a display. To refuse new ones would keep out whoever comes after a thousand forged. */
const MEMORY = { sourcesMax: 1_024, whenFull: 'forget-oldest' } as const;

/** So many tickets that have opened nothing are no group that waits at the door: somebody takes codes away. */
const UNSPENT_MAX = 16;

/** What a code from the entrance came to. `busy`: its address has taken too many; the code is as good as before. */
export type Redemption =
  | { readonly kind: 'ticket'; readonly ticket: string; readonly nonce: string }
  | { readonly kind: 'refused'; readonly reason: CodeRefusal }
  | { readonly kind: 'busy'; readonly waitMs: number };

/** Codes are taken off a display, and nobody goes in by them. */
export interface CodesTaken {
  readonly door: string;
  readonly side: Side;
  /** Tickets that are out and have opened nothing. */
  readonly unspent: number;
}

export interface PresenceOptions {
  readonly doors: readonly Pick<DoorConfig, 'id' | 'code'>[];
  readonly nonces: NonceSource;
  readonly clock: Clock;
  /** 32 random bytes of this process: a restart ends every code and ticket, and the display shows another at once. */
  readonly secret: Uint8Array;
  /** Told at each redemption for as long as it lasts. */
  readonly onCodesTaken: (taken: CodesTaken) => void;
}

/** One display and what was read from it. Nothing of it is shared with another. */
interface Display {
  readonly codes: RotatingCode;
  readonly tickets: Tickets;
  readonly addresses: TokenBuckets;
  readonly watchers: Set<() => void>;
}

/**
 * Who is at the door: the rotating codes of its displays, and the tickets that they are redeemed for. All of it lives
 * in memory and needs no line: what was on the display before a restart is worth nothing after it.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #displays = new Map<string, Display>();

  constructor(options: PresenceOptions) {
    this.#options = options;
    const nowMs = options.clock.monotonicMs();
    for (const door of options.doors) {
      for (const side of ['entry', 'exit'] as const) {
        const place = placeOf(door.id, side);
        if (door.code[side] !== 'rotating') continue;
        this.#displays.set(place, {
          codes: new RotatingCode(options.secret, place, nowMs),
          tickets: new Tickets(),
          addresses: new TokenBuckets(OF_ADDRESS, MEMORY),
          watchers: new Set(),
        });
      }
    }
  }

  /** What is posted at a side of a door. */
  kindOf(door: string, side: Side): CodeKind {
    return this.#displays.has(placeOf(door, side)) ? 'rotating' : 'static';
  }

  /** What the display shows now, or `null` where there is none. */
  shown(door: string, side: Side): ShownCode | null {
    const display = this.#displays.get(placeOf(door, side));
    return display?.codes.shown(this.#options.clock.monotonicMs()) ?? null;
  }

  /** Tells when the shown code was used, so that the display shows the next at once. */
  onUsed(door: string, side: Side, listener: () => void): () => void {
    const watchers = this.#displays.get(placeOf(door, side))?.watchers;
    watchers?.add(listener);
    return () => watchers?.delete(listener);
  }

  /**
   * Takes a code off a display, at the cost of the address that it was sent from; a code that is not taken costs
   * nothing. Where nothing rotates there is nothing to take: `code-unknown`.
   *
   * @param source the network address (`sourceOf`)
   */
  redeem(door: string, side: Side, code: string, source: string): Redemption {
    const { clock, nonces, onCodesTaken } = this.#options;
    const nowMs = clock.monotonicMs();
    const display = this.#displays.get(placeOf(door, side));
    if (display === undefined) return { kind: 'refused', reason: 'code-unknown' };
    const { codes, tickets, addresses, watchers } = display;
    const tell = () => onCodesTaken({ door, side, unspent: tickets.unspent(nowMs) });
    const reason = codes.refusal(code, nowMs);
    if (reason !== null) return { kind: 'refused', reason };
    // Before the code is used up: it is good for somebody else, or in a moment.
    if (!addresses.take(source, nowMs)) {
      tell();
      return { kind: 'busy', waitMs: addresses.waitMs(source, nowMs) };
    }
    codes.redeem(code, nowMs);
    const nonce = nonces.issue();
    const ticket = tickets.issue(source, nonce, nowMs);
    for (const watcher of watchers) watcher();
    if (tickets.unspent(nowMs) >= UNSPENT_MAX) tell();
    return { kind: 'ticket', ticket, nonce };
  }

  /** A ticket of this side that has not ended. */
  ticket(door: string, side: Side, text: string | undefined): PresenceTicket | null {
    if (text === undefined) return null;
    const tickets = this.#displays.get(placeOf(door, side))?.tickets;
    return tickets?.find(text, this.#options.clock.monotonicMs()) ?? null;
  }
}

function placeOf(door: string, side: Side): string {
  return `${door}/${side}`;
}
