import type { Logger } from 'pino';
import { PRESENTATION_BYTES_MAX } from '../../shared/contract/presentation.ts';
import {
  receiptClaimsSchema,
  receiptHeaderSchema,
  type CloudRequest,
  type ReceiptClaims,
} from '../../shared/contract/receipt.ts';
import { parseInstant, SECOND_MS } from '../../shared/time.ts';
import type { Clock } from '../clock/clock.ts';
import type { KeyRing } from '../tokens/key-ring.ts';
import { readSigned } from '../tokens/signed.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';

export interface CustodyOptions {
  readonly venue: string;
  readonly journal: Journal;
  readonly cloudKeys: KeyRing;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Asks for the cloud's signed receipts and applies them: only its word on what it holds empties the outbox. */
export class Custody {
  readonly #options: CustodyOptions;

  constructor(options: CustodyOptions) {
    this.#options = options;
  }

  /** The question how far the cloud has this epoch. */
  question(): CloudRequest {
    const { epoch, custody } = this.#options.journal;
    return { need: 'receipt', have: { epoch, seq: custody.seq } };
  }

  /** The questions of a birth: this epoch, and what an earlier one has left. */
  questions(): readonly CloudRequest[] {
    const carried = this.#options.journal.carried.first();
    if (carried === null) return [this.question()];
    const { epoch, seq } = carried;
    return [this.question(), { need: 'receipt', have: { epoch, seq: seq - 1 } }];
  }

  /**
   * Takes a receipt as it came; the next one when this one is done. Anything but a good one of this venue changes
   * nothing, and a disk that fails rejects nothing.
   */
  async take(token: string): Promise<void> {
    const { venue, cloudKeys, clock, log } = this.#options;
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
    // The cloud says it again; until then the events count as not received.
    tryWrite(() => this.#apply(receipt, token), faultTold(log, 'a receipt is not kept'));
  }

  #apply(receipt: ReceiptClaims, token: string): void {
    const { journal, log } = this.#options;
    const { epoch, seq, head, iat } = receipt;
    // Another epoch's receipt is of the journal that this one replaced.
    const isGood =
      epoch === journal.epoch
        ? journal.acceptCustody(seq, head, { token, atMs: iat * SECOND_MS })
        : journal.releaseCarried(receipt);
    if (seq > 0 && !isGood)
      log.error({ seq }, 'the cloud holds another ledger than this one: chain heads differ');
  }
}

/**
 * When the oldest event was recorded for which the cloud has signed no receipt, epoch milliseconds; `null` where it has
 * for all. What an earlier epoch left comes before anything of this one.
 */
export function oldestWaitingMs(journal: Journal): number | null {
  const { carried, custody } = journal;
  const [oldest] =
    carried.first() === null
      ? journal.eventsAfter(custody.seq, 1)
      : carried.after(carried.firstPlace() - 1, 1);
  return oldest === undefined ? null : parseInstant((JSON.parse(oldest.body) as { time: string }).time);
}
