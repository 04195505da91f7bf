/** MQTT.js with a store on the disk. An event is taken when the store has called back for it (`cbStorePut`). */
import { Socket } from 'node:net';
import { join } from 'node:path';
import mqtt, { type IStore, type UniqueMessageIdProvider } from 'mqtt';
import { Manager } from 'mqtt-jsonl-store';
import { venueTopics } from '../../../shared/contract/topics.ts';
import { SqlitePackets } from './sqlite-packets.ts';
import { bodyOf, type Place } from './venue-side.ts';

/** A publish that was given back is tried again after this. */
const AGAIN_MS = 100;

export interface MqttJsOrder extends Place {
  /**
   * `json-lines`: the store that MQTT.js names first, and ids as MQTT.js gives them. `sqlite`: each packet is committed
   * before it counts, they are sent in their order, and no id is given out that the store still holds.
   */
  readonly store: 'json-lines' | 'sqlite';
}

const order = JSON.parse(process.argv[2] ?? '') as MqttJsOrder;
const { outgoingStore, messageIdProvider } = await (order.store === 'sqlite' ? sqlite() : jsonLines());
const client = mqtt.connect(order.url, {
  protocolVersion: 5,
  clientId: `${order.venue}-mqttjs`,
  clean: false,
  properties: { sessionExpiryInterval: 0xffffffff },
  outgoingStore,
  ...(messageIdProvider !== undefined && { messageIdProvider }),
});
client.on('error', () => undefined);
client.on('connect', () => {
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
});
const { events } = venueTopics(order.venue);
process.on('message', (event: number) => publish(event));
process.send?.({ known: 0 });

function publish(event: number): void {
  client.publish(events, bodyOf(event, order), {
    qos: 1,
    cbStorePut: (error?: Error) => {
      if (error) setTimeout(() => publish(event), AGAIN_MS);
      else process.send?.(event);
    },
  });
}

async function jsonLines(): Promise<{ outgoingStore: IStore; messageIdProvider?: undefined }> {
  const manager = new Manager(order.folder, {
    maxSize: Infinity,
    clean: false,
    // Who was killed leaves its lock behind: it is taken over as soon as the store allows.
    lockfile: { staleMs: 2_000, retries: 5, retryMinTimeoutMs: 500 },
  });
  await manager.open();
  return { outgoingStore: manager.outgoing };
}

function sqlite(): { outgoingStore: IStore; messageIdProvider: UniqueMessageIdProvider } {
  const packets = new SqlitePackets(join(order.folder, 'packets.sqlite'));
  const messageIdProvider = new mqtt.UniqueMessageIdProvider();
  for (const id of packets.ids()) messageIdProvider.register(id);
  return { outgoingStore: packets, messageIdProvider };
}
