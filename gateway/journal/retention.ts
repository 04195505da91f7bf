import type { Logger } from 'pino';
import { ANCHOR_TYPE, type CheckpointClaims } from '../../shared/contract/checkpoint.ts';
import { every, type Clock } from '../clock/clock.ts';
import type { GatewayKey } from '../tokens/signing-key.ts';
import { faultTold, tryWrite } from './fault.ts';
import type { Journal } from './journal.ts';

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;

/** How often the oldest rows are looked at. */
const LOOK_EVERY_MS = HOUR_MS;

/** Rows that leave the ledger in one transaction at most: the door must not wait for it. */
const REMOVED_AT_ONCE = 5_000;

export interface RetentionOptions {
  readonly venue: string;
  readonly journal: Journal;
  readonly key: GatewayKey;
  readonly clock: Clock;
  /** How long what the cloud has received is kept here. */
  readonly days: number;
  readonly log: Logger;
}

/** The name under which the journal keeps since when it has every stay, epoch milliseconds. */
export const STAYS_SINCE = 'staysSince';

/**
 * Lets rows go that the cloud has received and that are older than the venue keeps them. What is removed is answered for
 * by an anchor: a signed head at which the chain of the rest begins, so that `journal verify` still proves every row that
 * is there, and a row that somebody else removed is still missed.
 */
export class Retention {
  readonly #options: RetentionOptions;
  #cancel: (() => void) | null = null;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel = every(this.#options.clock, LOOK_EVERY_MS, () => this.look());
  }

  close(): void {
    this.#cancel?.();
  }

  /** Lets go of what is due now, at most a few thousand rows: the next hour goes on. */
  look(): void {
    const { venue, journal, key, clock, days, log } = this.#options;
    // By a clock that nobody vouches for the newest row might be old.
    if (journal.fault !== null || clock.trust() === 'untrusted') return;
    const beforeMs = clock.wallMs() - days * DAY_MS;
    tryWrite(
      () => {
        const due = removableTo(journal, beforeMs);
        if (due === null) return;
        const claims: CheckpointClaims = {
          venue,
          epoch: journal.epoch,
          ...due,
          iat: Math.floor(clock.wallMs() / 1000),
        };
        const removed = journal.write((writer) => {
          writer.facts.put('anchor', key.sign(ANCHOR_TYPE, claims));
          writer.signedHeads.removeTo(due.seq);
          writer.decisions.removeBefore(beforeMs);
          writer.stays.removeEnded(beforeMs);
          writer.facts.put(STAYS_SINCE, String(beforeMs));
          return writer.removeEventsTo(due.seq);
        });
        log.info({ to: due.seq, removed }, 'old rows leave the journal');
      },
      faultTold(log, 'old rows are kept'),
    );
  }
}

/**
 * Up to which row everything may be removed: signed, received by the cloud, and older than an instant; `null` where
 * nothing may. The newest row stays.
 */
function removableTo(
  journal: Journal,
  beforeMs: number,
): { readonly seq: number; readonly head: string } | null {
  const to = Math.min(journal.custody.seq, journal.lastSeq - 1);
  const seq = journal.signedHeads.newestBefore(beforeMs, to, REMOVED_AT_ONCE);
  const head = seq === null ? null : journal.headAt(seq);
  return seq === null || head === null ? null : { seq, head };
}
