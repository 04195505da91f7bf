import type { Logger } from 'pino';
import type { VenueConfig } from '../../shared/contract/config.ts';
import { formatInstant } from '../../shared/time.ts';
import type { Credential } from '../access/credential.ts';
import { blockingProblems } from '../access/decide.ts';
import { plainGrant, type Answer } from '../access/record.ts';
import type { Clock } from '../clock/clock.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';
import type { Decisions, DoorHardware } from './decisions.ts';
import type { Grants } from './leases.ts';

/** Check-outs that may wait for the disk. */
const WAITING_MAX = 1_000;

interface WaitingExit extends DoorHardware {
  readonly credential: Credential;
  readonly atMs: number;
}

export interface ExitsWithoutDiskOptions {
  readonly venue: Pick<VenueConfig, 'timeZone'>;
  readonly journal: Journal;
  readonly decisions: Decisions;
  readonly grants: Grants;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The way out while nothing can be put on disk: nobody is kept in by a fault of ours. The exit opens to a genuine
 * credential, and its check-out is committed, with its own instant, when the disk can be written again.
 */
export class ExitsWithoutDisk {
  readonly #options: ExitsWithoutDiskOptions;
  /** Check-outs whose door was opened and that are not on disk yet, oldest first. */
  readonly #waiting: WaitingExit[] = [];

  constructor(options: ExitsWithoutDiskOptions) {
    this.#options = options;
  }

  /** Whether check-outs wait for the disk. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Opens the exit. @returns the answer, or `null` for a credential that opens nothing */
  letOut({ config, controller }: DoorHardware, credential: Credential): Answer | null {
    const { grants, clock, log } = this.#options;
    if (blockingProblems({ credential, side: 'exit' }).length > 0) return null;
    const isKnown = this.#waiting.some((exit) => exit.credential.identity === credential.identity);
    if (!isKnown && this.#waiting.length < WAITING_MAX)
      this.#waiting.push({ config, controller, credential, atMs: clock.wallMs() });
    grants.letOut(config.id);
    log.warn({ door: config.id, waiting: this.#waiting.length }, 'let out; the check-out waits for the disk');
    return plainGrant('check-out');
  }

  /** Commits the check-outs that waited. To be called when the disk can be written again; the rest goes on waiting. */
  record(): void {
    const { log } = this.#options;
    tryWrite(
      () => this.#recordAll(),
      (fault) => faultTold(log, 'check-outs still wait', { waiting: this.#waiting.length })(fault),
    );
  }

  #recordAll(): void {
    const { journal, decisions } = this.#options;
    for (let exit = this.#waiting[0]; exit !== undefined; exit = this.#waiting[0]) {
      const { config, credential, atMs } = exit;
      // A second tap of the same wish is none more here than on a disk that works.
      if (decisions.grantOfSameWish(credential, config.id, 'exit', atMs) === null) {
        const seenBefore = journal.presentations.get(credential.identity) !== null;
        const { id, answer } = decisions.commit({ ...exit, side: 'exit', seenBefore });
        // The door was opened then; what it did was seen by nobody.
        if (answer.granted) journal.write((writer) => writer.decisions.setGrant(id, 'not-opened', 1));
      }
      this.#waiting.shift();
    }
  }

  /** Before the process ends: names each check-out that never came to the disk, for whoever books it by hand. */
  tellLost(): void {
    const { venue, log } = this.#options;
    for (const { config, credential, atMs } of this.#waiting)
      log.error(
        {
          door: config.id,
          iss: credential.iss,
          sub: credential.sub,
          at: formatInstant(atMs, venue.timeZone),
        },
        'a check-out is lost: the disk could not be written before the end; check the member out by hand',
      );
  }
}
