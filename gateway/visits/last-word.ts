import type { Logger } from 'pino';
import type { VenueConfig } from '../../shared/contract/config.ts';
import type { CloudRequest } from '../../shared/contract/receipt.ts';
import {
  stayRecordsClaimsSchema,
  stayRecordsHeaderSchema,
  type StayRecord,
  type StayRecords,
} from '../../shared/contract/stays.ts';
import { DELTA_BYTES_MAX } from '../../shared/contract/sync.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { adoptStay } from '../access/adopt.ts';
import { nextStayState, type Stay } from '../access/stay.ts';
import type { Clock } from '../clock/clock.ts';
import { faultTold, tryWriteAsync } from '../journal/fault.ts';
import { awaitedWords, putAwaitedWords } from '../journal/inheritance.ts';
import type { Journal, JournalWriter } from '../journal/journal.ts';
import type { KeyRing } from '../tokens/key-ring.ts';
import { readSigned } from '../tokens/signed.ts';

export interface LastWordOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly cloudKeys: KeyRing;
  readonly clock: Clock;
  readonly ask: (request: CloudRequest) => void;
  readonly log: Logger;
}

/** What became of the cloud's word. */
export type Heard = 'adopted' | 'old' | 'refused';

/**
 * Asks the cloud what a journal that was taken over from a copy, or in part, has missed, and takes its stays over: a visit
 * that was checked out and charged after the copy was made is not charged again.
 */
export class LastWord {
  readonly #options: LastWordOptions;

  constructor(options: LastWordOptions) {
    this.#options = options;
  }

  /** The question for the oldest epoch whose last word is missing; `null` where none is. */
  question(): CloudRequest | null {
    const [oldest] = awaitedWords(this.#options.journal);
    return oldest === undefined ? null : { need: 'stays', have: oldest };
  }

  /** Takes the cloud's word as it came; the next one when this one is done. */
  take(text: string): Promise<Heard> {
    return tryWriteAsync(
      () => this.#take(text),
      (fault) => {
        // It is awaited still, and asked for again at the next birth.
        faultTold(this.#options.log, 'the last word on earlier stays is not kept')(fault);
        return 'refused';
      },
    );
  }

  async #take(text: string): Promise<Heard> {
    const { venue, journal, cloudKeys, clock, log } = this.#options;
    const records = await readSigned(
      text,
      stayRecordsHeaderSchema,
      stayRecordsClaimsSchema,
      cloudKeys,
      DELTA_BYTES_MAX,
    );
    if (records?.venue !== venue.id) {
      log.warn('stays that are not signed by the cloud, or not for this venue, were ignored');
      return 'refused';
    }
    clock.witness(records.iat * SECOND_MS);
    const awaited = awaitedWords(journal);
    const place = awaited.find(({ epoch }) => epoch === records.epoch);
    // A gap is asked for again like everything that has not come: at the next birth.
    if (place === undefined || records.from > place.seq || records.to < place.seq) return 'old';
    journal.write((writer) => {
      for (const told of records.stays) this.#adopt(writer, told);
      putAwaitedWords(
        writer.facts,
        awaited.flatMap((each) => (each === place ? restOf(records) : [each])),
      );
    });
    log.info(
      { epoch: records.epoch, to: records.to, stays: records.stays.length },
      'earlier stays are known',
    );
    const next = this.question();
    if (next !== null) this.#options.ask(next);
    return 'adopted';
  }

  #adopt(writer: JournalWriter, told: StayRecord): void {
    const { journal, clock, log } = this.#options;
    const stay = journal.stays.get(told.stay);
    const { reservation } = told;
    const synced = reservation === null ? null : journal.synced.reservation(reservation, told);
    const entitlement = stay?.entitlement ?? synced?.reservation;
    if (entitlement === undefined) {
      log.info({ stay: told.stay }, 'an earlier stay of nothing that is known here');
      return;
    }
    const other =
      reservation === null || stay !== null ? null : journal.stays.ofReservation(reservation, told);
    if (other !== null && !this.#giveWay(writer, other, told)) return;
    const isChargedHere = stay?.charge !== undefined && journal.isCharged(stay.id);
    const adopted = adoptStay(told, { stay, entitlement, isChargedHere });
    if (adopted === null) return;
    const reenteredMs = other?.state === 'open' ? other.checkInMs : null;
    writer.stays.put(reenteredMs === null ? adopted.stay : { ...adopted.stay, reenteredMs });
    for (const event of adopted.events) writer.append(event, clock.wallMs(), clock.trust());
  }

  /**
   * A reservation whose user came again before the cloud had said that the visit was over and charged: coming again opens
   * no new stay. @returns whether the earlier stay takes the place of the one that was begun here
   */
  #giveWay(writer: JournalWriter, here: Stay, told: StayRecord): boolean {
    if (here.state === 'voided') return true;
    if (told.charge === null || here.state !== 'open') return false;
    const { clock } = this.#options;
    writer.stays.put({ ...here, state: nextStayState(here.state, 'void') });
    const { id: stay, iss, sub } = here;
    const data = { stay, iss, sub, reason: 'charged-before' } as const;
    writer.append({ name: 'stay.voided', subject: stay, data }, clock.wallMs(), clock.trust());
    return true;
  }
}

/** What is awaited of an epoch after these. */
function restOf({ epoch, to, held }: StayRecords) {
  return to < held ? [{ epoch, seq: to }] : [];
}
