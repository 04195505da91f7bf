import { join } from 'node:path';
import { until } from '../venue/until.ts';
import { agreeable } from './agreeable.ts';
import { openCloudRig, uplinkOf, type CloudRig } from './cloud-rig.ts';
import { compareDisturbed, disturbedLine, round2, type Measurement } from './measure.ts';
import { fill } from './past.ts';
import { decisionRig, decisionsOf, VENUE, type DecisionRig } from './rig.ts';

const EVENTS = 100_000;

/** The rate of a gateway that nobody has configured otherwise. */
const EVENTS_PER_SECOND = 90;

/** How long the whole backlog may take, in milliseconds: twice what it needs at the rate. */
const DRAINS_WITHIN_MS = (2 * EVENTS * 1000) / EVENTS_PER_SECOND;

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
      const sent = { events: 0, ms: 0 };
      const compared = await compareDisturbed(decisionsOf(rig), samples, (work) =>
        whileDraining(rig, cloud, sent, work),
      );
      const seconds = full ? await drainToTheEnd(rig, cloud) : null;
      const rate = round2((sent.events * 1000) / sent.ms);
      const line = disturbedLine(compared, {
        of: 'p99 of a decision with the backlog, to without',
        atMost: 1.5,
      });
      return {
        ...line,
        // The burst of a tenth of a second comes on top, once in each round.
        goals: [...line.goals, { of: 'events a second', value: rate, atMost: EVENTS_PER_SECOND * 1.2 }],
        also: {
          ...line.also,
          'backlog, events': EVENTS,
          ...(seconds !== null && { 'seconds to the last receipt': seconds }),
        },
      };
    } finally {
      await cloud.close();
    }
  } finally {
    rig.close();
  }
}

/** Runs the work on a fresh line over the whole backlog, and adds up what was sent meanwhile. */
async function whileDraining(
  { journal }: DecisionRig,
  cloud: CloudRig,
  sent: { events: number; ms: number },
  work: () => Promise<void>,
): Promise<void> {
  const counts = { published: 0, acknowledged: 0 };
  const uplink = await uplinkOf(journal, cloud, {
    venue: VENUE,
    eventsPerSecond: EVENTS_PER_SECOND,
    counts,
  });
  uplink.start();
  await until('the backlog begins to drain', () => counts.published > 0);
  const startMs = performance.now();
  const before = counts.published;
  await work();
  sent.ms += performance.now() - startMs;
  sent.events += counts.published - before;
  await uplink.close();
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
