import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt';
import pino from 'pino';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { loadCloudKeys } from '../../../gateway/tokens/key-ring.ts';
import type { Journal } from '../../../gateway/journal/journal.ts';
import { mqttBroker } from '../../../gateway/uplink/mqtt.ts';
import { Uplink } from '../../../gateway/uplink/uplink.ts';
import type { GatewayConfig } from '../../../shared/contract/config.ts';
import { venueTopics } from '../../../shared/contract/topics.ts';
import { ManualClock } from '../manual-clock.ts';
import { configured, newSigner, token, type Signer } from '../signing.ts';
import { openJournal, temporaryFolder } from '../../temporary.ts';
import type { TestBroker } from './brokers.ts';

export const topics = venueTopics('shibuya-1');

/** One message as it came. */
export interface Heard {
  readonly topic: string;
  readonly text: string;
  readonly retained: boolean;
  readonly qos: number;
  readonly contentType: string | undefined;
}

/** A client on the bus that remembers everything it hears of the venue. */
export class Listener {
  readonly heard: Heard[] = [];
  readonly #client: MqttClient;
  readonly #waiting = new Set<() => void>();

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on('message', (topic, payload, packet: IPublishPacket) => {
      const contentType = packet.properties?.contentType;
      this.heard.push({
        topic,
        text: payload.toString('utf8'),
        retained: packet.retain,
        qos: packet.qos,
        contentType,
      });
      for (const check of this.#waiting) check();
    });
  }

  static async join(broker: TestBroker, protocolVersion: 4 | 5 = 5): Promise<Listener> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
      protocolVersion,
      reconnectPeriod: 0,
    });
    onTestFinished(() => void client.end(true));
    const listener = new Listener(client);
    await client.subscribeAsync('genkan/v1/shibuya-1/#', { qos: 1 });
    return listener;
  }

  on(topic: string): readonly Heard[] {
    return this.heard.filter((message) => message.topic === topic);
  }

  /** Resolves when so many messages were heard on a topic. */
  async until(topic: string, count: number): Promise<readonly Heard[]> {
    await new Promise<void>((resolve) => {
      const check = () => {
        if (this.on(topic).length < count) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
    return this.on(topic);
  }

  async publish(topic: string, text: string, retain: boolean): Promise<void> {
    await this.#client.publishAsync(topic, text, { qos: 1, retain });
  }

  leave(): Promise<void> {
    return this.#client.endAsync(true);
  }
}

/** A gateway's line to a broker: real journal, real connection, virtual time for its pauses. */
export interface Line {
  readonly uplink: Uplink;
  readonly journal: Journal;
  readonly clock: ManualClock;
  readonly cloud: Signer;
  /** How often a connection was refused or lost. */
  readonly losses: () => number;
  /** Appends so many events. */
  readonly append: (count: number) => void;
  /** A signed receipt; members left out are right. */
  readonly receipt: (seq: number, over?: Readonly<Record<string, unknown>>, signer?: Signer) => string;
}

/** What may differ of a gateway at a line. */
interface LineOptions {
  /** Makes the journal at a path, which is opened then. Default: it is new. */
  readonly prepare?: (path: string) => void;
  /** Default: `gw-1`. */
  readonly gateway?: string;
  /** What its connections are called, before their number. Default: `session`. */
  readonly sessions?: string;
}

export async function startLine(
  broker: TestBroker,
  over: Partial<NonNullable<GatewayConfig['uplink']>> = {},
  { prepare = () => undefined, gateway = 'gw-1', sessions = 'session' }: LineOptions = {},
): Promise<Line> {
  const clock = new ManualClock('2025-10-20T10:00:00+09:00');
  const path = join(temporaryFolder(), 'journal.db');
  prepare(path);
  const journal = openJournal(path);
  const cloud = newSigner('EdDSA');
  const config = { url: `mqtt://127.0.0.1:${broker.port}`, eventsPerSecond: 100_000, ...over };
  const log = pino({ level: 'silent' });
  let connections = 0;
  let losses = 0;
  const connect = mqttBroker(config, `genkan-shibuya-1-${gateway}`, log);
  const uplink = new Uplink({
    connect: (attempt, listener) =>
      connect(attempt, {
        onConnected: (limits) => listener.onConnected(limits),
        onMessage: (topic, message) => listener.onMessage(topic, message),
        onClosed: (ending) => {
          losses += 1;
          listener.onClosed(ending);
        },
      }),
    eventsPerSecond: config.eventsPerSecond,
    protocol: config.protocol,
    venue: 'shibuya-1',
    gateway,
    timeZone: 'Asia/Tokyo',
    journal,
    cloudKeys: await loadCloudKeys({ issuers: [], cloud: [configured(cloud, 'cloud-1')] }),
    clock,
    chance: () => 0,
    newSession: () => {
      connections += 1;
      return `${sessions}-${connections}`;
    },
    log,
  });
  onTestFinished(async () => {
    const closed = uplink.close();
    await clock.advance(1_000);
    await closed;
    journal.close();
  });
  return {
    uplink,
    journal,
    clock,
    cloud,
    losses: () => losses,
    append: (count) => {
      for (let n = 0; n < count; n += 1) {
        const data = { door: 'front' };
        journal.write((writer) =>
          writer.append({ name: 'door.secured', subject: 'front', data }, clock.wallMs(), 'trusted'),
        );
      }
    },
    receipt: (seq, claims = {}, signer = cloud) =>
      token(
        { alg: 'EdDSA', typ: 'custody-receipt+jwt', kid: 'cloud-1' },
        { venue: 'shibuya-1', epoch: journal.epoch, seq, head: journal.headAt(seq), iat: 1, ...claims },
        signer,
      ),
  };
}

/** The numbers of the events heard, in the order of their coming. */
export function numbersOf(heard: readonly Heard[]): readonly number[] {
  return heard.map(({ text }) => Number((JSON.parse(text) as { sequence: string }).sequence));
}
