import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import pino from 'pino';
import { ulid } from 'ulid';
import { loadCloudKeys } from '../../gateway/tokens/key-ring.ts';
import type { Journal } from '../../gateway/journal/journal.ts';
import type { ConnectBroker } from '../../gateway/uplink/broker.ts';
import { mqttBroker } from '../../gateway/uplink/mqtt.ts';
import { Uplink } from '../../gateway/uplink/uplink.ts';
import type { PublicKey } from '../../shared/contract/config.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import { MovableClock } from '../venue/clock.ts';
import { Mosquitto } from '../venue/mosquitto.ts';

/** A broker, and a receiver in a process of its own that answers with receipts. */
export interface CloudRig {
  readonly broker: Mosquitto;
  readonly url: string;
  readonly keys: readonly PublicKey[];
  /** The receiver. */
  readonly receiver: ChildProcess;
  close(): Promise<void>;
}

/** @param mode of the receiver: `record` keeps what came, for whoever asks it */
export async function openCloudRig(folder: string, mode: 'count' | 'record' = 'count'): Promise<CloudRig> {
  const broker = await Mosquitto.start({
    folder,
    // Nothing of a bench should be dropped because a queue of the broker is short.
    lines: ['max_queued_messages 0', 'max_inflight_messages 0'],
  });
  const receiver = fork(new URL('receiver.ts', import.meta.url), [broker.url, mode]);
  const { publicKey } = await wordOf<{ publicKey: PublicKey }>(receiver);
  return {
    broker,
    url: broker.url,
    keys: [publicKey],
    receiver,
    close: async () => {
      const exited = once(receiver, 'exit');
      receiver.kill();
      await exited;
      await broker.kill();
    },
  };
}

/** What became of events on a line; counted where it is given. */
export interface EventCounts {
  published: number;
  acknowledged: number;
}

/** A line for a journal, as a gateway has it, with the rate that the bench wants. */
export async function uplinkOf(
  journal: Journal,
  { url, keys }: { readonly url: string; readonly keys: readonly PublicKey[] },
  {
    venue,
    eventsPerSecond = 100_000,
    counts = { published: 0, acknowledged: 0 },
  }: { readonly venue: string; readonly eventsPerSecond?: number; readonly counts?: EventCounts },
): Promise<Uplink> {
  const log = pino({ level: 'silent' });
  return new Uplink({
    connect: counting(mqttBroker({ url, eventsPerSecond }, `genkan-${venue}-gw-1`, log), venue, counts),
    eventsPerSecond,
    venue,
    gateway: 'gw-1',
    timeZone: 'Asia/Tokyo',
    journal,
    cloudKeys: await loadCloudKeys({ issuers: [], cloud: [...keys] }),
    clock: new MovableClock(),
    chance: () => Math.random(),
    newSession: () => ulid(),
    log,
  });
}

function counting(connect: ConnectBroker, venue: string, counts: EventCounts): ConnectBroker {
  const { events } = venueTopics(venue);
  return (attempt, listener) => {
    const connection = connect(attempt, listener);
    return {
      ...connection,
      publish: async (message) => {
        const isEvent = message.topic === events;
        if (isEvent) counts.published += 1;
        await connection.publish(message);
        if (isEvent) counts.acknowledged += 1;
      },
    };
  };
}

/** The next message of a child process. */
export async function wordOf<T>(child: ChildProcess): Promise<T> {
  const [word] = (await once(child, 'message')) as [T];
  return word;
}
