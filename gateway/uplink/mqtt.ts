import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import mqtt, { ErrorWithReasonCode, type IClientOptions, type IConnackPacket } from 'mqtt';
import type { Logger } from 'pino';
import type { GatewayConfig } from '../../shared/contract/config.ts';
import type { ConnectBroker, Publication } from './broker.ts';
import { PACKET_TOO_LARGE, PublishRefused } from './refusal.ts';

/** How long the broker may take to accept a connection. */
const CONNECT_TIMEOUT_MS = 10_000;

/** What holds where a broker does not say how many publishes may wait. Source: MQTT 5, 3.2.2.3.3. */
const RECEIVE_MAXIMUM_UNSAID = 65_535;

/** CONNACK codes that mean "not this version": 1 of MQTT 3.1.1, 0x84 of MQTT 5. */
const UNSUPPORTED_VERSION: ReadonlySet<number> = new Set([1, 0x84]);

/**
 * The broker of the configuration, by MQTT.js. The back-off and the queue are the uplink's: MQTT.js keeps offline
 * publishes in memory only.
 */
export function mqttBroker(
  config: NonNullable<GatewayConfig['uplink']>,
  clientId: string,
  log: Logger,
): ConnectBroker {
  return ({ protocol, will }, listener) => {
    const client = mqtt.connect(config.url, {
      ...connectionOptions(config, protocol),
      clientId,
      will: { topic: will.topic, payload: Buffer.from(will.body), qos: 1, retain: will.retain === true },
    });
    let isOver = false;
    let isVersionRefused = false;
    let packetBytesMax = Infinity;
    client.on('connect', ({ properties }) => {
      if (isOver) return;
      // Without it one message at a time costs 40 ms where Nagle's algorithm meets delayed acknowledgements.
      if (client.stream instanceof Socket) client.stream.setNoDelay(true);
      packetBytesMax = properties?.maximumPacketSize ?? Infinity;
      listener.onConnected({ receiveMaximum: properties?.receiveMaximum ?? RECEIVE_MAXIMUM_UNSAID });
    });
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'connack') isVersionRefused = refusesVersion(packet);
    });
    client.on('message', (topic, payload, { retain, properties }) => {
      if (isOver) return;
      listener.onMessage(topic, {
        text: payload.toString('utf8'),
        retained: retain,
        responseTopic: properties?.responseTopic ?? null,
        correlationData: properties?.correlationData ?? null,
      });
    });
    client.on('error', (error) => {
      log.debug({ err: error }, 'line error');
    });
    client.on('close', () => {
      if (isOver) return;
      isOver = true;
      listener.onClosed(isVersionRefused);
    });
    return {
      publish: async (message) => {
        // Sent all the same it would cost the connection, with every message on the way.
        if (packetBytesOf(message) > packetBytesMax) throw new PublishRefused(PACKET_TOO_LARGE);
        try {
          await client.publishAsync(message.topic, message.body, publishOptions(message, protocol));
        } catch (error) {
          throw error instanceof ErrorWithReasonCode && !isOver ? new PublishRefused(error.code) : error;
        }
      },
      subscribe: async (topics) => {
        await client.subscribeAsync([...topics], { qos: 1 });
      },
      end: () => {
        isOver = true;
        client.end(true);
      },
    };
  };
}

/** The most that a PUBLISH takes: header, length, packet id, and the properties that we set with their lengths. */
function packetBytesOf({ topic, body, contentType = '', correlationData }: Publication): number {
  const properties = 10 + Buffer.byteLength(contentType) + (correlationData?.length ?? 0);
  return 9 + Buffer.byteLength(topic) + properties + Buffer.byteLength(body);
}

function publishOptions({ retain = false, contentType, correlationData }: Publication, protocol: 4 | 5) {
  const properties = {
    ...(contentType !== undefined && { contentType }),
    ...(correlationData !== undefined && { correlationData }),
  };
  const isNamed = protocol === 5 && Object.keys(properties).length > 0;
  return { qos: 1 as const, retain, ...(isNamed && { properties }) };
}

/**
 * How the broker is spoken to: version, credentials, certificates. Files are read anew for each connection, so that a
 * renewed certificate needs no restart.
 *
 * @throws Error where a file cannot be read
 */
export function connectionOptions(
  config: NonNullable<GatewayConfig['uplink']>,
  protocol: 4 | 5,
): IClientOptions {
  return {
    protocolVersion: protocol,
    clean: true,
    // The back-off is ours, and so is the queue: mqtt.js keeps offline publishes in memory only.
    reconnectPeriod: 0,
    queueQoSZero: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: 30,
    ...(config.username === undefined ? {} : { username: config.username }),
    ...(config.passwordFile === undefined ? {} : { password: firstLineOf(config.passwordFile) }),
    ...(config.ca === undefined ? {} : { ca: readFileSync(config.ca) }),
    ...(config.cert === undefined ? {} : { cert: readFileSync(config.cert) }),
    ...(config.key === undefined ? {} : { key: readFileSync(config.key) }),
  };
}

/** Whether the broker does not speak the version that it was asked for. */
function refusesVersion({ reasonCode, returnCode }: IConnackPacket): boolean {
  return UNSUPPORTED_VERSION.has(reasonCode ?? returnCode ?? 0);
}

function firstLineOf(path: string): string {
  return readFileSync(path, 'utf8').split('\n')[0] ?? '';
}
