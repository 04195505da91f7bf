import type { Logger } from 'pino';
import type * as z from 'zod';
import { checkpointClaimsSchema } from '../../shared/contract/checkpoint.ts';
import type { DomainEvent } from '../../shared/contract/events.ts';
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
import { parseStrictJson } from '../tokens/strict-json.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';

export interface CustodyOptions {
  /** Whether everything that an earlier epoch left was sent on this connection. Default: it was. */
  readonly hasSentCarried?: () => boolean;
  readonly venue: string;
  readonly gateway: string;
  readonly journal: Journal;
  readonly cloudKeys: KeyRing;
  readonly clock: Clock;
  readonly log: Logger;
  /** Events that the cloud had received are to be sent again. */
  readonly onReturned: () => void;
  /** The cloud has signed for another ledger than this one. Default: nobody counts. */
  readonly onWrongHead?: () => void;
}

/** Asks for the cloud's signed receipts and applies them: only its word on what it holds empties the outbox. */
export class Custody {
  readonly #options: CustodyOptions;
  /** When the newest receipt of this epoch was signed, epoch seconds. */
  #newestS: number;

  constructor(options: CustodyOptions) {
    this.#options = options;
    this.#newestS = keptClaims(options.journal.facts.get('receipt'), receiptClaimsSchema)?.iat ?? -Infinity;
  }

  /** The cloud was restored from a backup: what it has lost is sent again, as far as it is here. */
  #goBack({ seq, head, iat }: ReceiptClaims, token: string): void {
    const { journal, clock, log, gateway } = this.#options;
    const before = journal.custody.seq;
    const anchor = keptClaims(journal.facts.get('anchor'), checkpointClaimsSchema);
    const oldest = anchor?.seq ?? 0;
    const known = seq === 0 ? head : seq === oldest ? anchor?.head : journal.headAt(seq);
    if (seq >= oldest && known !== head) {
      this.#refuse(seq);
      return;
    }
    const place = seq === 0 && oldest === 0 ? { seq, head: null } : seq > oldest ? { seq, head } : null;
    const from = place ?? { seq: oldest, head: anchor?.head ?? null };
    journal.returnCustody(from, token, (writer) => {
      const write = (event: DomainEvent) => writer.append(event, clock.wallMs(), clock.trust());
      const returned = { from: seq + 1, to: before };
      write({ name: 'gateway.receipt-returned', subject: gateway, data: returned });
      // What has left the journal since its receipt nobody can send.
      if (from.seq > seq)
        write({ name: 'gateway.gap', subject: gateway, data: { from: seq + 1, to: from.seq } });
    });
    this.#newestS = iat;
    log.error({ from: seq + 1, to: before }, 'the cloud holds less than it had signed for: sending again');
    this.#options.onReturned();
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
    const { journal } = this.#options;
    const { epoch, seq, head, iat } = receipt;
    const isLess = epoch === journal.epoch && seq < journal.custody.seq;
    // An older word, come late or kept by another node, says less as well; the newest is what holds.
    if (isLess && iat > this.#newestS) {
      this.#goBack(receipt, token);
      return;
    }
    if (epoch === journal.epoch && !isLess) this.#newestS = Math.max(this.#newestS, iat);
    // Another epoch's receipt is of the journal that this one replaced.
    const isGood =
      epoch === journal.epoch
        ? journal.acceptCustody(seq, head, { token, atMs: iat * SECOND_MS })
        : journal.releaseCarried(receipt, this.#options.hasSentCarried?.() ?? true);
    if (seq > 0 && !isGood) this.#refuse(seq);
  }

  #refuse(seq: number): void {
    const { log, onWrongHead } = this.#options;
    log.error({ seq }, 'the cloud holds another ledger than this one: chain heads differ');
    onWrongHead?.();
  }
}

/** Claims of a token that was verified when it was kept. */
function keptClaims<S extends z.ZodType>(token: string | null, schema: S): z.infer<S> | null {
  if (token === null) return null;
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url');
  const claims = schema.safeParse(parseStrictJson(payload));
  return claims.success ? claims.data : null;
}

/** The oldest event that was found waiting: asked for all the time, it is the same for as long as the line is down. */
const oldest = new WeakMap<
  Journal,
  { readonly epoch: string; readonly seq: number; readonly atMs: number }
>();

/**
 * When the oldest event was recorded for which the cloud has signed no receipt, epoch milliseconds; `null` where it has
 * for all. What an earlier epoch left comes before anything of this one.
 */
export function oldestWaitingMs(journal: Journal): number | null {
  const { carried, custody } = journal;
  const earlier = carried.first();
  if (earlier === null && custody.seq >= journal.lastSeq) return null;
  const { epoch, seq } = earlier ?? { epoch: journal.epoch, seq: custody.seq + 1 };
  const known = oldest.get(journal);
  if (known?.epoch === epoch && known.seq === seq) return known.atMs;
  const [row] =
    earlier === null ? journal.eventsAfter(custody.seq, 1) : carried.after(carried.firstPlace() - 1, 1);
  if (row === undefined) return null;
  const atMs = parseInstant((JSON.parse(row.body) as { time: string }).time);
  oldest.set(journal, { epoch, seq, atMs });
  return atMs;
}
