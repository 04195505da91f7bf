import { MINUTE_MS, SECOND_MS } from '../../shared/time.ts';
import type { CloudRequest } from '../../shared/contract/receipt.ts';
import type { Clock } from '../clock/clock.ts';

/** First pause before what nobody has answered is asked again, and the longest, in milliseconds. */
const FIRST_PAUSE_MS = 20 * SECOND_MS;
const LONGEST_PAUSE_MS = 16 * MINUTE_MS;

export interface QuestionsOptions {
  readonly clock: Clock;
  readonly ask: (request: CloudRequest) => void;
}

/**
 * What the cloud is asked at each birth, and again at doubling pauses until it answers: whoever could have was away, or
 * the broker has lost the question, or the answer. What is retained may spare the question and is never relied on.
 */
export class Questions {
  readonly #options: QuestionsOptions;
  readonly #questions: (() => CloudRequest | null)[] = [];
  readonly #open = new Set<CloudRequest['need']>();
  #pauseMs = FIRST_PAUSE_MS;
  #cancel: (() => void) | null = null;

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  add(question: () => CloudRequest | null): void {
    this.#questions.push(question);
  }

  /** Everything that there is to ask now. */
  all(): readonly CloudRequest[] {
    return this.#questions.flatMap((ask) => ask() ?? []);
  }

  /** They were put at a birth. */
  begin(): void {
    for (const { need } of this.all()) this.#open.add(need);
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#wait();
  }

  /** The cloud has answered, if only that there is nothing new. */
  answered(need: CloudRequest['need']): void {
    this.#open.delete(need);
  }

  /** The connection is over. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#open.clear();
  }

  #wait(): void {
    this.#cancel?.();
    this.#cancel = this.#options.clock.after(this.#pauseMs, () => {
      for (const request of this.all()) if (this.#open.has(request.need)) this.#options.ask(request);
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
      if (this.#open.size > 0) this.#wait();
    });
  }
}
