import type { Logger } from 'pino';
import { CHECKPOINT_TYPE, type CheckpointClaims } from '../../shared/contract/checkpoint.ts';
import { every, type Clock } from '../clock/clock.ts';
import type { GatewayKey } from '../tokens/signing-key.ts';
import { faultTold, tryWrite } from './fault.ts';
import type { Journal } from './journal.ts';

/** Events after which the next checkpoint is due. */
const EVERY_EVENTS = 100;

/** Milliseconds after which a checkpoint is due if there was any event. */
const EVERY_MS = 60_000;

export interface CheckpointsOptions {
  readonly venue: string;
  readonly journal: Journal;
  readonly key: GatewayKey;
  readonly clock: Clock;
  readonly publish: (token: string) => void;
  readonly log: Logger;
}

/**
 * Signs the head of the ledger, every hundred events or every minute in which there was one. Whoever rewrites the
 * journal and its hashes meets the last signed head, and the copy that was published.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  #signedSeq = 0;
  #cancel: (() => void) | null = null;
  #stopListening: (() => void) | null = null;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
  }

  start(): void {
    const { journal, publish } = this.#options;
    const newest = journal.signedHeads.newest();
    this.#signedSeq = newest?.seq ?? 0;
    // The last one may have been signed while the line was down, or just before the power was cut.
    if (newest !== null) publish(newest.token);
    this.#stopListening = journal.onAppend(() => {
      if (journal.lastSeq - this.#signedSeq >= EVERY_EVENTS) this.#sign();
    });
    this.#cancel = every(this.#options.clock, EVERY_MS, () => this.#sign());
  }

  /** Signs what is not signed yet, so that a gateway that was stopped leaves no unsigned end. */
  close(): void {
    this.#cancel?.();
    this.#stopListening?.();
    this.#sign();
  }

  #sign(): void {
    const { venue, journal, key, clock, publish, log } = this.#options;
    const { epoch, lastSeq: seq, head } = journal;
    if (seq === this.#signedSeq || journal.fault !== null) return;
    const atMs = clock.wallMs();
    const claims: CheckpointClaims = { venue, epoch, seq, head, iat: Math.floor(atMs / 1000) };
    const token = key.sign(CHECKPOINT_TYPE, claims);
    // Where it is not kept, the next one answers for these events as well.
    tryWrite(
      () => {
        journal.write((writer) => writer.signedHeads.put({ seq, atMs, token }));
        this.#signedSeq = seq;
        publish(token);
      },
      faultTold(log, 'a checkpoint is not kept'),
    );
  }
}
