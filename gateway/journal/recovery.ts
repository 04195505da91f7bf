import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.ts';
import { tryWrite, type StorageFault } from './fault.ts';
import type { Journal } from './journal.ts';

/** First pause before the journal is opened again, and the longest, in milliseconds. */
const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** How long the end of the process is put off for the disk's sake: well within the unit's `TimeoutStopSec`; and how often it is tried. */
const LAST_ATTEMPTS_MS = 8_000;
const LAST_ATTEMPT_EVERY_MS = 500;

export interface RecoveryOptions {
  readonly journal: Journal;
  readonly gateway: string;
  readonly clock: Clock;
  /** Called when the journal can be written again. */
  readonly onRecovered: () => void;
  /** Called a moment after the file was found damaged: whoever runs the gateway starts it on a new journal. */
  readonly onDamaged: () => void;
  readonly log: Logger;
}

/**
 * Brings the journal back after a fault that may pass by itself: a full disk, a disk that was read-only, a write that
 * failed. The pause doubles with every attempt. Then the fault is journalled, and what waited for the disk is done. A
 * file that is damaged is not tried again.
 */
export class Recovery {
  readonly #options: RecoveryOptions;
  #pauseMs = FIRST_MS;
  /** Of the fault that it began with; what follows from it is told by the log. */
  #code: string | null = null;
  #cancel: (() => void) | null = null;
  #stopListening: (() => void) | null = null;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  start(): void {
    const { journal, log } = this.#options;
    this.#stopListening = journal.onFault((fault) => {
      log.error({ code: fault.code, retry: fault.retry, hint: fault.hint }, 'storage fault: no entry');
      this.#code ??= fault.code;
      if (this.#cancel === null) this.#tryLater(fault);
    });
  }

  close(): void {
    this.#stopListening?.();
    this.#cancel?.();
  }

  /**
   * Ends the attempts; first, while something waits in memory that would go with the process, tries until it is on disk,
   * for 8 s at most. A fault that no attempt ends is not waited for.
   *
   * @param isWaiting whether something waits still
   * @param record puts it on disk, or leaves it waiting
   */
  async finish(isWaiting: () => boolean, record: () => void): Promise<void> {
    const { journal, clock } = this.#options;
    this.close();
    const endMs = clock.monotonicMs() + LAST_ATTEMPTS_MS;
    for (;;) {
      const isOpen = journal.fault?.retry === 'auto' ? this.#reopen() : journal.fault === null;
      if (isWaiting() && isOpen) record();
      const mayPass = journal.fault === null || journal.fault.retry === 'auto';
      if (!isWaiting() || !mayPass || clock.monotonicMs() >= endMs) return;
      await new Promise<void>((resolve) => clock.after(LAST_ATTEMPT_EVERY_MS, resolve));
    }
  }

  #tryLater(fault: StorageFault): void {
    const { clock, onDamaged } = this.#options;
    if (fault.retry === 'anew') this.#cancel = clock.after(FIRST_MS, onDamaged);
    if (fault.retry !== 'auto') return;
    this.#cancel = clock.after(this.#pauseMs, () => {
      this.#cancel = null;
      this.#pauseMs = Math.min(LONGEST_MS, this.#pauseMs * 2);
      this.#attempt();
    });
  }

  #attempt(): void {
    const { journal, onRecovered } = this.#options;
    if (this.#reopen()) onRecovered();
    else if (this.#cancel === null && journal.fault !== null) this.#tryLater(journal.fault);
  }

  /** Whether the journal can be written again; then the fault is journalled. */
  #reopen(): boolean {
    const { journal, gateway, clock, log } = this.#options;
    const code = this.#code ?? journal.fault?.code ?? '';
    const event = { name: 'gateway.storage-degraded', subject: gateway, data: { code } } as const;
    const isOpen = tryWrite(
      () => {
        journal.recover();
        journal.write((writer) => writer.append(event, clock.wallMs(), clock.trust()));
        return true;
      },
      () => false,
    );
    if (!isOpen) return false;
    this.#pauseMs = FIRST_MS;
    this.#code = null;
    log.warn({ code }, 'storage recovered');
    return true;
  }
}
