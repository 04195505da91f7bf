import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Sqlite } from '../../gateway/journal/sqlite.ts';
import { publicKeySchema } from '../../shared/contract/config.ts';
import { formatInstant, MINUTE_MS } from '../../shared/time.ts';
import { builtGateway } from '../faults/built-gateway.ts';
import { Crowd } from '../faults/crowd.ts';
import { Site } from '../faults/site.ts';
import { needs } from '../needs.ts';
import { Seeded } from '../seeded.ts';
import { temporaryFolder } from '../temporary.ts';
import { Mosquitto } from '../venue/mosquitto.ts';
import { until } from '../venue/until.ts';
import { PythonConsumer } from './process.ts';

const VENUE = 'shibuya-1';

/** A checkpoint comes after a hundred events. */
const EVENTS_MIN = 110;

/** What was sold beside four hours of a seat at 500 yen, in turns. */
const SOLD = [
  () => ({}),
  (_: number, hourMs: number) => ({ start: formatInstant(hourMs - 120 * MINUTE_MS), cap: { minutes: 60 } }),
  (member: number) => ({ space: { id: `room-${member}`, kind: 'room' as const }, yenPer30Min: 3_000 }),
  (_: number, hourMs: number) => ({ start: formatInstant(hourMs - 90 * MINUTE_MS), yenPer30Min: 333 }),
];

function keyFile(path: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return publicKey.export({ format: 'jwk' });
}

it(
  'a consumer in Python has every event once, in its chain, and every charge right, after both gateway and broker were killed',
  { ...needs('socat', 'mosquitto', 'python3-paho-mqtt', 'python3-cryptography'), timeout: 120_000 },
  async () => {
    const folder = temporaryFolder();
    const at = (name: string) => join(folder, name);
    const broker = await Mosquitto.start({ folder: at('broker') });
    onTestFinished(() => broker.kill());
    mkdirSync(at('venue'));
    writeFileSync(at('gateway.jwk'), JSON.stringify(keyFile(at('venue/journal.sqlite.key'))));
    const cloudKey = publicKeySchema.parse({ ...keyFile(at('cloud.pem')), kid: 'cloud1', alg: 'EdDSA' });
    const site = await Site.open({
      ...{ venue: VENUE, folder: at('venue'), brokerUrl: broker.url, program: builtGateway(at('built')) },
      cloudKey: { publicKey: cloudKey },
      reserved: (member, hourMs) => SOLD[member % SOLD.length]?.(member, hourMs) ?? {},
    });
    onTestFinished(() => site.close());
    const consumer = new PythonConsumer({
      ...{
        port: String(broker.port),
        venue: VENUE,
        store: at('store.sqlite'),
        key: at('cloud.pem'),
        kid: 'cloud1',
      },
      ...{ sold: at('sold.json'), 'gateway-key': at('gateway.jwk') },
    });
    onTestFinished(() => consumer.kill());
    const received = () => consumer.receipts.at(-1)?.seq ?? 0;
    const receives = (seq: number) => until(`event ${seq} is received`, () => received() >= seq, 60_000);

    const crowd = new Crowd(site, new Seeded(20261201));
    await site.start();
    crowd.start();
    await receives(30);
    await Promise.all([site.kill(), crowd.stop()]);
    await site.start();
    crowd.start();
    await receives(site.lastSeq + 20);
    await broker.kill();
    const { lastSeq } = site;
    await until('events wait for the broker', () => site.lastSeq > lastSeq + 5);
    await broker.restart();
    await receives(Math.max(EVENTS_MIN, site.lastSeq + 5));
    await crowd.stop();
    await crowd.allLeave();
    consumer.order({ cmd: 'unlock', door: 'front', by: 'operator-1', reason: 'a test' });
    await until('the command is answered', () => consumer.answers.length > 0);
    await until('the door is at rest', () => site.concluded() && !site.door.released);
    await receives(site.lastSeq);
    await until('the gateway has the receipt', () => site.custodySeq === site.lastSeq);

    const terms = site.sold.map(({ id, start, end, space, yenPer30Min, cap = null }) => {
      return [id, { venue: 'h1t', start, end, space: space.kind, yenPer30Min, cap }] as const;
    });
    writeFileSync(at('sold.json'), JSON.stringify(Object.fromEntries(terms)));
    const { checkpoints, duplicates, bill, stored, ...wrong } = await consumer.report();
    expect(wrong).toEqual({
      ...{ missing: 0, conflicts: [], rejected: [], refused: [], wrongHeads: [], wrongCharges: [] },
    });
    expect(consumer.answers).toMatchObject([
      { outcome: 'executed', effect: expect.stringMatching(/^(released|opened)$/) as string },
    ]);
    expect(checkpoints).toBeGreaterThan(0);
    expect(stored).toBe(site.lastSeq);
    expect(bodiesIn(at('store.sqlite'))).toEqual(site.ledger());
    const visits = site.ledger().filter(({ body }) => body.includes('"genkan.charge.computed.v1"'));
    expect(Object.keys(bill)).toHaveLength(visits.length);
    expect(visits.length).toBeGreaterThan(SOLD.length);
    process.stdout.write(`${stored} events, ${visits.length} charges, ${duplicates} duplicates\n`);
  },
);

/** What the consumer has stored, by number. */
function bodiesIn(store: string): readonly { readonly seq: number; readonly body: string }[] {
  const file = new Sqlite(store, { readonly: true });
  try {
    return file
      .prepare<[], { seq: number; body: Buffer }>('SELECT seq, body FROM events ORDER BY seq')
      .all()
      .map(({ seq, body }) => ({ seq, body: body.toString('utf8') }));
  } finally {
    file.close();
  }
}
