import { join } from 'node:path';
import { venueTopics } from '../../shared/contract/topics.ts';
import { until } from '../venue/until.ts';
import { agreeable } from './agreeable.ts';
import { openCloudRig, uplinkOf, type CloudRig } from './cloud-rig.ts';
import { round2, summarise, timeRound, type Measurement } from './measure.ts';
import { fill } from './past.ts';
import { decisionRig, decisionsOf, VENUE, type DecisionRig } from './rig.ts';

const EVENTS = 100_000;

/** The rate of a gateway that nobody has configured otherwise. */
const EVENTS_PER_SECOND = 90;

const ROUNDS = 7;

/** How long the whole backlog may take, in milliseconds: twice what it needs at the rate. */
const DRAINS_WITHIN_MS = (2 * EVENTS * 1000) / EVENTS_PER_SECOND;

/** One round of decisions while the backlog drains, and how fast it did. */
interface Draining {
  readonly micros: readonly number[];
  readonly events: number;
  readonly ms: number;
}

/**
 * Live decisions while 100,000 events of backlog drain at the configured rate, in turns with decisions while the line is
 * down over the same journal. With `full` the backlog is drained to its end.
 */
export async function benchBacklog({ full }: { readonly full: boolean }): Promise<Measurement> {
  const samples = full ? 400 : 100;
  const rig = await decisionRig(agreeable());
  try {
    fill(rig.journal, EVENTS, rig.clock.wallMs());
    const cloud = await openCloudRig(join(rig.folder, 'broker'));
    try {
      const decisions = decisionsOf(rig);
      await timeRound(decisions, samples);
      const without: (readonly number[])[] = [];
      const withBacklog: Draining[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        without.push(await timeRound(decisions, samples));
        withBacklog.push(await whileDraining(rig, cloud, () => timeRound(decisions, samples)));
      }
      const seconds = full ? await drainToTheEnd(rig, cloud) : null;
      return lineOf(without, withBacklog, seconds);
    } finally {
      await cloud.close();
    }
  } finally {
    rig.close();
  }
}

function lineOf(
  without: readonly (readonly number[])[],
  withBacklog: readonly Draining[],
  seconds: number | null,
): Measurement {
  const ours = summarise(withBacklog.map(({ micros }) => micros));
  const floor = summarise(without);
  const ratio = round2(ours.p99 / floor.p99);
  const sent = withBacklog.reduce((sum, { events }) => sum + events, 0);
  const ms = withBacklog.reduce((sum, each) => sum + each.ms, 0);
  const rate = round2((sent * 1000) / ms);
  return {
    unit: 'µs',
    ours,
    floor,
    ratio,
    goals: [
      { of: 'p99 of a decision with the backlog, to without', value: ratio, atMost: 1.5 },
      // The burst of a tenth of a second comes on top, once in each round.
      { of: 'events a second', value: rate, atMost: EVENTS_PER_SECOND * 1.2 },
    ],
    also: {
      'ratio of p50': round2(ours.p50 / floor.p50),
      'backlog, events': EVENTS,
      ...(seconds !== null && { 'seconds to the last receipt': seconds }),
    },
  };
}

/** Runs the work on a fresh line over the whole backlog. */
async function whileDraining(
  { journal }: DecisionRig,
  cloud: CloudRig,
  work: () => Promise<readonly number[]>,
): Promise<Draining> {
  let published = 0;
  const { events } = venueTopics(VENUE);
  const uplink = await uplinkOf(journal, cloud, {
    venue: VENUE,
    eventsPerSecond: EVENTS_PER_SECOND,
    wrap: (connect) => (attempt, listener) => {
      const connection = connect(attempt, listener);
      return {
        ...connection,
        publish: (message) => {
          if (message.topic === events) published += 1;
          return connection.publish(message);
        },
      };
    },
  });
  uplink.start();
  await until('the backlog begins to drain', () => published > 0);
  const startMs = performance.now();
  const before = published;
  const micros = await work();
  const drained = { micros, events: published - before, ms: performance.now() - startMs };
  await uplink.close();
  return drained;
}

/** @returns the seconds from here to the receipt of the last event */
async function drainToTheEnd({ journal }: DecisionRig, cloud: CloudRig): Promise<number> {
  const startMs = performance.now();
  const uplink = await uplinkOf(journal, cloud, { venue: VENUE, eventsPerSecond: EVENTS_PER_SECOND });
  uplink.start();
  await until('the backlog is in custody', () => journal.custody.seq >= journal.lastSeq, DRAINS_WITHIN_MS);
  await uplink.close();
  return Math.round((performance.now() - startMs) / 1000);
}
