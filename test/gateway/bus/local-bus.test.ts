import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { covers, permissionsOf } from '../../../gateway/bus/permissions.ts';
import { reaches } from '../../../gateway/operators/accounts.ts';
import { hashPassword } from '../../../gateway/operators/password.ts';
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
function connect(username?: string, password = PASSWORD, ca = readFileSync(cert)): Promise<MqttClient> {
  return mqtt.connectAsync(
    `mqtts://localhost:${port}`,
    {
      ca,
      protocolVersion: 4,
      reconnectPeriod: 0,
      ...(username !== undefined && { username, password }),
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
