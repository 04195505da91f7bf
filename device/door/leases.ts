import type { Lease, LeaseOutcome } from '../ports.ts';
import { protocol } from '../protocol.generated.ts';
import type { Result } from '../protocol.generated.ts';

/** How long a lease waits for its ack, and when it is sent once more, in milliseconds. */
export interface LeaseTiming {
  readonly ackMs: number;
  readonly resendMs: number;
}

const LEASE_TIMING: LeaseTiming = { ackMs: 500, resendMs: 150 };

/** Ids kept to tell an answer to our own resend from one to a former `pulse`; as many as the firmware keeps. */
const IDS_REMEMBERED = protocol.limits.leaseIdsRemembered;

/** A lease, and how many times its host had secured the door when it was ordered. */
export interface LeaseOrder extends Lease {
  readonly fence: number;
}

interface Pending {
  /** It would release the lock, so that a `secure` ends it. */
  readonly releases: boolean;
  readonly sequences: Set<number>;
  readonly sendAgain: () => void;
  readonly settle: (outcome: LeaseOutcome) => void;
  readonly repeatedMeans: LeaseOutcome;
}

/** What of one boot waits for the firmware's word: leases, and whatever else is answered with an ack. */
export class LeaseExchange {
  readonly #send: (order: LeaseOrder) => number;
  readonly #timing: LeaseTiming;
  readonly #pending = new Set<Pending>();
  readonly #sentIds = new Set<number>();

  /** @param send puts a lease on the line and returns the sequence number of its frame */
  constructor(send: (order: LeaseOrder) => number, timing: LeaseTiming = LEASE_TIMING) {
    this.#send = send;
    this.#timing = timing;
  }

  /** Sends a lease, and once more if no ack comes. A lease outside of the firmware's limits is refused unsent. */
  pulse(order: LeaseOrder): Promise<LeaseOutcome> {
    if (!withinLimits(order)) return Promise.resolve('refused');
    // The first word for an id is our own doing even if it says repeated: then only the ack of it was lost.
    const repeatedMeans = this.#sentIds.has(order.id) ? 'repeated' : 'accepted';
    this.#remember(order.id);
    return this.#exchange(() => this.#send(order), true, repeatedMeans);
  }

  /** Sends a hold-open, or its renewal, and waits for its ack in the same way. */
  hold(send: () => number): Promise<LeaseOutcome> {
    return this.#exchange(send, true);
  }

  /** Sends what may be sent twice without harm and releases nothing, and waits for its ack in the same way. */
  ask(send: () => number): Promise<LeaseOutcome> {
    return this.#exchange(send, false);
  }

  /** To be called before a `secure` is sent: what would release the lock is not sent again, and its answer is moot. */
  supersede(): void {
    for (const pending of [...this.#pending]) if (pending.releases) pending.settle('superseded');
  }

  /** Takes an ack. One that answers no waiting lease is of no interest here. */
  acknowledged(sequence: number, result: Result): void {
    for (const pending of this.#pending) {
      if (!pending.sequences.has(sequence)) continue;
      switch (result) {
        case 'accepted':
          pending.settle('accepted');
          return;
        case 'repeated':
          pending.settle(pending.repeatedMeans);
          return;
        case 'bad-crc':
          // The frame was damaged on its way and not obeyed: send it again now, or be unreachable in the end.
          pending.sendAgain();
          return;
        case 'superseded':
          pending.settle('superseded');
          return;
        case 'stale-boot':
        case 'out-of-range':
        case 'bad-length':
        case 'unknown-type':
        case 'busy':
          pending.settle('refused');
          return;
      }
    }
  }

  /** No answer will come any more: everything that waits is unreachable. */
  abandon(): void {
    for (const pending of [...this.#pending]) pending.settle('unreachable');
  }

  #exchange(
    send: () => number,
    releases: boolean,
    repeatedMeans: LeaseOutcome = 'accepted',
  ): Promise<LeaseOutcome> {
    return new Promise((resolve) => {
      const sequences = new Set([send()]);
      const sendAgain = (): void => {
        clearTimeout(resend);
        if (sequences.size === 1) sequences.add(send());
      };
      const settle = (outcome: LeaseOutcome): void => {
        clearTimeout(resend);
        clearTimeout(limit);
        this.#pending.delete(pending);
        resolve(outcome);
      };
      const pending: Pending = { releases, sequences, sendAgain, settle, repeatedMeans };
      const resend = setTimeout(sendAgain, this.#timing.resendMs);
      const limit = setTimeout(() => settle('unreachable'), this.#timing.ackMs);
      this.#pending.add(pending);
    });
  }

  #remember(id: number): void {
    this.#sentIds.delete(id);
    this.#sentIds.add(id);
    const [oldest] = this.#sentIds;
    if (this.#sentIds.size > IDS_REMEMBERED && oldest !== undefined) this.#sentIds.delete(oldest);
  }
}

function withinLimits({ id, durationMs }: Lease): boolean {
  return (
    Number.isInteger(id) &&
    id >= 0 &&
    id <= 0xffff_ffff &&
    Number.isInteger(durationMs) &&
    durationMs >= protocol.limits.leaseMsMin &&
    durationMs <= protocol.limits.leaseMsMax
  );
}
