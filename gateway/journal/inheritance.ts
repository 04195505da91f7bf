import { decodeTime } from 'ulid';
import type { FactReader, FactWriter } from './facts.ts';

/** What is asked of a journal here. */
interface Inheriting {
  readonly epoch: string;
  readonly facts: FactReader;
}

/** How far the journal of an earlier epoch was taken over. */
export interface TakenUpTo {
  readonly epoch: string;
  readonly seq: number;
  /**
   * The epoch that took over. What came after the number, and in the epochs between the two, the cloud alone may know: a
   * copy's journal may have given way to others before the copy was restored.
   */
  readonly before: string;
}

/** The names under which a journal keeps whose last word it awaits, and since which epoch it knows every visit. */
const AWAITED = 'awaitedWords';
const KNOWN_SINCE = 'knownSince';
/** The name under which it keeps the last numbers of the epochs that were taken over whole. */
const LAST_NUMBERS = 'lastNumbers';

/**
 * What a new journal is told of its inheritance.
 *
 * @param facts what the old one knew of itself
 * @param isWhole nothing of the old one is missing
 */
export function inheritance(
  facts: ReadonlyMap<string, string>,
  upTo: TakenUpTo,
  isWhole: boolean,
): readonly (readonly [name: string, value: string])[] {
  const awaited = JSON.parse(facts.get(AWAITED) ?? '[]') as readonly TakenUpTo[];
  const last = JSON.parse(facts.get(LAST_NUMBERS) ?? '{}') as Readonly<Record<string, number>>;
  return [
    [LAST_NUMBERS, JSON.stringify(isWhole ? { ...last, [upTo.epoch]: upTo.seq } : last)],
    [KNOWN_SINCE, facts.get(KNOWN_SINCE) ?? upTo.epoch],
    [AWAITED, JSON.stringify(isWhole ? awaited : [...awaited, upTo])],
  ];
}

/** Of which earlier epochs, oldest first, the cloud has not said yet what this journal may have missed. */
export function awaitedWords({ facts }: Pick<Inheriting, 'facts'>): readonly TakenUpTo[] {
  return JSON.parse(facts.get(AWAITED) ?? '[]') as readonly TakenUpTo[];
}

/**
 * The last number of an earlier epoch that was taken over whole; `null` where its journal may have gone on, or written what
 * could not be read. Nobody has more of a whole one.
 */
export function lastNumberOf({ facts }: Pick<Inheriting, 'facts'>, epoch: string): number | null {
  const last = JSON.parse(facts.get(LAST_NUMBERS) ?? '{}') as Readonly<Record<string, number>>;
  return last[epoch] ?? null;
}

/** To be called within a transaction of the journal. */
export function putAwaitedWords(facts: FactWriter, awaited: readonly TakenUpTo[]): void {
  facts.put(AWAITED, JSON.stringify(awaited));
}

/** Whether this journal took over from one that was damaged, or copied. */
export function hasPredecessor({ facts }: Pick<Inheriting, 'facts'>): boolean {
  return facts.get('successor') !== null;
}

/** Since when every visit is known here, epoch milliseconds: what was taken over counts as far as it goes. */
export function knownSinceMs({ facts, epoch }: Inheriting): number {
  return decodeTime(facts.get(KNOWN_SINCE) ?? epoch);
}

/** Whether the stay was begun under an earlier epoch. */
export function isOfEarlierEpoch({ epoch }: Pick<Inheriting, 'epoch'>, stay: string): boolean {
  return !stay.startsWith(`${epoch}-`);
}
