import { placeOf, type Need } from '../needs.ts';
import { Mosquitto } from '../venue/mosquitto.ts';
import { Nats } from './nats.ts';
import { RabbitMq } from './rabbitmq.ts';

/** A broker, or a cluster of one, under trial. */
export interface BrokerUnderTrial {
  /** Where the gateway may find it. */
  readonly urls: readonly string[];
  /** Where the consumers find it, whatever fails. */
  readonly consumersUrl: string;
  /** A power cut: the broker dies and comes back, or one node of several dies for good. Resolves when that is done. */
  fail(): Promise<void>;
  close(): Promise<void>;
}

/** A kind of broker, as Debian brings it. */
export interface BrokerKind {
  readonly name: string;
  /** What the gateway is told to speak, and the consumers speak. */
  readonly protocol: 5 | '3.1.1';
  readonly needs: readonly Need[];
  /** Whether what fails stays dead. Default: it comes back. */
  readonly isGoneForGood?: boolean;
  readonly open: (folder: string) => Promise<BrokerUnderTrial>;
}

async function openMosquitto(folder: string): Promise<BrokerUnderTrial> {
  const broker = await Mosquitto.start({ folder });
  return {
    urls: [broker.url],
    consumersUrl: broker.url,
    fail: async () => {
      await broker.kill();
      await broker.restart();
    },
    close: () => broker.kill(),
  };
}

async function openNats(folder: string): Promise<BrokerUnderTrial> {
  const cluster = await Nats.start(placeOf('nats-server') ?? '', folder);
  return {
    urls: cluster.urls,
    consumersUrl: cluster.urls.at(-1) ?? '',
    fail: () => cluster.kill(0),
    close: () => cluster.close(),
  };
}

async function openRabbitMq(folder: string): Promise<BrokerUnderTrial> {
  const broker = await RabbitMq.start(placeOf('rabbitmq-server') ?? '', folder);
  return {
    urls: [broker.url],
    consumersUrl: broker.url,
    fail: () => broker.restart(),
    close: () => broker.close(),
  };
}

export const BROKER_KINDS: readonly BrokerKind[] = [
  { name: 'mosquitto-5', protocol: 5, needs: ['mosquitto'], open: openMosquitto },
  { name: 'mosquitto-3.1.1', protocol: '3.1.1', needs: ['mosquitto'], open: openMosquitto },
  { name: 'nats', protocol: '3.1.1', needs: ['nats-server'], isGoneForGood: true, open: openNats },
  { name: 'rabbitmq', protocol: '3.1.1', needs: ['rabbitmq-server'], open: openRabbitMq },
];
