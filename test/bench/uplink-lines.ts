import { Socket } from 'node:net';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { venueTopics } from '../../shared/contract/topics.ts';
import { until } from '../venue/until.ts';
import { agreeable } from './agreeable.ts';
import { openCloudRig, uplinkOf, type CloudRig } from './cloud-rig.ts';
import {
  compareDisturbed,
  compareRates,
  disturbedLine,
  round2,
  type Comparison,
  type Measurement,
} from './measure.ts';
import { fill } from './past.ts';
import { decisionRig, decisionsOf, VENUE, type DecisionRig } from './rig.ts';

/** Publishes of the floor that wait for their PUBACK at once: as many as ours. */
const WINDOW = 100;

const WITHIN_MS = 600_000;

const MIB = 1024 * 1024;

interface Journals {
  readonly rig: DecisionRig;
  readonly cloud: CloudRig;
}

async function withBacklog<T>(events: number, bench: (parts: Journals) => Promise<T>): Promise<T> {
  const rig = await decisionRig(agreeable());
  try {
    const cloud = await openCloudRig(join(rig.folder, 'broker'));
    try {
      fill(rig.journal, events, rig.clock.wallMs());
      return await bench({ rig, cloud });
    } finally {
      await cloud.close();
    }
  } finally {
    rig.close();
  }
}

/** Outbox to broker to receipts, unthrottled, against MQTT.js with the same bytes in memory. */
export async function benchDrain({ full }: { full: boolean }): Promise<Measurement> {
  const events = full ? 1_000_000 : 100_000;
  return withBacklog(events, async ({ rig, cloud }) => {
    const { journal } = rig;
    const first = await floorRate(rig, cloud, events);
    const rssBefore = process.memoryUsage().rss;
    let rssMax = rssBefore;
    const watch = setInterval(() => {
      rssMax = Math.max(rssMax, process.memoryUsage().rss);
    }, 20);
    const startMs = performance.now();
    const uplink = await uplinkOf(journal, cloud, { venue: VENUE });
    uplink.start();
    await until('the backlog is in custody', () => journal.custody.seq >= events, WITHIN_MS);
    const ours = ((performance.now() - startMs) * 1000) / events;
    clearInterval(watch);
    await uplink.close();
    const second = await floorRate(rig, cloud, events);
    const floor = Math.min(first, second);
    const ratio = round2(floor / ours);
    const growth = round2((rssMax - rssBefore) / MIB);
    const { p50: whileDraining } = (await decisionsWhileDraining({ rig, cloud }, full ? 300 : 60)).ratio;
    return {
      unit: 'µs an event',
      ours: { samples: events, p50: round2(ours), p99: round2(ours) },
      floor: { samples: 2 * events, p50: round2(floor), p99: round2(Math.max(first, second)) },
      ratio,
      goals: [
        { of: 'share of the floor’s rate', value: ratio, atLeast: 0.6 },
        { of: 'memory growth, MiB', value: growth, atMost: 30 },
        { of: 'decision p50 while draining, to idle', value: whileDraining, atMost: 2 },
      ],
      also: { 'events a second': Math.round(1e6 / ours), 'floor, events a second': Math.round(1e6 / floor) },
    };
  });
}

/** Decisions while the WAL is checkpointed and the outbox drains, against an idle journal. */
export async function benchCheckpointStall({ full }: { full: boolean }): Promise<Measurement> {
  return withBacklog(full ? 200_000 : 60_000, async (parts) =>
    disturbedLine(await decisionsWhileDraining(parts, full ? 400 : 150), { of: 'ratio of p99', atMost: 3 }),
  );
}

/** Decisions with a fresh line that drains the whole backlog from its first event on, as fast as it can. */
function decisionsWhileDraining({ rig, cloud }: Journals, samplesPerRound: number): Promise<Comparison> {
  return compareDisturbed(decisionsOf(rig), samplesPerRound, async (work) => {
    const counts = { published: 0, acknowledged: 0 };
    const uplink = await uplinkOf(backlogOf(rig), cloud, { venue: VENUE, counts });
    uplink.start();
    await until('the backlog begins to drain', () => counts.published > 0);
    await work();
    await uplink.close();
  });
}

/** The same journal to a line that believes that the cloud holds nothing of it yet. */
function backlogOf({ journal }: DecisionRig): DecisionRig['journal'] {
  return new Proxy(journal, {
    get: (target, name) => {
      if (name === 'custody') return { seq: 0, head: null };
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}

/** MQTT.js with the same bytes, from memory, in a sliding window. Microseconds an event. */
async function floorRate({ journal }: DecisionRig, { broker }: CloudRig, events: number): Promise<number> {
  const bodies = journal.eventsAfter(0, events).map(({ body }) => body);
  const client = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  const topic = venueTopics('floor').events;
  const startMs = performance.now();
  await new Promise<void>((resolve, reject) => {
    let next = 0;
    let acknowledged = 0;
    const send = () => {
      client.publish(topic, bodies[next++] ?? '', { qos: 1 }, (error) => {
        if (error) reject(error);
        acknowledged += 1;
        if (acknowledged === bodies.length) resolve();
        else if (next < bodies.length) send();
      });
    };
    for (let open = 0; open < Math.min(WINDOW, bodies.length); open += 1) send();
  });
  const micros = ((performance.now() - startMs) * 1000) / bodies.length;
  await client.endAsync(true);
  return micros;
}

/** One event committed to the broker's PUBACK on an idle line, against MQTT.js as shipped. */
export async function benchEventLatency({ full }: { full: boolean }): Promise<Measurement> {
  const pieces = full ? 300 : 40;
  return withBacklog(0, async ({ rig, cloud }) => {
    const counts = { published: 0, acknowledged: 0 };
    const uplink = await uplinkOf(rig.journal, cloud, { venue: VENUE, counts });
    uplink.start();
    await until('the line is up', () => uplink.isOnline);
    const asShipped = await mqtt.connectAsync(cloud.broker.url, { protocolVersion: 5 });
    const body = 'x'.repeat(400);
    const compared = await compareRates(
      async () => {
        const startMs = performance.now();
        for (let piece = 0; piece < pieces; piece += 1) {
          const before = counts.acknowledged;
          rig.journal.write((writer) =>
            writer.append(
              { name: 'door.secured', subject: 'front', data: { door: 'front' } },
              rig.clock.wallMs(),
              'trusted',
            ),
          );
          while (counts.acknowledged === before) await new Promise((resolve) => setImmediate(resolve));
        }
        return ((performance.now() - startMs) * 1000) / pieces;
      },
      () => oneAtATime(asShipped, body, pieces),
      { pieces },
    );
    await asShipped.endAsync(true);
    await uplink.close();
    const ratio = round2(compared.ours.p50 / compared.floor.p50);
    return {
      unit: 'µs',
      ...compared,
      ratio,
      goals: [{ of: 'ratio', value: ratio, atMost: 0.1 }],
      also: {},
    };
  });
}

async function oneAtATime(client: MqttClient, body: string, pieces: number): Promise<number> {
  const startMs = performance.now();
  for (let piece = 0; piece < pieces; piece += 1)
    await client.publishAsync(venueTopics('floor').events, body, { qos: 1 });
  return ((performance.now() - startMs) * 1000) / pieces;
}
