/**
 * One of several consumers in a shared subscription group: it puts what it gets into the common store and signs what
 * the store holds without a gap. With `floor` as its mode it only counts.
 */
import { createHash } from 'node:crypto';
import mqtt from 'mqtt';
import { chainGenesis, chainNext, type Sha256 } from '../../shared/chain.ts';
import { RECEIPT_TYPE } from '../../shared/contract/receipt.ts';
import { ALL_EVENTS, venueTopics } from '../../shared/contract/topics.ts';
import { EventStore, type ArrivedEvent } from '../venue/billing-store.ts';
import { createSigner } from '../venue/signer.ts';

/** Commits are this far apart: a batch costs one synchronisation, and a receipt may wait so long. */
const COMMIT_EVERY_MS = 50;

const sha256: Sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const [url = '', mode = '', path = ''] = process.argv.slice(2);
const signer = await createSigner(`cloud-${process.pid}`);
const store = mode === 'floor' ? null : new EventStore(path);
let received = 0;
let inbox: ArrivedEvent[] = [];

const client = await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 250 });
client.on('message', (topic, body) => {
  received += 1;
  if (store === null) return;
  const { id } = JSON.parse(body.toString('utf8')) as { id: string };
  const [venue = '', epoch = '', seq = ''] = id.split(':');
  if (topic === venueTopics(venue).events) inbox.push({ venue, epoch, seq: Number(seq), id, body });
});
await client.subscribeAsync(`$share/billing/${ALL_EVENTS}`, { qos: 1 });

const timer = setInterval(() => commit(), COMMIT_EVERY_MS);

function commit(): void {
  const batch = inbox;
  inbox = [];
  if (batch.length === 0 || store === null) return;
  const held = new Map<string, { venue: string; epoch: string; seq: number; head: Uint8Array }>();
  store.transaction(() => {
    for (const event of batch) store.put(event);
    for (const { venue, epoch } of batch) {
      if (held.has(venue)) continue;
      const custody = store.advance(
        { venue, epoch },
        () => chainGenesis(sha256, epoch),
        (head, body) => chainNext(sha256, head, body),
      );
      held.set(venue, { venue, epoch, ...custody });
    }
  });
  for (const { venue, epoch, seq, head } of held.values()) {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { venue, epoch, seq, head: Buffer.from(head).toString('hex'), iat };
    void signer
      .sign(RECEIPT_TYPE, claims)
      .then((token) => client.publishAsync(venueTopics(venue).receipts, token, { qos: 1, retain: true }));
  }
}

process.on('message', (word) => {
  if (word === 'count') process.send?.({ received });
  else {
    clearInterval(timer);
    void client.endAsync(true).then(() => {
      store?.close();
      process.disconnect();
    });
  }
});
process.send?.({ publicKey: signer.publicKey });
