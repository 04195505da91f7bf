import { join } from 'node:path';
import type { VenueTerms } from '../venue/billing-audit.ts';
import { layLine, type Line } from '../venue/line.ts';
import { Mosquitto } from '../venue/mosquitto.ts';
import { Books } from './books.ts';
import { countPubacks } from './pubacks.ts';

/**
 * What stands behind the line: a real Mosquitto, which can be killed the moment it has acknowledged something, and the
 * reference billing service with its common store in a file.
 */
export class Cloud {
  readonly broker: Mosquitto;
  readonly line: Line;
  readonly books: Books;
  /** Kills of the broker so far. */
  brokerKills = 0;
  readonly #acknowledged: Acknowledgements;
  #rising: Promise<void> = Promise.resolve();

  private constructor(parts: {
    broker: Mosquitto;
    line: Line;
    books: Books;
    acknowledged: Acknowledgements;
  }) {
    this.broker = parts.broker;
    this.line = parts.line;
    this.books = parts.books;
    this.#acknowledged = parts.acknowledged;
  }

  /** @param terms the venues served; may be added to as long as no event of theirs has come */
  static async open(folder: string, terms: ReadonlyMap<string, VenueTerms>): Promise<Cloud> {
    const broker = await Mosquitto.start({ folder: join(folder, 'broker') });
    const acknowledged = new Acknowledgements();
    const line = await layLine(broker.port, () => countPubacks(() => acknowledged.count()));
    const store = join(folder, 'store.sqlite');
    const books = await Books.open({ brokerUrl: broker.url, protocolVersion: 5, terms, store });
    return new Cloud({ broker, line, books, acknowledged });
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

  async close(): Promise<void> {
    await this.settle();
    await this.books.close();
    await this.line.close();
    await this.broker.kill();
  }
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
