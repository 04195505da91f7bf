import type { InboundBounds, InboundMessage } from './broker.ts';

/**
 * Takes a message of its topic. One that returns a promise is given the next message when it is settled. `refused`, or a
 * promise of it: the message was none of the cloud's, so what was asked is not answered.
 */
export type MessageListener = (message: InboundMessage) => unknown;

/**
 * Hands over what the cloud says: for each topic one message after another, in the order of their coming, although
 * signatures are verified elsewhere and may be done in any order. Topics do not wait for each other.
 */
export class Inbox {
  readonly #listeners = new Map<string, MessageListener>();
  readonly #bytesMax = new Map<string, number>();
  /** By topic: fulfilled when all that has come so far is done. */
  readonly #done = new Map<string, Promise<void>>();

  /** Topics that somebody listens to, in the order in which they began to. */
  get topics(): readonly string[] {
    return [...this.#listeners.keys()];
  }

  /** How much is taken of each topic; nothing of one that nobody listens to. */
  get bounds(): Omit<InboundBounds, 'isKept'> {
    return {
      bytesMax: (topic) => this.#bytesMax.get(topic) ?? 0,
      largest: Math.max(0, ...this.#bytesMax.values()),
    };
  }

  /**
   * One listener for each topic; a later one takes the place of the earlier.
   *
   * @param bytesMax largest message that is kept
   */
  listen(topic: string, bytesMax: number, listener: MessageListener): void {
    this.#listeners.set(topic, listener);
    this.#bytesMax.set(topic, bytesMax);
  }

  /** Takes a message as it came; one that nobody listens for is passed over. */
  take(topic: string, message: InboundMessage): void {
    const listener = this.#listeners.get(topic);
    if (listener === undefined) return;
    const before = this.#done.get(topic) ?? Promise.resolve();
    const work = before.then(() => listener(message));
    this.#done.set(topic, work.then(ignore, ignore));
    // One that rejects has a bug: nobody handles this promise, so the process ends by it as by any other.
    void work.then(ignore);
  }

  /** Resolves when everything that was taken is done. Never rejects. */
  async idle(): Promise<void> {
    await Promise.all(this.#done.values());
  }
}

const ignore = (): void => undefined;
