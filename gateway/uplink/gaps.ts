import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';

/** Numbers of events that the broker would not take, as kept in the journal: each is told once. */
const FACT = 'setAside';

export interface GapOptions {
  readonly gateway: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Tells the cloud, as an event of its own, that an event cannot reach it. */
export function tellGap({ gateway, journal, clock, log }: GapOptions, seq: number): void {
  const told = JSON.parse(journal.facts.get(FACT) ?? '[]') as readonly number[];
  if (told.includes(seq)) return;
  // What the cloud holds by now was taken after all.
  const missing = [...told.filter((each) => each > journal.custody.seq), seq];
  tryWrite(
    () =>
      journal.write((writer) => {
        const data = { from: seq, to: seq };
        writer.append({ name: 'gateway.gap', subject: gateway, data }, clock.wallMs(), clock.trust());
        writer.facts.put(FACT, JSON.stringify(missing));
      }),
    faultTold(log, 'a gap is not journalled'),
  );
}
