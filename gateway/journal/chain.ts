import { chainGenesis, chainNext } from '../../shared/chain.ts';
import { sha256 } from './sha256.ts';

/** A row of the ledger as it lies in a file: its number, its body as it was chained, and the head that it claims. */
export interface ChainedRow {
  readonly seq: number;
  readonly body: Uint8Array | string;
  readonly head: Buffer;
}

/** A place in the chain: the number of an event, 0 before the first, and the head there. */
export interface ChainPlace {
  readonly seq: number;
  readonly head: Uint8Array;
}

/** A step along the chain to the place of a row. The first that is not `sound` is the last. */
export interface ChainStep<Row> extends ChainPlace {
  readonly row: Row;
  /** `missing`: the row has another number than the next. `broken`: its head is not the one that its body gives. */
  readonly is: 'sound' | 'missing' | 'broken';
}

/**
 * Walks along the chain from a place, and ends behind the first row that does not chain.
 *
 * @param rows those behind the place, by number
 */
export function* walkChain<Row extends ChainedRow>(
  rows: Iterable<Row>,
  from: ChainPlace,
): Generator<ChainStep<Row>, void> {
  let { head } = from;
  let seq = from.seq + 1;
  for (const row of rows) {
    const isNext = row.seq === seq;
    if (isNext) head = chainNext(sha256, head, row.body);
    const is = !isNext ? 'missing' : row.head.equals(head) ? 'sound' : 'broken';
    yield { row, seq, head, is };
    if (is !== 'sound') return;
    seq += 1;
  }
}

/** Where the chain of an epoch begins: before its first event. */
export function beginningOf(epoch: string): ChainPlace {
  return { seq: 0, head: chainGenesis(sha256, epoch) };
}

/**
 * Where the chain of what the cloud has not received begins.
 *
 * @param facts what a journal knows of itself: `epoch`, `custodySeq`, `custodyHead`
 */
export function receivedPlace(facts: ReadonlyMap<string, string>): ChainPlace {
  const seq = Number(facts.get('custodySeq') ?? 0);
  return seq === 0
    ? beginningOf(facts.get('epoch') ?? '')
    : { seq, head: Buffer.from(facts.get('custodyHead') ?? '', 'hex') };
}
