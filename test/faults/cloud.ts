import { join } from 'node:path';
import { startBilling, type Billing, type SentReceipt } from '../venue/billing.ts';
import { EventStore } from '../venue/billing-store.ts';
import type { VenueTerms } from '../venue/billing-audit.ts';
import { layLine, type Line } from '../venue/line.ts';
import { Mosquitto } from '../venue/mosquitto.ts';
import { createSigner, type Signer } from '../venue/signer.ts';
import { countPubacks } from './pubacks.ts';

/**
 * What stands behind the line: a real Mosquitto, which can be killed the moment it has acknowledged something, and the
 * reference billing service with its common store in a file.
 */
export class Cloud {
  readonly broker: Mosquitto;
  readonly line: Line;
  readonly billing: Billing;
  readonly key: Signer;
  /** Kills of the broker so far. */
  brokerKills = 0;
  readonly #store: EventStore;
  readonly #desk: ReceiptDesk;
  readonly #acknowledged: Acknowledgements;
  #rising: Promise<void> = Promise.resolve();

  private constructor(parts: {
    broker: Mosquitto;
    line: Line;
    billing: Billing;
    key: Signer;
    desk: ReceiptDesk;
    store: EventStore;
    acknowledged: Acknowledgements;
  }) {
    this.broker = parts.broker;
    this.line = parts.line;
    this.billing = parts.billing;
    this.key = parts.key;
    this.#desk = parts.desk;
    this.#store = parts.store;
    this.#acknowledged = parts.acknowledged;
  }

  /** @param terms the venues served; may be added to as long as no event of theirs has come */
  static async open(folder: string, terms: ReadonlyMap<string, VenueTerms>): Promise<Cloud> {
    const broker = await Mosquitto.start({ folder: join(folder, 'broker') });
    const acknowledged = new Acknowledgements();
    const line = await layLine(broker.port, () => countPubacks(() => acknowledged.count()));
    const key = await createSigner('cloud1');
    const desk: ReceiptDesk = { withheld: false };
    const store = join(folder, 'store.sqlite');
    const billing = await startBilling({
      brokerUrl: broker.url,
      cloudKey: {
        ...key,
        // A signature that never comes is a receipt that is never sent.
        sign: (typ, claims) => (desk.withheld ? new Promise(() => undefined) : key.sign(typ, claims)),
      },
      terms,
      store,
      nowMs: () => Date.now(),
      protocolVersion: 5,
    });
    return new Cloud({ broker, line, billing, key, desk, store: new EventStore(store), acknowledged });
  }

  /** Whether receipts are kept back: the service stores, and says nothing. */
  set receiptsWithheld(withheld: boolean) {
    this.#desk.withheld = withheld;
  }

  /** Kills the broker when so many more events were acknowledged, in the same turn, and starts it again. */
  killBrokerAfter(pubacks: number): void {
    this.#acknowledged.after(pubacks, () => {
      this.brokerKills += 1;
      const killed = this.broker.kill();
      this.#rising = killed.then(() => this.broker.restart());
    });
  }

  /** Calls off a kill that has not come yet, and waits until the broker is up. */
  async settle(): Promise<void> {
    this.#acknowledged.after(0, null);
    await this.#rising;
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
    await this.settle();
    this.#store.close();
    await this.billing.close();
    await this.line.close();
    await this.broker.kill();
  }
}

interface ReceiptDesk {
  withheld: boolean;
}

/** PUBACKs that went to gateways, and what is to happen at one of them. */
class Acknowledgements {
  #left = 0;
  #reached: (() => void) | null = null;

  after(pubacks: number, reached: (() => void) | null): void {
    this.#left = pubacks;
    this.#reached = reached;
  }

  count(): void {
    if (this.#reached === null) return;
    this.#left -= 1;
    if (this.#left > 0) return;
    const reached = this.#reached;
    this.#reached = null;
    reached();
  }
}
