/** One message as it came to the consumer: the number in its id, and the number of the event that it tells of. */
export interface Arrival {
  readonly id: number;
  /** As the producer counts its events, from 1. */
  readonly event: number;
}

/** What became of the events. Each is a count. */
export interface Judgement {
  /** Events that the venue's side said it had taken, and that never came. */
  readonly lost: number;
  /** Messages that came a further time under the same id: a consumer drops them. */
  readonly copies: number;
  /** Events that came under a further id: a consumer bills them twice. */
  readonly doubled: number;
  /** Events that came after a later one, copies left out. */
  readonly outOfOrder: number;
}

/**
 * Judges what came in, in the order in which it came. The same for everybody.
 *
 * @param taken events that the venue's side told its producer it had taken
 */
export function judge(taken: ReadonlySet<number>, arrivals: readonly Arrival[]): Judgement {
  const ids = new Set<number>();
  const events = new Set<number>();
  let newest = 0;
  let doubled = 0;
  let outOfOrder = 0;
  for (const { id, event } of arrivals) {
    if (ids.has(id)) continue;
    ids.add(id);
    if (events.has(event)) doubled += 1;
    else if (event < newest) outOfOrder += 1;
    events.add(event);
    newest = Math.max(newest, event);
  }
  const lost = [...taken].filter((event) => !events.has(event)).length;
  return { lost, copies: arrivals.length - ids.size, doubled, outOfOrder };
}
