import { decodeTime } from 'ulid';
import { MINUTE_MS } from '../../shared/time.ts';
import { awaitedWords, hasPredecessor, knownSinceMs } from '../journal/inheritance.ts';
import type { Journal } from '../journal/journal.ts';
import type { CloudLine } from '../uplink/cloud-line.ts';

/**
 * How long the cloud's last word on what an earlier epoch began is waited for, in milliseconds from its due instant or
 * the birth of this epoch, whichever is later. A line that is down over night must not leave a visit without a charge.
 */
const WORD_WAIT_MS = 30 * MINUTE_MS;

/**
 * What is known here of a visit that has ended: all of it; not all yet, for the cloud may still say more; or not all, and
 * the cloud has said nothing.
 */
export type Knowledge = 'whole' | 'awaited' | 'partial';

/** What is settled, and may have been begun under an earlier epoch. */
export interface Begun {
  readonly isEarlier: boolean;
  /** Epoch milliseconds. */
  readonly dueMs: number;
}

/** What the journal knows of something that is due. */
export function knowledgeOf(
  journal: Pick<Journal, 'facts' | 'epoch'>,
  line: Pick<CloudLine, 'isFitted'>,
  { isEarlier, dueMs }: Begun,
  nowMs: number,
): Knowledge {
  if (!isEarlier || awaitedWords(journal).length === 0) return 'whole';
  const waitedForMs = line.isFitted ? Math.max(dueMs, decodeTime(journal.epoch)) + WORD_WAIT_MS : dueMs;
  return nowMs < waitedForMs ? 'awaited' : 'partial';
}

/**
 * What the journal knows of a reservation's time; `null` for what is from before the venue had any journal: its no-show
 * is the cloud's to find.
 *
 * @param earliestMs from when on its user could come
 */
export function knowledgeOfReservation(
  journal: Pick<Journal, 'facts' | 'epoch'>,
  line: Pick<CloudLine, 'isFitted'>,
  { earliestMs, endMs }: { readonly earliestMs: number; readonly endMs: number },
  nowMs: number,
): Knowledge | null {
  const bornMs = decodeTime(journal.epoch);
  const begun = { isEarlier: earliestMs < bornMs, dueMs: endMs };
  if (earliestMs >= knownSinceMs(journal)) return knowledgeOf(journal, line, begun, nowMs);
  return hasPredecessor(journal) && endMs > bornMs ? 'partial' : null;
}
