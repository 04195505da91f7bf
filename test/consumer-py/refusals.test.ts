import { createHash, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, CompactSign, exportJWK, generateKeyPair } from 'jose';
import mqtt from 'mqtt';
import { expect, it, onTestFinished } from 'vitest';
import { CHECKPOINT_TYPE } from '../../shared/contract/checkpoint.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import { needs } from '../needs.ts';
import { EPOCH, temporaryFolder } from '../temporary.ts';
import { Mosquitto } from '../venue/mosquitto.ts';
import { until } from '../venue/until.ts';
import { PythonConsumer } from './process.ts';

const VENUE = 'shibuya-1';
const OTHER_EPOCH = `${EPOCH.slice(0, -1)}1`;
const topics = venueTopics(VENUE);

/** An event's bytes; `over` replaces members. */
function event(seq: number, name: string, data: object, over: object = {}): string {
  return JSON.stringify({
    specversion: '1.0',
    id: `${VENUE}:${EPOCH}:${seq}`,
    source: `/venues/${VENUE}/gateways/gw-1`,
    type: `genkan.${name}.v1`,
    sequence: String(seq).padStart(12, '0'),
    data,
    ...over,
  });
}

const stay = { stay: 's-1', reservation: 'r-1' };
const tariff = { closing: '2026-12-01T22:00:00+09:00', policy: {} };

/** Two hours that were sold at 500 yen, and three that are charged. */
const LEDGER = [
  event(1, 'gateway.started', {}),
  event(2, 'stay.checked-in', { ...stay, checkIn: '2026-12-01T09:00:00+09:00' }),
  event(3, 'stay.checked-out', { ...stay, checkOut: '2026-12-01T10:30:59+09:00' }),
  event(4, 'charge.computed', {
    ...stay,
    charge: { rule: 'h1t-shortened', unitsBeforeCap: 6, units: 6, yen: 3_000, tariff },
  }),
];
const SOLD = {
  'r-1': {
    ...{ venue: 'h1t', space: 'seat', yenPer30Min: 500, cap: null },
    ...{ start: '2026-12-01T09:00:00+09:00', end: '2026-12-01T12:00:00+09:00' },
  },
};

const sha256 = (...parts: readonly (string | Buffer)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

it(
  'the consumer in Python finds two events of one number, a rewritten head, a forged checkpoint and a wrong charge',
  needs('mosquitto', 'python3-paho-mqtt', 'python3-cryptography'),
  async () => {
    const folder = temporaryFolder();
    const at = (name: string) => join(folder, name);
    const broker = await Mosquitto.start({ folder: at('broker') });
    onTestFinished(() => broker.kill());
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(at('cloud.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(at('sold.json'), JSON.stringify(SOLD));
    const gateway = await generateKeyPair('EdDSA');
    const jwk = await exportJWK(gateway.publicKey);
    writeFileSync(at('gateway.jwk'), JSON.stringify(jwk));
    const kid = await calculateJwkThumbprint(jwk);
    const consumer = new PythonConsumer({
      ...{
        port: String(broker.port),
        venue: VENUE,
        store: at('store.sqlite'),
        key: at('cloud.pem'),
        kid: 'c-1',
      },
      ...{ sold: at('sold.json'), 'gateway-key': at('gateway.jwk') },
    });
    onTestFinished(() => consumer.kill());
    const client = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
    onTestFinished(() => void client.end(true));
    const say = (topic: string, text: string) => client.publishAsync(topic, text, { qos: 1 });
    const checkpoint = (key: typeof gateway, seq: number) => {
      const claims = { venue: VENUE, epoch: EPOCH, seq, head: 'a'.repeat(64), iat: 1 };
      return new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'EdDSA', typ: CHECKPOINT_TYPE, kid })
        .sign(key.privateKey);
    };
    const ask = (epoch: string) =>
      say(topics.requests, JSON.stringify({ need: 'receipt', have: { epoch, seq: 0 } }));
    // Nothing is kept for a consumer that was never there.
    await until('the consumer hears', () => {
      void ask(OTHER_EPOCH);
      return consumer.receipts.length > 0;
    });
    expect(consumer.receipts[0]).toMatchObject({
      ...{ epoch: OTHER_EPOCH, seq: 0, head: sha256(`genkan-ledger-v1:${OTHER_EPOCH}`).toString('hex') },
    });

    for (const body of [...LEDGER].reverse()) await say(topics.events, body);
    const head = LEDGER.reduce<Buffer>(
      (before, body) => sha256(before, sha256(body)),
      sha256(`genkan-ledger-v1:${EPOCH}`),
    );
    const newest = () => consumer.receipts.findLast(({ epoch }) => epoch === EPOCH);
    await until('the ledger is received', () => newest()?.seq === LEDGER.length);
    expect(newest()?.head).toBe(head.toString('hex'));

    await say(topics.events, event(6, 'door.secured', {}));
    await say(topics.events, LEDGER[1] ?? '');
    await say(topics.events, event(7, 'door.secured', {}, { source: '/venues/ueno-1/gateways/gw-1' }));
    await say(topics.events, event(8, 'door.secured', {}, { sequence: '000000000009' }));
    await say(topics.events, '{"id":"a","id":"b"}');
    await say(topics.checkpoints, await checkpoint(await generateKeyPair('EdDSA'), 1));
    await say(topics.checkpoints, await checkpoint(gateway, 2));
    await say(topics.events, event(3, 'door.secured', {}));
    const receipts = consumer.receipts.length;
    await say(topics.events, event(5, 'door.secured', {}));
    await ask(OTHER_EPOCH);
    await until('everything is heard', () => consumer.receipts.length > receipts);
    // What is behind two events of one number is not confirmed.
    expect(newest()?.seq).toBe(LEDGER.length);
    expect(await consumer.report()).toEqual({
      stored: 6,
      missing: 0,
      duplicates: 1,
      conflicts: [`${EPOCH}:3`],
      rejected: [
        "source: another venue's",
        'sequence: not the number of the id',
        'json: a member stands twice',
      ],
      refused: ["checkpoints: signature: not the key's"],
      checkpoints: 1,
      wrongHeads: [`${EPOCH}:2`],
      bill: { 's-1': 3_000 },
      wrongCharges: ["s-1: ('h1t-shortened', 6, 6, 3000) and not ('h1t-shortened', 4, 4, 2000)"],
    });
  },
);
