import { readFileSync } from 'node:fs';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { GatewayConfig } from '../../shared/contract/config.ts';
import { HEARTBEAT_MS, type GatewayState, type Occupancy } from '../../shared/contract/state.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import { formatInstant } from '../../shared/time.ts';
import { every, type Clock } from '../clock/clock.ts';
import type { CommandExecutor } from '../commands/executor.ts';
import type { Doors } from '../door/doors.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';
import type { Account } from '../operators/accounts.ts';
import type { Operators } from '../operators/operators.ts';
import { isPassword } from '../operators/password.ts';
import { boundConnections, boundPackets, refusalOfConnect } from './admission.ts';
import { discoveryOf } from './discovery.ts';
import { mayTouch, permissionsOf, WRITTEN_BYTES_MAX } from './permissions.ts';

/** How often the states are compared with what was published, in milliseconds; at once after an event. */
const LOOK_EVERY_MS = 1_000;
const GATHER_MS = 20;

/** Events published at a time. */
const PAGE = 200;

const CONNECTIONS_MAX = 64;
/** Deadlines of the TLS handshake, and of the CONNECT after it. */
const ANSWER_WITHIN_MS = 10_000;

/** What Home Assistant sends, and what it orders. `LOCK` also ends a hold-open. */
const ORDERS: ReadonlyMap<string, 'unlock' | 'secure'> = new Map([
  ['UNLOCK', 'unlock'],
  ['LOCK', 'secure'],
]);

export interface LocalBusOptions {
  readonly config: GatewayConfig;
  readonly bus: NonNullable<GatewayConfig['localBus']>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly doors: Pick<Doors, 'reports'>;
  readonly occupancy: () => Occupancy;
  readonly executor: CommandExecutor;
  readonly operators: Operators;
  readonly log: Logger;
  /** Deadline of the TLS handshake, and of the CONNECT after it. Default: 10 s. */
  readonly answerWithinMs?: number;
}

/**
 * The bus of the venue's own network: MQTT 3.1.1 over TLS in this process, for tablets and Home Assistant while the line
 * to the cloud is down. Whoever connects has an account of `genkan operator`; each topic has a row in `permissions.ts`.
 */
export class LocalBus {
  readonly #options: LocalBusOptions;
  readonly #topics;
  readonly #session: string;
  readonly #permissions;
  readonly #accounts = new WeakMap<Client, Account>();
  readonly #published = new Map<string, string>();
  readonly #server: Server;
  #aedes: Aedes | null = null;
  #seq: number;
  #cancel: () => void = () => undefined;
  #cancelGathering: (() => void) | null = null;
  #stopListening: () => void = () => undefined;

  constructor(options: LocalBusOptions) {
    const { bus, journal, config, clock } = options;
    this.#options = options;
    this.#topics = venueTopics(config.venue.id);
    this.#permissions = permissionsOf(config.venue.id);
    this.#session = ulid(clock.wallMs());
    this.#seq = journal.lastSeq;
    const identity = { cert: readFileSync(bus.cert), key: readFileSync(bus.key) };
    const handshakeTimeout = options.answerWithinMs ?? ANSWER_WITHIN_MS;
    this.#server = createServer({ ...identity, minVersion: 'TLSv1.2', handshakeTimeout }, (socket) =>
      this.#greet(socket),
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.on('connection', boundConnections(options.log));
    this.#server.on('tlsClientError', (error, socket) => {
      options.log.debug({ err: error }, 'local bus: no TLS');
      // Node tells of a handshake that is late, and keeps its socket.
      socket.destroy();
    });
  }

  /** @throws Error when the port is taken */
  async start(): Promise<void> {
    const { bus, journal, config, log } = this.#options;
    this.#aedes = await Aedes.createBroker({
      connectTimeout: this.#options.answerWithinMs ?? ANSWER_WITHIN_MS,
      maxClientsIdLength: 64,
      preConnect: (_client, packet, done) => {
        const refusal = refusalOfConnect(packet);
        done(refusal, refusal === null);
      },
      authenticate: (client, username, password, done) => {
        this.#signIn(client, username ?? '', password?.toString() ?? '').then(
          (isGood) => done(null, isGood),
          () => done(null, false),
        );
      },
      authorizeSubscribe: (client, subscription, done) => {
        const may = this.#may(client, 'read', subscription.topic);
        if (!may) log.info({ topic: subscription.topic }, 'local bus: a subscription was refused');
        done(null, may ? subscription : null);
      },
      authorizePublish: (client, packet, done) => done(this.#refusalOf(client, packet)),
      // An account that was removed, or lost its role, hears nothing more by what it has subscribed to before.
      authorizeForward: (client, packet) => (this.#may(client, 'read', packet.topic) ? packet : null),
      published: (packet, client, done) => {
        // What the gateway publishes has no client, so no account, and orders nothing.
        this.#command(client, packet);
        done();
      },
    });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(bus.port, bus.host, resolve);
    });
    for (const { topic, body } of discoveryOf(config, { commands: true })) this.#retain(topic, body);
    this.#stopListening = journal.onAppend(() => {
      this.#cancelGathering ??= this.#options.clock.after(GATHER_MS, () => {
        this.#cancelGathering = null;
        this.#publish();
      });
    });
    const { clock } = this.#options;
    const cancels = [
      every(clock, LOOK_EVERY_MS, () => this.#publish()),
      every(clock, HEARTBEAT_MS, () => {
        this.#published.delete(this.#topics.gatewayState);
        this.#publish();
      }),
    ];
    this.#cancel = () => cancels.forEach((cancel) => cancel());
    this.#publish();
  }

  /** Where it listens, after `start`. */
  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  }

  async close(): Promise<void> {
    this.#stopListening();
    this.#cancel();
    this.#cancelGathering?.();
    const aedes = this.#aedes;
    if (aedes === null) return;
    this.#send({ topic: this.#topics.gatewayState, body: this.#gatewayState(false), retain: true });
    await new Promise<void>((resolve) => {
      aedes.close(resolve);
    });
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #greet(socket: TLSSocket): void {
    socket.setNoDelay(true);
    this.#aedes?.handle(socket);
    boundPackets(socket, this.#options.log);
  }

  async #signIn(client: Client, name: string, password: string): Promise<boolean> {
    const { accounts, attempts } = this.#options.operators;
    const address = (client.conn as TLSSocket).remoteAddress ?? '';
    if (attempts.waitS(address, name) > 0) return false;
    attempts.begin(address, name);
    const account = accounts.find(name);
    // A one-time password opens the choice of another, at the console, and nothing else.
    if (!(await isPassword(password, account?.password ?? null, address)) || account?.oneTime === true)
      return false;
    if (account === null) return false;
    attempts.succeeded(address, name);
    this.#accounts.set(client, account);
    return true;
  }

  /** By the account as it is now: a role that was taken away is gone at once. */
  #may(client: Client | null, act: 'read' | 'write', topic: string): boolean {
    const known = client === null ? undefined : this.#accounts.get(client);
    if (known === undefined) return false;
    const account = this.#options.operators.accounts.find(known.name);
    if (account?.password !== known.password) return false;
    return mayTouch(this.#permissions, account.role, act, topic);
  }

  #refusalOf(client: Client | null, { topic, payload, retain }: PublishPacket): Error | null {
    if (!this.#may(client, 'write', topic)) return new Error(`not permitted: ${topic}`);
    if (payload.length > WRITTEN_BYTES_MAX) return new Error('too long');
    // A retained command would run again at every connection.
    return retain && topic.endsWith('/set') ? new Error('a command must not be retained') : null;
  }

  #command(client: Client, { topic, payload }: PublishPacket): void {
    const { executor, config, clock, log } = this.#options;
    const door = config.doors.find(({ id }) => topic.endsWith(`/doors/${id}/set`));
    const cmd = ORDERS.get(payload.toString());
    const by = this.#accounts.get(client)?.name;
    if (door === undefined || cmd === undefined || by === undefined) return;
    const order = { cmd, door: door.id, jti: ulid(clock.wallMs()), by, reason: 'local bus' } as const;
    tryWrite(
      () => void executor.execute(order, 'local-bus'),
      faultTold(log, 'a command was not carried out'),
    );
  }

  /** States first, so that whoever hears of an event finds the door as it is. */
  #publish(): void {
    const { doors, occupancy, journal } = this.#options;
    this.#retain(this.#topics.gatewayState, this.#gatewayState(true), 'at');
    for (const report of doors.reports()) {
      const body = JSON.stringify({ session: this.#session, ...report });
      this.#retain(this.#topics.doorState(report.door), body, 'at');
    }
    this.#retain(this.#topics.occupancy, JSON.stringify(occupancy()));
    const rows = journal.eventsAfter(this.#seq, PAGE);
    for (const { body } of rows) this.#send({ topic: this.#topics.events, body, retain: false });
    this.#seq = rows.at(-1)?.seq ?? this.#seq;
  }

  #gatewayState(online: boolean): string {
    const { config, journal, clock } = this.#options;
    const state: GatewayState = {
      online,
      session: this.#session,
      gateway: config.gateway.id,
      epoch: journal.epoch,
      at: formatInstant(clock.wallMs(), config.venue.timeZone),
    };
    return JSON.stringify(state);
  }

  /** Publishes what has changed. @param beside a member that changes by itself */
  #retain(topic: string, body: string, beside?: string): void {
    const compared =
      beside === undefined ? body : JSON.stringify({ ...(JSON.parse(body) as object), [beside]: '' });
    if (this.#published.get(topic) === compared) return;
    this.#published.set(topic, compared);
    this.#send({ topic, body, retain: true });
  }

  #send({ topic, body, retain }: { topic: string; body: string; retain: boolean }): void {
    const packet = { cmd: 'publish', topic, payload: Buffer.from(body), qos: 1, retain, dup: false } as const;
    this.#aedes?.publish(packet, (error) => {
      if (error) this.#options.log.debug({ err: error, topic }, 'local bus: not published');
    });
  }
}
