/** A consumer as small as custody allows: it takes every venue's events in order, and signs what it holds. */
import { createHash } from 'node:crypto';
import mqtt from 'mqtt';
import { chainGenesis, chainNext, type Sha256 } from '../../shared/chain.ts';
import { RECEIPT_TYPE } from '../../shared/contract/receipt.ts';
import { ALL_EVENTS, ALL_REQUESTS, venueTopics } from '../../shared/contract/topics.ts';
import { createSigner } from '../venue/signer.ts';

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

const client = await mqtt.connectAsync(process.argv[2] ?? '', { protocolVersion: 5, reconnectPeriod: 250 });
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
  const key = `${venue} ${epoch}`;
  const ledger = ledgers.get(key) ?? { venue, epoch, seq: 0, head: chainGenesis(sha256, epoch), owed: false };
  ledgers.set(key, ledger);
  ledger.owed = true;
  if (Number(number) !== ledger.seq + 1) return;
  ledger.seq += 1;
  ledger.head = chainNext(sha256, ledger.head, body);
});
await client.subscribeAsync([ALL_EVENTS, ALL_REQUESTS], { qos: 1 });

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
      .then((token) => client.publishAsync(venueTopics(venue).receipts, token, { qos: 1, retain: true }));
  }
}, RECEIPT_EVERY_MS);

process.send?.({ publicKey: signer.publicKey });
