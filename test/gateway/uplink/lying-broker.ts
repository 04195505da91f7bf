import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  generate,
  parser,
  type IConnectPacket,
  type IPublishPacket,
  type ISubscribePacket,
  type Packet,
} from 'mqtt-packet';
import { onTestFinished } from 'vitest';
import type { TestBroker } from './brokers.ts';

/** Answers, says nothing for ever, or hangs up. */
export type Manner = 'answer' | 'mute' | 'close';

/** What a broker does that is not as it should be. What is left out is honest; pings are answered in any case. */
export interface Lies {
  /** A number is the reason code of its CONNACK. */
  readonly connect?: (protocol: number) => Manner | number;
  /** For each topic filter; a number is its reason code in the SUBACK. `deaf`: granted, and nothing is ever delivered. */
  readonly subscribe?: (topic: string) => Manner | 'deaf' | number;
  /**
   * `drop`: acknowledged and passed on to nobody. `mute`: passed on and never acknowledged. `lose`: neither. `late`: passed
   * on, and acknowledged by `answerLate`.
   *
   * @param nth from 1, on this topic by this connection
   */
  readonly publish?: (topic: string, nth: number, bytes: number) => Manner | 'drop' | 'lose' | 'late';
}

interface Client {
  readonly socket: Socket;
  readonly topics: Set<string>;
  readonly published: Map<string, number>;
  protocolVersion: number;
}

/** A broker on the loopback that speaks MQTT 5 and 3.1.1 and lies as it is told. Its lies may change at any time. */
export class LyingBroker implements TestBroker {
  readonly port: number;
  lies: Lies = {};
  /** Versions of MQTT of every CONNECT, in the order of their coming. */
  readonly connects: number[] = [];
  /** Largest packet that each CONNECT allows, in bytes; `undefined` where it says none. */
  readonly packetBytesMax: (number | undefined)[] = [];
  /** Topics of everything that was published, whatever became of it. */
  readonly published: string[] = [];
  /** Called with everything that is passed on. */
  onPassedOn: (topic: string, text: string) => void = () => undefined;
  readonly #server: Server;
  readonly #clients = new Set<Client>();
  readonly #retained = new Map<string, string>();
  readonly #late: (() => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#greet(socket));
  }

  /** @param port default: any that is free */
  static async start(port = 0): Promise<LyingBroker> {
    // Small answers wait for nobody: what is on the loopback has arrived a few turns later.
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const broker = new LyingBroker(server);
    onTestFinished(() => broker.kill());
    return broker;
  }

  /** How many connections are open. */
  get open(): number {
    return this.#clients.size;
  }

  /** Says something as the cloud would, retained. */
  say(topic: string, text: string): void {
    this.#retained.set(topic, text);
    this.#passOn(topic, text);
  }

  /** Says so many bytes of nothing on a topic, retained, to whoever is connected, as fast as they take it. */
  async flood(topic: string, bytes: number): Promise<void> {
    const piece = Buffer.alloc(64 * 1024);
    for (const { socket, protocolVersion } of this.#clients) {
      const empty = { cmd: 'publish', topic, payload: '', qos: 0, dup: false, retain: true } as const;
      const opening = generate(empty, { protocolVersion }).subarray(2);
      const length = opening.length + bytes;
      const digits = [length & 0x7f, (length >> 7) & 0x7f, (length >> 14) & 0x7f, length >> 21];
      socket.write(Buffer.from([0x31, ...digits.map((digit, at) => (at < 3 ? digit | 0x80 : digit))]));
      socket.write(opening);
      for (let left = bytes; left > 0 && !socket.destroyed; left -= piece.length) {
        if (!socket.write(piece.subarray(0, Math.min(left, piece.length)))) await once(socket, 'drain');
      }
    }
  }

  /** Acknowledges the one that has waited longest. */
  answerLate(): void {
    this.#late.shift()?.();
  }

  /** Ends every connection, and takes new ones. */
  cut(): void {
    for (const { socket } of this.#clients) socket.destroy();
  }

  reload(): void {
    // Has no rules but its lies.
  }

  kill(): Promise<void> {
    for (const { socket } of this.#clients) socket.destroy();
    this.#server.close();
    return Promise.resolve();
  }

  #greet(socket: Socket): void {
    const client: Client = { socket, topics: new Set(), published: new Map(), protocolVersion: 4 };
    const packets = parser();
    this.#clients.add(client);
    packets.on('packet', (packet: Packet) => this.#take(client, packet));
    packets.on('error', () => socket.destroy());
    socket.on('data', (bytes) => packets.parse(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#clients.delete(client));
  }

  #take(client: Client, packet: Packet): void {
    if (packet.cmd === 'connect') this.#connect(client, packet);
    if (packet.cmd === 'subscribe') this.#subscribe(client, packet);
    if (packet.cmd === 'publish') this.#publish(client, packet);
    if (packet.cmd === 'pingreq') this.#answer(client, 'answer', { cmd: 'pingresp' });
  }

  #connect(client: Client, { protocolVersion = 4, properties }: IConnectPacket): void {
    client.protocolVersion = protocolVersion;
    this.packetBytesMax.push(properties?.maximumPacketSize);
    this.connects.push(protocolVersion);
    const manner = this.lies.connect?.(protocolVersion) ?? 'answer';
    const code = typeof manner === 'number' ? manner : 0;
    this.#answer(client, typeof manner === 'number' ? 'answer' : manner, {
      cmd: 'connack',
      sessionPresent: false,
      reasonCode: code,
      returnCode: code,
    });
  }

  #subscribe(client: Client, { subscriptions, messageId = 0 }: ISubscribePacket): void {
    const manners = subscriptions.map(({ topic }) => this.lies.subscribe?.(topic) ?? 'answer');
    const rude = manners.find((manner) => manner === 'mute' || manner === 'close');
    const granted = manners.map((manner) => (typeof manner === 'number' ? manner : 1));
    this.#answer(client, rude ?? 'answer', { cmd: 'suback', messageId, granted });
    if (rude !== undefined) return;
    for (const [at, { topic }] of subscriptions.entries()) {
      if (granted[at] !== 1 || manners[at] === 'deaf') continue;
      client.topics.add(topic);
      const kept = this.#retained.get(topic);
      if (kept !== undefined) this.#tell(client, topic, kept, true);
    }
  }

  #publish(client: Client, { topic, payload, messageId = 0 }: IPublishPacket): void {
    const nth = (client.published.get(topic) ?? 0) + 1;
    client.published.set(topic, nth);
    const manner = this.lies.publish?.(topic, nth, payload.length) ?? 'answer';
    const puback = { cmd: 'puback', messageId, reasonCode: 0 } as const;
    this.published.push(topic);
    if (manner === 'answer' || manner === 'drop') this.#answer(client, 'answer', puback);
    if (manner === 'close') this.#answer(client, 'close', puback);
    if (manner === 'late') this.#late.push(() => this.#answer(client, 'answer', puback));
    if (manner === 'drop' || manner === 'lose' || manner === 'close') return;
    this.onPassedOn(topic, payload.toString());
    this.#passOn(topic, payload.toString());
  }

  /** To everybody whose filter has it; a shared one as if nobody shared it. */
  #passOn(topic: string, text: string): void {
    const hears = (filter: string) => {
      const levels = filter.replace(/^\$share\/[^/]+\//, '').split('/');
      const given = topic.split('/');
      return (
        levels.length === given.length && levels.every((level, at) => level === '+' || level === given[at])
      );
    };
    for (const client of this.#clients)
      if ([...client.topics].some(hears)) this.#tell(client, topic, text, false);
  }

  #tell({ socket, protocolVersion }: Client, topic: string, payload: string, retain: boolean): void {
    const packet = { cmd: 'publish', topic, payload, qos: 0, dup: false, retain } as const;
    socket.write(generate(packet, { protocolVersion }));
  }

  #answer({ socket, protocolVersion }: Client, manner: Manner, packet: Packet): void {
    if (manner === 'close') socket.destroy();
    if (manner === 'answer') socket.write(generate(packet, { protocolVersion }));
  }
}
