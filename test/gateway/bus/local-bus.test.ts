import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import pino from 'pino';
import { LocalBus } from '../../../gateway/bus/local-bus.ts';
import { covers, permissionsOf } from '../../../gateway/bus/permissions.ts';
import { CommandExecutor } from '../../../gateway/commands/executor.ts';
import { reaches } from '../../../gateway/operators/accounts.ts';
import { hashPassword } from '../../../gateway/operators/password.ts';
import { NO_LINE } from '../../../gateway/uplink/cloud-line.ts';
import { until } from '../../venue/until.ts';
import { openVenue, type Venue } from '../../venue/venue.ts';
import { needs } from '../../needs.ts';
import { loopbackCertificate } from '../certificate.ts';

const PASSWORD = 'correct horse battery';
const ROOT = 'genkan/v1/shibuya-1';

let venue: Venue;
let folder: string;
let cert: string;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'genkan-'));
  const identity = loopbackCertificate(folder);
  ({ cert } = identity);
  venue = await openVenue({
    localBus: { host: '127.0.0.1', port: 0, ...identity },
    uplink: { homeAssistant: true },
    signIn: true,
  });
  const { accounts } = venue.gateway.operators;
  const password = await hashPassword(PASSWORD);
  const account = { password, createdAt: '2026-11-24T09:00:00+09:00' };
  accounts.put({ ...account, name: 'tablet', role: 'viewer' });
  accounts.put({ ...account, name: 'home', role: 'operator' });
  accounts.put({ ...account, name: 'new', role: 'admin', oneTime: true });
  port = venue.gateway.localBus?.port ?? 0;
}, 60_000);

afterAll(async () => {
  await venue.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A client that never comes back by itself. @throws Error when it is not let in */
function connect(
  username?: string,
  password = PASSWORD,
  ca = readFileSync(cert),
  options: IClientOptions = {},
): Promise<MqttClient> {
  return mqtt.connectAsync(
    `mqtts://localhost:${port}`,
    {
      ca,
      protocolVersion: 4,
      reconnectPeriod: 0,
      ...(username !== undefined && { username, password }),
      ...options,
    },
    false,
  );
}

async function granted(client: MqttClient, filter: string): Promise<boolean> {
  const [answer] = await client.subscribeAsync(filter, { qos: 1 }).catch(() => [{ qos: 128 }]);
  return answer?.qos !== 128;
}

/** Whether a message is taken; a refusal ends the connection (MQTT 3.1.1, section 3.3.5). */
async function taken(name: string, topic: string, payload = 'x', retain = false): Promise<boolean> {
  const client = await connect(name);
  const done = client.publishAsync(topic, payload, { qos: 1, retain }).then(() => true);
  const isTaken = await Promise.race([
    done.catch(() => false),
    new Promise<boolean>((resolve) => client.once('close', () => resolve(false))),
  ]);
  await client.endAsync(true);
  return isTaken;
}

const ROLES = [
  ['tablet', 'viewer'],
  ['home', 'operator'],
] as const;
const example = (filter: string) => filter.replace('+', 'front').replace('#', 'device/x/config');

describe('the permissions of the local bus', needs('openssl'), () => {
  const rows = permissionsOf('shibuya-1');
  const cases = ROLES.flatMap(([name, role]) =>
    rows.map(({ filter, act, role: needed }) => ({ name, role, filter, act, needed })),
  );

  it.each(cases)(
    'of a $role to $act $filter are those of the table',
    async ({ name, act, filter, needed, role }) => {
      const expected = reaches(role, needed);
      if (act === 'write') {
        expect(await taken(name, example(filter))).toBe(expected);
        return;
      }
      const client = await connect(name);
      expect(await granted(client, filter)).toBe(expected);
      expect(await granted(client, example(filter))).toBe(expected);
      await client.endAsync();
    },
  );

  it('end where the table ends: nobody reads a wider filter or the cloud’s topics', async () => {
    const client = await connect('home');
    for (const filter of [
      '#',
      '+/#',
      `${ROOT}/#`,
      '$SYS/#',
      `${ROOT}/trust`,
      `${ROOT}/commands`,
      `${ROOT}/doors/+/set`,
    ])
      expect([filter, await granted(client, filter)]).toEqual([filter, false]);
    await client.endAsync();
  });

  it.each([`${ROOT}/events`, `${ROOT}/doors/front/state`, `${ROOT}/commands`, `${ROOT}/receipts`])(
    'let nobody write %s',
    async (topic) => {
      expect(await taken('home', topic)).toBe(false);
    },
  );

  it.each([
    ['a/+', 'a/b', true],
    ['a/+', 'a/+', true],
    ['a/b', 'a/+', false],
    ['a/+', 'a/#', false],
    ['a/#', 'a/#', true],
    ['a/#', 'a/b/c', true],
    ['a/b', 'a/b/c', false],
    ['a/b/c', 'a/b', false],
  ])('say that %s covers %s: %s', (filter, asked, is) => {
    expect(covers(filter, asked)).toBe(is);
  });
});

describe('a client of the local bus', needs('openssl'), () => {
  it.each([
    ['without a name', undefined, PASSWORD],
    ['with a wrong password', 'home', 'wrong horse battery'],
    ['with a name nobody has', 'nobody', PASSWORD],
    ['with a password that is good once', 'new', PASSWORD],
  ])('%s is not let in', async (_, name, password) => {
    await expect(connect(name, password)).rejects.toThrow();
  });

  it('orders a door, and the ledger says who; a tablet cannot', async () => {
    const opened = () => venue.equipment.door.released;
    expect(await taken('tablet', `${ROOT}/doors/front/set`, 'UNLOCK')).toBe(false);
    expect(opened()).toBe(false);
    expect(await taken('home', `${ROOT}/doors/front/set`, 'UNLOCK', true)).toBe(false);
    expect(await taken('home', `${ROOT}/doors/front/set`, 'UNLOCK')).toBe(true);
    await until('the lock is released', opened);
    const executed = () => venue.ledger().filter(({ name }) => name === 'command.executed');
    await until('the command is answered', () => executed().length > 0);
    expect(executed().map(({ data }) => data)).toEqual([
      expect.objectContaining({ cmd: 'unlock', via: 'local-bus', by: 'home', target: 'front' }),
    ]);
  });

  it('loses what it may do with its role, while it is connected', async () => {
    const { accounts } = venue.gateway.operators;
    const client = await connect('tablet');
    expect(await granted(client, `${ROOT}/occupancy`)).toBe(true);
    const account = accounts.find('tablet');
    accounts.remove('tablet');
    expect(await granted(client, `${ROOT}/gateway/state`)).toBe(false);
    if (account !== null) accounts.put(account);
    await client.endAsync();
  });

  it('hears of a door while the line to the cloud is down', async () => {
    venue.line.cut();
    await until('the line is down', () => !venue.gateway.isOnline());
    const client = await connect('tablet');
    const states: string[] = [];
    client.on('message', (_topic, payload) =>
      states.push((JSON.parse(payload.toString()) as { leaf: string }).leaf),
    );
    await client.subscribeAsync(`${ROOT}/doors/front/state`);
    await until('the state is told', () => states.includes('closed'));
    venue.equipment.door.force();
    await until('the open door is told', () => states.includes('open'));
    await client.endAsync();
    venue.line.mend();
  });
});

/** Resolves when the other end has closed. */
const closed = (socket: Socket) =>
  socket.closed ? Promise.resolve() : new Promise<void>((resolve) => socket.once('close', () => resolve()));

describe('the local bus', needs('openssl'), () => {
  /** A TLS connection that says these bytes and no more. */
  async function say(pieces: readonly Buffer[], at = port): Promise<Socket> {
    const socket = connectTls({ port: at, host: 'localhost', ca: readFileSync(cert) });
    socket.on('error', () => undefined).resume();
    await new Promise<void>((resolve) => socket.once('secureConnect', resolve));
    for (const piece of pieces) socket.write(piece);
    return socket;
  }

  it('cuts off a packet of 64 KiB and one byte before it has come, also of who has not signed in', async () => {
    const length = 64 * 1024 + 1;
    const header = [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
    await closed(await say([Buffer.from([0x10, ...header])]));
    const client = await connect('home');
    const over = new Promise<void>((resolve) => client.once('close', resolve));
    client.publish(`${ROOT}/doors/front/set`, 'x'.repeat(length));
    await over;
  });

  it('waits neither for a handshake nor for a CONNECT', async () => {
    const { journal, doors, operators } = venue.gateway;
    const bus = { host: '127.0.0.1', port: 0, cert, key: join(folder, 'key.pem') };
    const hasty = new LocalBus({
      ...{ config: venue.config, bus, journal, clock: venue.clock, doors, operators },
      occupancy: () => ({ inside: 0, capacity: 1, free: 1, sign: '○' }),
      executor: new CommandExecutor({
        ...{ journal, clock: venue.clock, control: null },
        venue: venue.config.venue,
        line: NO_LINE,
      }),
      log: pino({ level: 'silent' }),
      answerWithinMs: 300,
    });
    await hasty.start();
    const [mute, silent] = [createConnection(hasty.port, '127.0.0.1'), await say([], hasty.port)];
    mute.on('error', () => undefined).resume();
    await Promise.all([closed(mute), closed(silent)]);
    await hasty.close();
  });

  it('lets 16 connections of one address in, and the next when one is gone', async () => {
    const sockets = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const socket = createConnection(port, '127.0.0.1');
        socket.on('error', () => undefined).resume();
        await new Promise<void>((resolve) => socket.once('connect', resolve));
        return socket;
      }),
    );
    await expect(connect('home')).rejects.toThrow();
    for (const socket of sockets) socket.destroy();
    await Promise.all(sockets.map(closed));
    await vi.waitFor(async () => (await connect('home')).endAsync(true), { timeout: 10_000 });
  });

  it('sends nothing more to an account that was removed, though it has subscribed before', async () => {
    const { accounts } = venue.gateway.operators;
    const [removed, other] = [await connect('tablet'), await connect('home')];
    const heard = { removed: 0, other: 0 };
    removed.on('message', () => (heard.removed += 1));
    other.on('message', () => (heard.other += 1));
    for (const client of [removed, other])
      await client.subscribeAsync(`${ROOT}/doors/front/state`, { qos: 1 });
    await until('both hear what is retained', () => heard.removed > 0 && heard.other > 0);
    const account = accounts.find('tablet');
    accounts.remove('tablet');
    const before = { ...heard };
    const { door } = venue.equipment;
    if (door.open) door.push();
    else door.force();
    await until('the other hears of the door', () => heard.other > before.other);
    expect(heard.removed).toBe(before.removed);
    if (account !== null) accounts.put(account);
    for (const client of [removed, other]) await client.endAsync(true);
  });

  it('lets no viewer end or inherit an operator’s connection by its client id', async () => {
    const options = { clientId: 'home-assistant', clean: false };
    const operator = await connect('home', PASSWORD, undefined, options);
    await operator.subscribeAsync(`${ROOT}/events`, { qos: 1 });
    let isOver = false;
    operator.once('close', () => (isOver = true));
    const viewer = await connect('tablet', PASSWORD, undefined, options);
    expect(await granted(operator, `${ROOT}/occupancy`)).toBe(true);
    expect(isOver).toBe(false);
    await operator.endAsync(true);
    await viewer.endAsync(true);
    // Nothing waits for whoever comes back.
    const again = mqtt.connect(`mqtts://localhost:${port}`, {
      ...{
        ca: readFileSync(cert),
        protocolVersion: 4,
        reconnectPeriod: 0,
        username: 'home',
        password: PASSWORD,
      },
      ...options,
    });
    const present = await new Promise<boolean>((resolve) =>
      again.once('connect', ({ sessionPresent }) => resolve(sessionPresent)),
    );
    expect(present).toBe(false);
    await again.endAsync(true);
  });

  it('takes no will that orders a door', async () => {
    const will = {
      topic: `${ROOT}/doors/front/set`,
      payload: Buffer.from('UNLOCK'),
      qos: 1,
      retain: false,
    } as const;
    await expect(connect('home', PASSWORD, undefined, { will })).rejects.toThrow();
  });
});

describe('a walk with mosquitto_sub', needs('openssl', 'mosquitto_sub'), () => {
  /** What a subscriber of the command line prints, one message a line, until it has seen so many. */
  async function walk(count: number, filter: string, args: readonly string[]): Promise<readonly string[]> {
    const child = spawn('mosquitto_sub', ['-v', '-C', String(count), '-W', '20', '-t', filter, ...args]);
    let said = '';
    child.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
    await new Promise((resolve) => child.once('close', resolve));
    return said.trim().split('\n');
  }

  const topicsOf = (lines: readonly string[]) => lines.map((line) => line.split(' ')[0] ?? '').sort();
  const tree = [
    'homeassistant/device/genkan_shibuya-1/config',
    'homeassistant/device/genkan_shibuya-1_front/config',
  ];

  it('shows a tree that a human understands, on the venue’s own bus', async () => {
    const local = ['-h', 'localhost', '-p', String(port), '--cafile', cert, '-u', 'home', '-P', PASSWORD];
    expect(topicsOf(await walk(2, 'homeassistant/#', local))).toEqual(tree);
    expect(topicsOf(await walk(1, `${ROOT}/doors/+/state`, local))).toEqual([`${ROOT}/doors/front/state`]);
    const [occupancy = ''] = await walk(1, `${ROOT}/occupancy`, local);
    expect(occupancy).toBe(`${ROOT}/occupancy {"inside":0,"capacity":24,"free":24,"sign":"○"}`);
  });

  it('shows the same devices on the cloud’s bus, without a lock to command', async () => {
    await until('the line is up', () => venue.gateway.isOnline(), 60_000);
    const { port: cloudPort } = new URL(venue.config.uplink?.url ?? '');
    const lines = await walk(2, 'homeassistant/#', ['-h', '127.0.0.1', '-p', cloudPort]);
    expect(topicsOf(lines)).toEqual(tree);
    expect(lines.join('\n')).not.toContain('command_topic');
  });
});
