import { randomBytes } from 'node:crypto';
import type { DoorConfig } from '../../shared/contract/config.ts';
import { memberKey, type Member, type MemberKey } from '../../shared/contract/member.ts';
import { PRESENCE_LIFETIME_S, type CodeKind, type CodeRefusal } from '../../shared/contract/presence.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import type { Clock } from '../clock/clock.ts';
import type { NonceSource } from '../credential/nonce.ts';
import { RotatingCode, type ShownCode } from './rotating-code.ts';

/** Tickets that may be out at a time. Each stands for a code that was read from a display. */
const TICKETS_MAX = 1_024;

/** Bytes of a ticket: not to be guessed. */
const TICKET_BYTES = 16;

/**
 * What a ticket says for a member. `good`: they are at the door. `spent`: the ticket has opened the door to this
 * member, who may still ask again for the same answer. `none`: somebody else's grant, or no ticket that we know.
 */
export type Standing = 'good' | 'spent' | 'none';

/** Proof that somebody read the display of a door: good for 90 seconds, one grant, and proofs over its nonce. */
export interface PresenceTicket {
  /** The only DPoP nonce that a proof beside this ticket may carry. */
  readonly nonce: string;
  standing(member: Member): Standing;
  /** To be called with the grant, in the same turn of the event loop as `standing`. */
  spend(member: Member): void;
}

/** What a code from the entrance came to. */
export type Redemption =
  | { readonly kind: 'ticket'; readonly ticket: string; readonly nonce: string }
  | { readonly kind: 'refused'; readonly reason: CodeRefusal | 'busy' };

interface Issued extends PresenceTicket {
  readonly place: string;
  readonly endsMs: number;
}

export interface PresenceOptions {
  readonly doors: readonly Pick<DoorConfig, 'id' | 'code'>[];
  readonly nonces: NonceSource;
  readonly clock: Clock;
  /** 32 random bytes of this process: a restart ends every code and ticket, and the display shows another at once. */
  readonly secret: Uint8Array;
}

/**
 * Who is at the door: the rotating codes of its displays, and the tickets that they are redeemed for. All of it lives
 * in memory and needs no line: what was on the display before a restart is worth nothing after it.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #codes = new Map<string, RotatingCode>();
  readonly #tickets = new Map<string, Issued>();
  readonly #watchers = new Map<string, Set<() => void>>();

  constructor(options: PresenceOptions) {
    this.#options = options;
    const nowMs = options.clock.monotonicMs();
    for (const door of options.doors) {
      for (const side of ['entry', 'exit'] as const) {
        const place = placeOf(door.id, side);
        if (door.code[side] === 'rotating')
          this.#codes.set(place, new RotatingCode(options.secret, place, nowMs));
      }
    }
  }

  /** What is posted at a side of a door. */
  kindOf(door: string, side: Side): CodeKind {
    return this.#codes.has(placeOf(door, side)) ? 'rotating' : 'static';
  }

  /** What the display shows now, or `null` where there is none. */
  shown(door: string, side: Side): ShownCode | null {
    return this.#codes.get(placeOf(door, side))?.shown(this.#options.clock.monotonicMs()) ?? null;
  }

  /** Tells when the shown code was used, so that the display shows the next at once. */
  onUsed(door: string, side: Side, listener: () => void): () => void {
    const place = placeOf(door, side);
    const watchers = this.#watchers.get(place) ?? new Set();
    this.#watchers.set(place, watchers.add(listener));
    return () => watchers.delete(listener);
  }

  /** Takes a code off a display. Where nothing rotates there is nothing to take: `code-unknown`. */
  redeem(door: string, side: Side, code: string): Redemption {
    const { clock, nonces } = this.#options;
    const nowMs = clock.monotonicMs();
    const place = placeOf(door, side);
    for (const [id, { endsMs }] of this.#tickets) if (endsMs <= nowMs) this.#tickets.delete(id);
    // Before the code is used up: it is good for somebody else, or in a moment.
    if (this.#tickets.size >= TICKETS_MAX) return { kind: 'refused', reason: 'busy' };
    const codes = this.#codes.get(place);
    const reason = codes === undefined ? 'code-unknown' : codes.redeem(code, nowMs);
    if (reason !== null) return { kind: 'refused', reason };
    const ticket = newTicket();
    const nonce = nonces.issue();
    this.#tickets.set(ticket, issued(place, nonce, nowMs + PRESENCE_LIFETIME_S * 1_000));
    this.#watchers.get(place)?.forEach((tell) => tell());
    return { kind: 'ticket', ticket, nonce };
  }

  /** A ticket of this side that has not ended. */
  ticket(door: string, side: Side, text: string | undefined): PresenceTicket | null {
    const found = text === undefined ? undefined : this.#tickets.get(text);
    const isGood = found?.place === placeOf(door, side) && this.#options.clock.monotonicMs() < found.endsMs;
    return isGood ? found : null;
  }
}

/** The text of a ticket. Where a sheet is posted it is given out too and proves nothing: one way for every page. */
export function newTicket(): string {
  return randomBytes(TICKET_BYTES).toString('base64url');
}

function issued(place: string, nonce: string, endsMs: number): Issued {
  let spentBy: MemberKey | null = null;
  return {
    place,
    nonce,
    endsMs,
    standing: (member) => (spentBy === null ? 'good' : spentBy === memberKey(member) ? 'spent' : 'none'),
    spend: (member) => {
      spentBy ??= memberKey(member);
    },
  };
}

function placeOf(door: string, side: Side): string {
  return `${door}/${side}`;
}
