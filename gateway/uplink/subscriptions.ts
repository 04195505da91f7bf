import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.ts';
import type { BrokerConnection } from './broker.ts';
import { pauseAfterMs, refusalOf } from './refusal.ts';

export interface SubscriptionsOptions {
  readonly connection: Pick<BrokerConnection, 'subscribe'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called when the broker has granted all that it had refused: what was said meanwhile has to be asked for. */
  readonly onGranted: () => void;
}

/**
 * The subscriptions of one connection. One that the broker refuses is asked for again at doubling pauses; no event waits
 * for it, since billing has the event then, whoever may not say so.
 */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  #refused: readonly string[] = [];
  #refusals = 0;
  #cancel: (() => void) | null = null;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** Topics that the broker refuses at the moment. */
  get refused(): readonly string[] {
    return this.#refused;
  }

  /** Resolves on SUBACK, whatever it says; rejects when the connection is lost. */
  async ask(topics: readonly string[]): Promise<void> {
    const { connection, clock, log, onGranted } = this.#options;
    const refused = await connection.subscribe(topics);
    this.#refused = [...refused.keys()];
    for (const [topic, reasonCode] of refused) {
      const { name, hint } = refusalOf(reasonCode);
      log.error({ topic, reason: name, hint }, 'the broker refused a subscription');
    }
    if (this.#refused.length > 0) {
      this.#cancel = clock.after(pauseAfterMs(this.#refusals), () => {
        this.ask(this.#refused).catch((error: unknown) => log.debug({ err: error }, 'not subscribed'));
      });
      this.#refusals += 1;
    } else if (this.#refusals > 0) {
      this.#refusals = 0;
      log.info('the broker grants every subscription again');
      onGranted();
    }
  }

  stop(): void {
    this.#cancel?.();
  }
}
