import { startBilling, type Billing, type SentReceipt } from '../venue/billing.ts';
import { EventStore } from '../venue/billing-store.ts';
import type { VenueTerms } from '../venue/billing-audit.ts';
import { createSigner, type Signer } from '../venue/signer.ts';

export interface BooksOptions {
  readonly brokerUrl: string;
  /** MQTT version of the broker. */
  readonly protocolVersion: 4 | 5;
  /** The venues served; may be added to as long as no event of theirs has come. */
  readonly terms: ReadonlyMap<string, VenueTerms>;
  /** File of the common store. */
  readonly store: string;
}

/** The reference billing service with its common store in a file, which a trial reads by a connection of its own. */
export class Books {
  readonly key: Signer;
  readonly billing: Billing;
  readonly #store: EventStore;
  readonly #desk: ReceiptDesk;

  private constructor(parts: { key: Signer; billing: Billing; store: EventStore; desk: ReceiptDesk }) {
    this.key = parts.key;
    this.billing = parts.billing;
    this.#store = parts.store;
    this.#desk = parts.desk;
  }

  static async open(options: BooksOptions): Promise<Books> {
    const key = await createSigner('cloud1');
    const desk: ReceiptDesk = { withheld: false };
    const billing = await startBilling({
      ...options,
      cloudKey: {
        ...key,
        // A signature that never comes is a receipt that is never sent.
        sign: (typ, claims) => (desk.withheld ? new Promise(() => undefined) : key.sign(typ, claims)),
      },
      nowMs: () => Date.now(),
    });
    return new Books({ key, billing, desk, store: new EventStore(options.store) });
  }

  /** Whether receipts are kept back: the service stores, and says nothing. */
  set receiptsWithheld(withheld: boolean) {
    this.#desk.withheld = withheld;
  }

  /** The common store as it stands in its file, one ledger in order. */
  stored(venue: string, epoch: string): ReturnType<EventStore['after']> {
    return this.#store.after(venue, epoch, 0);
  }

  /** How many events of a ledger the common store holds. */
  count(venue: string, epoch: string): number {
    return this.#store.count(venue, epoch);
  }

  /** Up to which number of a ledger the service has signed a receipt: it holds everything up to there. */
  custody(venue: string, epoch: string): number {
    const isOf = (receipt: SentReceipt) => receipt.venue === venue && receipt.epoch === epoch;
    return this.billing.receipts().findLast(isOf)?.seq ?? 0;
  }

  async close(): Promise<void> {
    this.#store.close();
    await this.billing.close();
  }
}

interface ReceiptDesk {
  withheld: boolean;
}
