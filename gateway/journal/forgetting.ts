import type { Logger } from 'pino';
import { HOUR_MS } from '../../shared/time.ts';
import { every, type Clock } from '../clock/clock.ts';
import { faultTold, tryWrite } from './fault.ts';
import type { Journal } from './journal.ts';

/** How often credentials that are refused for their age are forgotten, and how long after it, in milliseconds. */
const FORGET_EVERY_MS = HOUR_MS;
const FORGET_MARGIN_MS = 24 * HOUR_MS;

export interface ForgettingOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Forgets single-use credentials and commands once nobody could use them again anyway. */
export class Forgetting {
  readonly #options: ForgettingOptions;
  #cancel: () => void = () => undefined;

  constructor(options: ForgettingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel = every(this.#options.clock, FORGET_EVERY_MS, () => this.#forget());
  }

  close(): void {
    this.#cancel();
  }

  #forget(): void {
    const { journal, clock, log } = this.#options;
    tryWrite(
      () => forget(journal, clock.wallMs() - FORGET_MARGIN_MS),
      faultTold(log, 'old credentials are kept'),
    );
  }
}

/** Forgets the credentials and commands that expired before an instant. */
export function forget(journal: Journal, expiredBeforeMs: number): void {
  journal.write((writer) => {
    writer.presentations.forget(expiredBeforeMs);
    writer.usedCommands.forget(expiredBeforeMs);
  });
}
