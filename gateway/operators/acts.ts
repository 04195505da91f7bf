import { ulid } from 'ulid';
import type { DomainEvent, OperatorAct } from '../../shared/contract/events.ts';
import type { Clock } from '../clock/clock.ts';
import { tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';

/** What somebody did at the console that is no command to a door or a stay. */
export interface Act {
  readonly cmd: OperatorAct;
  readonly by: string;
  readonly reason?: string;
  readonly target?: string | null;
  readonly effect: string;
}

export interface ActsOptions {
  readonly venue: string;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** Journals what operators do at the console, and what they were refused. */
export class Acts {
  readonly #options: ActsOptions;

  constructor(options: ActsOptions) {
    this.#options = options;
  }

  done({ cmd, by, reason = '', target = null, effect }: Act): void {
    const command = ulid(this.#options.clock.wallMs());
    const data = { command, cmd, via: 'console', by, reason, target, effect } as const;
    this.#write({ name: 'command.executed', subject: this.#options.venue, data });
  }

  refused(cmd: OperatorAct, by: string | null, detail: string): void {
    const data = { command: null, cmd, via: 'console', by, detail } as const;
    this.#write({ name: 'command.refused', subject: this.#options.venue, data });
  }

  /** Somebody must be able to look at a gateway whose disk has failed. */
  #write(event: DomainEvent): void {
    const { journal, clock } = this.#options;
    tryWrite(
      () => journal.write((writer) => writer.append(event, clock.wallMs(), clock.trust())),
      () => undefined,
    );
  }
}
