import type { Logger } from 'pino';
import { PRESENTATION_BYTES_MAX } from '../../shared/contract/presentation.ts';
import { receiptClaimsSchema, receiptHeaderSchema } from '../../shared/contract/receipt.ts';
import { SECOND_MS } from '../../shared/time.ts';
import type { Clock } from '../clock/clock.ts';
import type { KeyRing } from '../tokens/key-ring.ts';
import { readSigned } from '../tokens/signed.ts';
import { StorageFault, type Journal } from '../journal/journal.ts';

export interface ReceiptsOptions {
  readonly venue: string;
  readonly journal: Journal;
  readonly cloudKeys: KeyRing;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Applies the cloud's signed word on what it holds: only that empties the outbox. */
export class Receipts {
  readonly #options: ReceiptsOptions;
  /** One after the other: signatures are verified elsewhere. */
  #queue: Promise<void> = Promise.resolve();

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  /** Takes a receipt as it came; anything but a good one of this venue changes nothing. */
  take(token: string): void {
    this.#queue = this.#queue.then(() => this.#take(token));
  }

  /** Resolves when what was taken is done with: the journal may be closed then. */
  idle(): Promise<void> {
    return this.#queue;
  }

  async #take(token: string): Promise<void> {
    const { venue, journal, cloudKeys, clock, log } = this.#options;
    const receipt = await readSigned(
      token,
      receiptHeaderSchema,
      receiptClaimsSchema,
      cloudKeys,
      PRESENTATION_BYTES_MAX,
    );
    if (receipt?.venue !== venue) {
      log.warn('a receipt that is not signed by the cloud, or not for this venue, was ignored');
      return;
    }
    clock.witness(receipt.iat * SECOND_MS);
    const { epoch, seq, head } = receipt;
    try {
      // Another epoch's receipt is of the journal that this one replaced.
      const isGood =
        epoch === journal.epoch ? journal.acceptCustody(seq, head, token) : journal.releaseCarried(receipt);
      if (seq > 0 && !isGood) {
        log.error({ seq: receipt.seq }, 'the cloud holds another ledger than this one: chain heads differ');
      }
    } catch (fault) {
      if (!(fault instanceof StorageFault)) throw fault;
      // The cloud says it again; until then the events count as not received.
      log.error({ code: fault.code, hint: fault.hint }, 'storage fault: a receipt is not kept');
    }
  }
}
