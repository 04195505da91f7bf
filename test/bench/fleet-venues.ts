/**
 * A process full of venues: each has a real journal with a backlog, and the real line of a gateway. Or, as the floor,
 * as many plain clients that publish the same bytes.
 */
import { join } from 'node:path';
import { Socket } from 'node:net';
import mqtt from 'mqtt';
import { ulid } from 'ulid';
import { Journal } from '../../gateway/journal/journal.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import type { PublicKey } from '../../shared/contract/config.ts';
import { until } from '../venue/until.ts';
import { uplinkOf } from './cloud-rig.ts';
import { fill } from './past.ts';

/** What the process is told first. */
export interface FleetOrder {
  readonly folder: string;
  readonly url: string;
  readonly venues: number;
  readonly events: number;
}

const WITHIN_MS = 600_000;

/** Publishes of one plain client that wait for their PUBACK at once: as many as ours. */
const WINDOW = 100;

const order = await new Promise<FleetOrder>((resolve) => process.once('message', resolve));
const names = Array.from({ length: order.venues }, (_, number) => `venue-${number + 1}`);
const journals = names.map((venue) => {
  const journal = new Journal({
    path: join(order.folder, `${venue}.sqlite`),
    venue,
    gateway: 'gw-1',
    timeZone: 'Asia/Tokyo',
    birth: () => ({ epoch: ulid(), leaseBase: 1 }),
  });
  fill(journal, order.events, Date.now());
  return { venue, journal };
});

/** `floor`, `end`, or the keys of the consumers: then the real lines drain to them. */
type Command = 'floor' | 'end' | { readonly keys: readonly PublicKey[] };

const next = () => new Promise<Command>((resolve) => process.once('message', resolve));
const tell = (word: object) => process.send?.(word);

tell({ ready: true });
for (let command = await next(); command !== 'end'; command = await next()) {
  if (command === 'floor') await floor();
  else await drain(command.keys);
  tell({ done: true });
}
for (const { journal } of journals) journal.close();
process.disconnect();

async function drain(keys: readonly PublicKey[]): Promise<void> {
  const uplinks = await Promise.all(
    journals.map(({ venue, journal }) => uplinkOf(journal, { url: order.url, keys }, { venue })),
  );
  for (const uplink of uplinks) uplink.start();
  await until(
    'every venue’s events are in custody',
    () => journals.every(({ journal }) => journal.custody.seq >= journal.lastSeq),
    WITHIN_MS,
  );
  await Promise.all(uplinks.map((uplink) => uplink.close()));
}

async function floor(): Promise<void> {
  await Promise.all(
    journals.map(async ({ venue, journal }) => {
      const bodies = journal.eventsAfter(0, order.events).map(({ body }) => body);
      const client = await mqtt.connectAsync(order.url, { protocolVersion: 5 });
      if (client.stream instanceof Socket) client.stream.setNoDelay(true);
      const topic = venueTopics(venue).events;
      await new Promise<void>((resolve, reject) => {
        let sent = 0;
        let acknowledged = 0;
        const send = () => {
          client.publish(topic, bodies[sent++] ?? '', { qos: 1 }, (error) => {
            if (error) reject(error);
            acknowledged += 1;
            if (acknowledged === bodies.length) resolve();
            else if (sent < bodies.length) send();
          });
        };
        for (let open = 0; open < Math.min(WINDOW, bodies.length); open += 1) send();
      });
      await client.endAsync();
    }),
  );
}
