import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { Transform } from 'node:stream';
import { TLSSocket } from 'node:tls';
import mqtt, {
  ErrorWithReasonCode,
  ErrorWithSubackPacket,
  type IClientOptions,
  type IConnackPacket,
  type MqttClient,
  type StreamBuilder,
} from 'mqtt';
import type { Logger } from 'pino';
import { COMMAND_LIFETIME_S_MAX } from '../../shared/contract/command.ts';
import type { GatewayConfig } from '../../shared/contract/config.ts';
import { MqttPackets, type PayloadBounds } from '../limits/mqtt-packets.ts';
import { ANSWER_WITHIN_MS } from './answers.ts';
import type { ConnectBroker, Ending, Publication } from './broker.ts';
import { PACKET_TOO_LARGE, PublishRefused, refusalOf } from './refusal.ts';

/** What holds where a broker does not say how many publishes may wait. Source: MQTT 5, 3.2.2.3.3. */
const RECEIVE_MAXIMUM_UNSAID = 65_535;

/** Reason codes from here on are refusals. Source: MQTT 5, 2.4; 3.1.1 has 0x80 alone. */
const REFUSED_FROM = 0x80;

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
  const urls = brokerUrls(config);
  const turn = new Turn(urls.length);
  return ({ protocol, will, inbound }, listener) => {
    const client = mqtt.connect(urls[turn.at] ?? '', {
      ...connectionOptions(config, protocol),
      // A correction that was sent while the gateway was away waits with the broker for it, as long as one may live.
      clean: false,
      ...(protocol === 5 && {
        properties: {
          maximumPacketSize: inbound.largest + PACKET_BYTES_BESIDE,
          sessionExpiryInterval: COMMAND_LIFETIME_S_MAX,
        },
      }),
      manualConnect: true,
      clientId,
      will: { topic: will.topic, payload: Buffer.from(will.body), qos: 1, retain: will.retain === true },
    });
    boundInbound(client, {
      protocol,
      bytesMax: inbound.bytesMax,
      onCut: (topic, bytes) => log.error({ topic, bytes }, 'a message that is too large was not kept'),
    });
    client.connect();
    let isOver = false;
    let ending: Ending = 'lost';
    let packetBytesMax = Infinity;
    onReached(client.stream, () => {
      ending = 'hung-up';
    });
    client.on('connect', ({ properties }) => {
      if (isOver) return;
      // Without it one message at a time costs 40 ms where Nagle's algorithm meets delayed acknowledgements.
      if (client.stream instanceof Socket) client.stream.setNoDelay(true);
      packetBytesMax = properties?.maximumPacketSize ?? Infinity;
      listener.onConnected({ receiveMaximum: properties?.receiveMaximum ?? RECEIVE_MAXIMUM_UNSAID });
    });
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'connack') ending = refusesVersion(packet) ? 'protocol-refused' : 'lost';
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
    client.on('disconnect', ({ reasonCode = 0 }) => {
      log.warn({ reason: refusalOf(reasonCode).name }, 'the broker ends the connection');
    });
    client.on('error', (error) => {
      log.debug({ err: error }, 'line error');
    });
    client.on('close', () => {
      if (isOver) return;
      isOver = true;
      turn.failed(ending);
      listener.onClosed(ending);
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
        const wanted = Object.fromEntries(
          topics.map((topic) => [topic, { qos: inbound.isKept(topic) ? 1 : 0 } as const]),
        );
        const granted = await client.subscribeAsync(wanted).then(
          (grants) => grants.map(({ qos }) => qos),
          (error: unknown) => grantedIn(error) ?? Promise.reject(error as Error),
        );
        const refused = topics.flatMap((topic, at) => {
          const code = granted[at] ?? 0;
          return code < REFUSED_FROM ? [] : [[topic, code] as const];
        });
        return new Map(refused);
      },
      end: () => {
        isOver = true;
        client.end(true);
      },
    };
  };
}

/** The places where the broker may be reached, at least one. */
export function brokerUrls({ url }: Pick<NonNullable<GatewayConfig['uplink']>, 'url'>): readonly string[] {
  return typeof url === 'string' ? [url] : url;
}

/**
 * Which of several places is next: another one after each failure. One that refuses this version of MQTT, or hangs up
 * without a word, is asked once more first, for it may take the other version.
 */
class Turn {
  at = 0;
  readonly #count: number;
  #isAskedAgain = false;

  constructor(count: number) {
    this.#count = count;
  }

  failed(ending: Ending): void {
    this.#isAskedAgain = ending !== 'lost' && !this.#isAskedAgain;
    if (!this.#isAskedAgain) this.at = (this.at + 1) % this.#count;
  }
}

/** As much comes beside the text of a message, at most, and in any other packet, in bytes. */
const PACKET_BYTES_BESIDE = 16 * 1024;

/**
 * Puts bounds between the socket and the parser of MQTT.js, which gathers whatever comes. 3.1.1 cannot tell a broker what
 * is too large, and one of 5 may not listen.
 */
function boundInbound(client: MqttClient, bounds: PayloadBounds): void {
  const inner = client as unknown as { streamBuilder: StreamBuilder };
  const build = inner.streamBuilder;
  inner.streamBuilder = (...given) => {
    const stream = build(...given);
    const packets = new MqttPackets(PACKET_BYTES_BESIDE, bounds);
    const bounded = new Transform({
      transform(chunk: Buffer, _, done) {
        try {
          for (const piece of packets.take(chunk)) this.push(piece);
          done();
        } catch (error) {
          done(error as Error);
        }
      },
    });
    bounded.on('error', (error) => stream.destroy(error));
    const pipe = stream.pipe.bind(stream);
    stream.pipe = (to) => pipe(bounded).pipe(to);
    return stream;
  };
}

/** What a SUBACK says of each topic where it refuses one, which MQTT.js makes an error; `null` for any other error. */
function grantedIn(error: unknown): readonly number[] | null {
  const granted = error instanceof ErrorWithSubackPacket ? error.packet.granted : undefined;
  return granted?.some((code) => Number(code) >= REFUSED_FROM) === true ? granted.map(Number) : null;
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
    connectTimeout: ANSWER_WITHIN_MS,
    keepalive: 30,
    ...(config.username === undefined ? {} : { username: config.username }),
    ...(config.passwordFile === undefined ? {} : { password: firstLineOf(config.passwordFile) }),
    ...(config.ca === undefined ? {} : { ca: readFileSync(config.ca) }),
    ...(config.cert === undefined ? {} : { cert: readFileSync(config.cert) }),
    ...(config.key === undefined ? {} : { key: readFileSync(config.key) }),
  };
}

/** Calls back when the other side is there, so that its silence is an answer. A WebSocket says so to nobody. */
function onReached(stream: MqttClient['stream'], reached: () => void): void {
  if (stream instanceof TLSSocket) stream.once('secureConnect', reached);
  else if (stream instanceof Socket) stream.once('connect', reached);
  else reached();
}

/** Whether the broker does not speak the version that it was asked for. */
function refusesVersion({ reasonCode, returnCode }: IConnackPacket): boolean {
  return UNSUPPORTED_VERSION.has(reasonCode ?? returnCode ?? 0);
}

function firstLineOf(path: string): string {
  return readFileSync(path, 'utf8').split('\n')[0] ?? '';
}
