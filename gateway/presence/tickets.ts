import { randomBytes } from 'node:crypto';
import { memberKey, type Member, type MemberKey } from '../../shared/contract/member.ts';
import { PRESENCE_LIFETIME_S } from '../../shared/contract/presence.ts';

/** Bytes of a ticket: not to be guessed. */
const TICKET_BYTES = 16;

/** Tickets of one side of a door that may be out at a time. Each stands for a code that was read from its display. */
const TICKETS_MAX = 256;

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

interface Issued extends PresenceTicket {
  readonly source: string;
  readonly endsMs: number;
  readonly isSpent: boolean;
}

/**
 * The tickets of one side of a door: another side's are no business of theirs. Monotonic time in milliseconds.
 *
 * Where too many are out, the oldest of the source that holds most is let go: whoever collects tickets loses their own,
 * and a member with one loses none to somebody with two.
 */
export class Tickets {
  readonly #out = new Map<string, Issued>();

  /** @param source the network address that read the code (`sourceOf`) */
  issue(source: string, nonce: string, nowMs: number): string {
    this.#forgetEnded(nowMs);
    if (this.#out.size >= TICKETS_MAX) this.#letOneGo();
    const ticket = newTicket();
    this.#out.set(ticket, issued(source, nonce, nowMs + PRESENCE_LIFETIME_S * 1_000));
    return ticket;
  }

  /** A ticket that has not ended. */
  find(ticket: string, nowMs: number): PresenceTicket | null {
    const found = this.#out.get(ticket);
    return found !== undefined && nowMs < found.endsMs ? found : null;
  }

  /** How many are out that have opened nothing. */
  unspent(nowMs: number): number {
    return [...this.#out.values()].filter(({ isSpent, endsMs }) => !isSpent && nowMs < endsMs).length;
  }

  #forgetEnded(nowMs: number): void {
    for (const [ticket, { endsMs }] of this.#out) if (endsMs <= nowMs) this.#out.delete(ticket);
  }

  #letOneGo(): void {
    const held = new Map<string, { readonly oldest: string; readonly count: number }>();
    for (const [ticket, { source }] of this.#out) {
      const { oldest, count } = held.get(source) ?? { oldest: ticket, count: 0 };
      held.set(source, { oldest, count: count + 1 });
    }
    const [most] = [...held.values()].sort((a, b) => b.count - a.count);
    if (most !== undefined) this.#out.delete(most.oldest);
  }
}

/** The text of a ticket. Where a sheet is posted it is given out too and proves nothing: one way for every page. */
export function newTicket(): string {
  return randomBytes(TICKET_BYTES).toString('base64url');
}

function issued(source: string, nonce: string, endsMs: number): Issued {
  let spentBy: MemberKey | null = null;
  return {
    source,
    nonce,
    endsMs,
    get isSpent() {
      return spentBy !== null;
    },
    standing: (member) => (spentBy === null ? 'good' : spentBy === memberKey(member) ? 'spent' : 'none'),
    spend: (member) => {
      spentBy ??= memberKey(member);
    },
  };
}
