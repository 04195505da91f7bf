/**
 * A consumer as small as custody allows: it takes every venue's events in order, and signs what it holds. With `record` as
 * its second argument it also writes down what came from whom.
 */
import { createHash } from 'node:crypto';
import mqtt from 'mqtt';
import { chainGenesis, chainNext, type Sha256 } from '../../shared/chain.ts';
import { RECEIPT_TYPE } from '../../shared/contract/receipt.ts';
import { ALL_EVENTS, ALL_REQUESTS, venueTopics } from '../../shared/contract/topics.ts';
import { createSigner } from '../venue/signer.ts';
import { Arrivals, type HeldNow, type RecordQuestion } from './peers/arrivals.ts';

const RECEIPT_EVERY_MS = 50;

const sha256: Sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const signer = await createSigner('cloud1');
const ledgers = new Map<
  string,
  { venue: string; epoch: string; seq: number; head: Uint8Array; owed: boolean }
>();

const [url = '', mode] = process.argv.slice(2);
const recorded = mode === 'record' ? new Arrivals() : null;
/** How often the broker has said that it will send the events. */
let subscriptions = 0;

const client = mqtt.connect(url, {
  protocolVersion: 5,
  clientId: 'receiver',
  // The broker keeps what comes meanwhile.
  clean: false,
  properties: { sessionExpiryInterval: 3600 },
  reconnectPeriod: 250,
  resubscribe: false,
});
client.on('error', () => undefined);
client.on('message', (topic, payload) => {
  const body = payload.toString('utf8');
  if (topic.endsWith('/requests')) {
    for (const ledger of ledgers.values()) ledger.owed = true;
    return;
  }
  // `"id":"<venue>:<epoch>:<seq>"` stands near the beginning of every event.
  const [, venue = '', epoch = '', number] = /"id":"([^:]+):([^:]+):(\d+)"/.exec(body) ?? [];
  // The floor publishes the same bytes on a topic of its own: they are no venue's events.
  if (topic !== venueTopics(venue).events) return;
  recorded?.add(venue, { id: Number(number), event: Number(/"openMs":(\d+)/.exec(body)?.[1]) });
  const key = `${venue} ${epoch}`;
  const ledger = ledgers.get(key) ?? { venue, epoch, seq: 0, head: chainGenesis(sha256, epoch), owed: false };
  ledgers.set(key, ledger);
  ledger.owed = true;
  if (Number(number) !== ledger.seq + 1) return;
  ledger.seq += 1;
  ledger.head = chainNext(sha256, ledger.head, body);
});
await new Promise<void>((resolve) => {
  client.on('connect', () => {
    client.subscribe([ALL_EVENTS, ALL_REQUESTS], { qos: 1 }, (error) => {
      if (error) return;
      subscriptions += 1;
      resolve();
    });
  });
});

setInterval(() => {
  for (const ledger of ledgers.values()) {
    if (!ledger.owed) continue;
    ledger.owed = false;
    const { venue, epoch, seq } = ledger;
    const claims = {
      venue,
      epoch,
      seq,
      head: Buffer.from(ledger.head).toString('hex'),
      iat: Math.floor(Date.now() / 1000),
    };
    void signer
      .sign(RECEIPT_TYPE, claims)
      .then((token) => client.publishAsync(venueTopics(venue).receipts, token, { qos: 1, retain: true }))
      // What is lost with the connection is asked for again at the next birth.
      .catch(() => undefined);
  }
}, RECEIPT_EVERY_MS);

process.on('message', ({ ask, venue }: RecordQuestion) => {
  if (recorded === null) return;
  if (ask === 'held') process.send?.({ ...recorded.held(venue), subscriptions } satisfies HeldNow);
  else process.send?.(recorded.of(venue));
});
process.send?.({ publicKey: signer.publicKey });
