import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PublicKey } from '../../shared/contract/config.ts';
import { EventStore } from '../venue/billing-store.ts';
import { Mosquitto } from '../venue/mosquitto.ts';
import { wordOf } from './cloud-rig.ts';
import type { FleetOrder } from './fleet-venues.ts';
import { percentile, round2, type Measurement } from './measure.ts';

const CONSUMERS = 4;

/**
 * Many venues through one Mosquitto into four consumers that share a subscription and a common store. The floor is the
 * broker's own rate on this machine: as many plain clients publish the same bytes to four plain subscribers.
 */
export async function benchFleet({ full }: { full: boolean }): Promise<Measurement> {
  const venues = full ? 250 : 50;
  const events = full ? 800 : 400;
  const total = venues * events;
  const folder = mkdtempSync(join(tmpdir(), 'genkan-fleet-'));
  const broker = await Mosquitto.start({
    folder: join(folder, 'broker'),
    lines: ['max_queued_messages 0', 'max_inflight_messages 0'],
  });
  const children: ChildProcess[] = [];
  /** Four of them, as one group; only one kind listens at a time. */
  const consumers = async (mode: 'floor' | 'store') => {
    const started = Array.from({ length: CONSUMERS }, () =>
      fork(new URL('fleet-consumer.ts', import.meta.url), [broker.url, mode, join(folder, 'store.sqlite')]),
    );
    children.push(...started);
    const words = await Promise.all(started.map((child) => wordOf<{ publicKey: PublicKey }>(child)));
    return { started, keys: words.map(({ publicKey }) => publicKey) };
  };
  try {
    const publisher = fork(new URL('fleet-venues.ts', import.meta.url));
    children.push(publisher);
    publisher.send({ folder, url: broker.url, venues, events } satisfies FleetOrder);
    await wordOf(publisher);

    const plain = await consumers('floor');
    const floors: number[] = [];
    for (let round = 1; round <= 3; round += 1) {
      const startMs = performance.now();
      publisher.send('floor');
      await wordOf(publisher);
      await untilReceived(plain.started, round * total);
      floors.push(((performance.now() - startMs) * 1000) / total);
    }
    await stop(plain.started);

    const sharing = await consumers('store');
    const startMs = performance.now();
    publisher.send({ keys: sharing.keys });
    await wordOf(publisher);
    const ours = ((performance.now() - startMs) * 1000) / total;
    const stored = countIn(join(folder, 'store.sqlite'));
    await stop(sharing.started);
    publisher.send('end');

    const floor = percentile(floors, 0.5);
    const ratio = round2(floor / ours);
    return {
      unit: 'µs an event',
      ours: { samples: total, p50: round2(ours), p99: round2(ours) },
      floor: { samples: 3 * total, p50: round2(floor), p99: round2(Math.max(...floors)) },
      ratio,
      goals: [
        { of: 'share of the broker’s own rate', value: ratio, atLeast: 0.7 },
        { of: 'events missing in the common store', value: total - stored, atMost: 0 },
      ],
      also: {
        venues,
        'events a second into custody': Math.round(1e6 / ours),
        'broker alone, events a second': Math.round(1e6 / floor),
      },
    };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await broker.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untilReceived(consumers: readonly ChildProcess[], count: number): Promise<void> {
  let received = 0;
  while (received < count) {
    const words = await Promise.all(
      consumers.map((child) => {
        child.send('count');
        return wordOf<{ received: number }>(child);
      }),
    );
    received = words.reduce((sum, word) => sum + word.received, 0);
  }
}

async function stop(consumers: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    consumers.map(async (child) => {
      const exited = once(child, 'exit');
      child.send('end');
      await exited;
    }),
  );
}

function countIn(path: string): number {
  const store = new EventStore(path);
  try {
    return store.ledgers().reduce((sum, { venue, epoch }) => sum + store.count(venue, epoch), 0);
  } finally {
    store.close();
  }
}
