import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';

/** Places of events that the broker would not take, as kept in the journal: each is told once. */
const FACT = 'setAside';

export interface GapOptions {
  readonly gateway: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Tells the cloud, as an event of its own, that an event cannot reach it: by the number that it has in its own epoch.
 *
 * @param place the number of an event of this epoch; of one that was carried over its place, which is negative
 */
export function tellGap({ gateway, journal, clock, log }: GapOptions, place: number): void {
  const { carried, custody } = journal;
  const told = JSON.parse(journal.facts.get(FACT) ?? '[]') as readonly number[];
  if (told.includes(place)) return;
  // What the cloud holds by now was taken after all.
  const isMissing = (each: number) => (each < 0 ? carried.at(each) !== null : each > custody.seq);
  const earlier = carried.at(place);
  const seq = earlier?.seq ?? place;
  const data = { ...(earlier !== null && { epoch: earlier.epoch }), from: seq, to: seq };
  tryWrite(
    () =>
      journal.write((writer) => {
        writer.append({ name: 'gateway.gap', subject: gateway, data }, clock.wallMs(), clock.trust());
        writer.facts.put(FACT, JSON.stringify([...told.filter(isMissing), place]));
      }),
    faultTold(log, 'a gap is not journalled'),
  );
}
