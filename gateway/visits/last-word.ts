import type { Logger } from 'pino';
import type { VenueConfig } from '../../shared/contract/config.ts';
import type { CloudRequest } from '../../shared/contract/receipt.ts';
import {
  stayRecordsClaimsSchema,
  stayRecordsHeaderSchema,
  type StayRecords,
} from '../../shared/contract/stays.ts';
import { DELTA_BYTES_MAX } from '../../shared/contract/sync.ts';
import { SECOND_MS } from '../../shared/time.ts';
import type { Clock } from '../clock/clock.ts';
import { faultTold, tryWriteAsync } from '../journal/fault.ts';
import { awaitedWords, putAwaitedWords, type TakenUpTo } from '../journal/inheritance.ts';
import type { Journal } from '../journal/journal.ts';
import type { KeyRing } from '../tokens/key-ring.ts';
import { readSigned } from '../tokens/signed.ts';
import { adoptTold } from './told-stays.ts';

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

  /** The question for the oldest epoch after which a word is missing; `null` where none is. */
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
    const place = awaited.find(({ epoch, before }) => epoch === records.epoch && before === records.before);
    // A gap is asked for again like everything that has not come: at the next birth.
    if (place === undefined || records.from > place.seq || !goesOn(records.next, place)) return 'old';
    journal.write((writer) => {
      for (const told of records.stays) adoptTold(writer, told, this.#options);
      putAwaitedWords(
        writer.facts,
        awaited.flatMap((each) => (each === place ? restOf(place, records) : [each])),
      );
    });
    log.info(
      { epoch: records.epoch, next: records.next, stays: records.stays.length },
      'earlier stays are known',
    );
    const next = this.question();
    if (next !== null) this.#options.ask(next);
    return 'adopted';
  }
}

/** Whether what is told on from there is less than what was asked for. */
function goesOn(next: StayRecords['next'], { epoch, seq, before }: TakenUpTo): boolean {
  if (next === null) return true;
  return next.epoch === epoch ? next.seq > seq : next.epoch > epoch && next.epoch < before;
}

/** What is awaited after these. */
function restOf({ before }: TakenUpTo, { next }: StayRecords): readonly TakenUpTo[] {
  return next === null ? [] : [{ ...next, before }];
}
