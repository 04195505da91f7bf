import type { FactReader } from './facts.ts';
import type { JournalWriter } from './journal.ts';

/** The name under which a journal keeps the newest grant at which the clock was set last. */
const SET_AFTER = 'clockSetAfter';

/**
 * The clock was set: after a restart nobody can tell by it any more how old the grants are that were given until now. To be
 * called within the transaction that tells of it.
 */
export function forgetAges({ facts, decisions }: JournalWriter): void {
  facts.put(SET_AFTER, String(decisions.nextId() - 1));
}

/** Whether the wall clock, over a restart, still tells how old a grant is. */
export function isDated({ facts }: { readonly facts: FactReader }, grant: number): boolean {
  return grant > Number(facts.get(SET_AFTER) ?? 0);
}
