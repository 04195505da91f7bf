import { parseInstant } from '../../shared/time.ts';
import type { Journal } from '../journal/journal.ts';

/**
 * When the oldest event was recorded for which the cloud has signed no receipt, epoch milliseconds; `null` where it has
 * for all. What an earlier epoch left comes before anything of this one.
 */
export function oldestWaitingMs(journal: Journal): number | null {
  const { carried, custody } = journal;
  const [oldest] =
    carried.first() === null
      ? journal.eventsAfter(custody.seq, 1)
      : carried.after(carried.firstPlace() - 1, 1);
  return oldest === undefined ? null : parseInstant((JSON.parse(oldest.body) as { time: string }).time);
}
