import type { FactReader, FactWriter } from './facts.ts';

/** Another gateway that has spoken for this venue, and when: what its visitors did is not known here. */
export interface OtherGateway {
  readonly gateway: string;
  readonly epoch: string;
  readonly session: string;
  /** Epoch milliseconds: since the younger of the two journals began. */
  readonly fromMs: number;
  /** When it was known to be gone, epoch milliseconds; `null` while it is there. */
  readonly untilMs: number | null;
}

/** The name under which it is kept. */
const FACT = 'otherGateway';

/** The newest that was seen, with all the time since the first was; `null` where none ever was. */
export function otherGateway({ facts }: { readonly facts: FactReader }): OtherGateway | null {
  const text = facts.get(FACT);
  return text === null ? null : (JSON.parse(text) as OtherGateway);
}

/** To be called within a transaction of the journal. */
export function putOtherGateway(facts: FactWriter, other: OtherGateway): void {
  facts.put(FACT, JSON.stringify(other));
}

/** Whether another gateway was there at any instant between two, epoch milliseconds. */
export function wasShared(journal: { readonly facts: FactReader }, fromMs: number, toMs: number): boolean {
  const other = otherGateway(journal);
  return other !== null && other.fromMs < toMs && (other.untilMs ?? Infinity) > fromMs;
}
