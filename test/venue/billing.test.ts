import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compactVerify, importJWK } from 'jose';
import mqtt, { type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { computeCharge } from '../../shared/billing/charge.ts';
import { chargeToWire } from '../../shared/billing/wire.ts';
import { chainGenesis, chainNext, type Sha256 } from '../../shared/chain.ts';
import type { ChargeRecord } from '../../shared/contract/charge.ts';
import { formatEvent, type DomainEvent } from '../../shared/contract/events.ts';
import { DEFAULT_POLICY } from '../../shared/contract/policy.ts';
import { receiptClaimsSchema } from '../../shared/contract/receipt.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import { parseInstant } from '../../shared/time.ts';
import type { VenueTerms } from './billing-audit.ts';
import { startBilling, type Billing } from './billing.ts';
import { startBroker, type Broker } from './broker.ts';
import { createSigner, type Signer } from './signer.ts';

const VENUE = 'shibuya-1';
const EPOCH = '01JDEXAMP00000000000000000';
const AT = '2026-11-24T10:30:00+09:00';
const topics = venueTopics(VENUE);
const sha256: Sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const TERMS: VenueTerms = {
  kind: 'h1t',
  timeZone: 'Asia/Tokyo',
  hours: { open: '07:00', close: '22:00', exceptions: [] },
  policy: DEFAULT_POLICY,
};
const STAY = { stay: 's-1', iss: 'https://issuer.example', sub: 'm-1' } as const;
const BOOKED = { start: '2026-11-24T09:00:00+09:00', end: '2026-11-24T12:00:00+09:00' } as const;

const checkedIn: DomainEvent = {
  name: 'stay.checked-in',
  subject: 's-1',
  data: {
    ...STAY,
    door: 'front',
    grant: 1,
    checkIn: BOOKED.start,
    flags: [],
    visit: {
      kind: 'reservation',
      reservation: 'r-1',
      space: { id: 'seat-1', kind: 'seat' },
      role: 'user',
      ...BOOKED,
    },
  },
};
const checkedOut: DomainEvent = {
  name: 'stay.checked-out',
  subject: 's-1',
  data: { ...STAY, door: 'front', grant: 2, checkOut: AT, by: 'member' },
};

/** What the gateway would charge; out at 10:30, so 2,000 yen. */
function chargeOf(checkOut = AT): ChargeRecord {
  const charge = computeCharge({
    venue: 'h1t',
    space: 'seat',
    yenPer30Min: 500,
    cap: null,
    startMs: parseInstant(BOOKED.start),
    endMs: parseInstant(BOOKED.end),
    cancelledAtMs: null,
    checkInMs: parseInstant(BOOKED.start),
    checkOutMs: parseInstant(checkOut),
    closingMs: parseInstant('2026-11-24T22:00:00+09:00'),
  });
  return { ...chargeToWire(charge), computedBy: 'gateway', online: true, clock: 'trusted' };
}
const charged = (charge: ChargeRecord): DomainEvent => ({
  name: 'charge.computed',
  subject: 's-1',
  data: { ...STAY, reservation: 'r-1', charge },
});
const secured: DomainEvent = { name: 'door.secured', subject: 'front', data: { door: 'front' } };

const bodyOf = (seq: number, event: DomainEvent) =>
  formatEvent(event, { venue: VENUE, gateway: 'gw-1', epoch: EPOCH, seq }, AT, 'trusted');

let broker: Broker;
let cloudKey: Signer;
let billing: Billing;
let gateway: MqttClient;
let directory: string;

const start = () =>
  startBilling({
    brokerUrl: broker.url,
    cloudKey,
    terms: new Map([[VENUE, TERMS]]),
    store: join(directory, 'store.db'),
    nowMs: () => parseInstant(AT),
  });
const send = (body: string | Buffer, topic = topics.events) => gateway.publishAsync(topic, body, { qos: 1 });
const stored = (count: number) =>
  billing.waitFor(`${count} events are stored`, () => billing.report().stored === count);

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'genkan-billing-'));
  broker = await startBroker();
  cloudKey = await createSigner('cloud1', 'ES256');
  billing = await start();
  gateway = await mqtt.connectAsync(broker.url, { protocolVersion: 4 });
});

afterEach(async () => {
  await gateway.endAsync(true);
  await billing.close();
  await broker.close();
  rmSync(directory, { recursive: true });
});

describe('the reference billing service', () => {
  it('bills a stay once, by its own computation of the charge', async () => {
    for (const [index, event] of [checkedIn, checkedOut, charged(chargeOf())].entries())
      await send(bodyOf(index + 1, event));
    await stored(3);

    expect(billing.totalYen()).toBe(2000);
    expect(billing.bill()).toEqual([expect.objectContaining({ ...STAY, reservation: 'r-1', checkOut: AT })]);
    expect(billing.report()).toMatchObject({
      gaps: [],
      mismatches: [],
      duplicates: [],
      outOfOrder: [],
      rejected: [],
    });
  });

  it('reports a charge that it computes differently, and names the members', async () => {
    const wrong = { ...chargeOf(), yen: 2500 };
    for (const [index, event] of [checkedIn, checkedOut, charged(wrong)].entries())
      await send(bodyOf(index + 1, event));
    await stored(3);

    expect(billing.report().mismatches).toEqual([
      { id: `${VENUE}:${EPOCH}:3`, stay: 's-1', what: 'yen: 2500 should be 2000' },
    ]);
  });

  it('bills what superseded and not what was superseded', async () => {
    const corrected: DomainEvent = {
      name: 'stay.corrected',
      subject: 's-1',
      data: {
        stay: 's-1',
        by: 'op-1',
        reason: 'left at 11:00',
        checkIn: null,
        checkOut: '2026-11-24T11:00:00+09:00',
      },
    };
    const superseded: DomainEvent = {
      name: 'charge.superseded',
      subject: 's-1',
      data: {
        ...STAY,
        reservation: 'r-1',
        before: chargeOf(),
        after: chargeOf('2026-11-24T11:00:00+09:00'),
        reason: 'left at 11:00',
      },
    };
    const events = [checkedIn, checkedOut, charged(chargeOf()), corrected, superseded];
    for (const [index, event] of events.entries()) await send(bodyOf(index + 1, event));
    await stored(5);

    expect(billing.totalYen()).toBe(2500);
    expect(billing.report().mismatches).toEqual([]);
  });

  it('stores an event that comes three times once, and reports the two others', async () => {
    for (let time = 0; time < 3; time += 1) await send(bodyOf(1, secured));
    await send(bodyOf(2, secured));
    await stored(2);

    expect(billing.events(VENUE).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(billing.report().duplicates).toEqual([`${VENUE}:${EPOCH}:1`, `${VENUE}:${EPOCH}:1`]);
  });

  it('puts events that come in the wrong order into order and reports them', async () => {
    await send(bodyOf(3, charged(chargeOf())));
    await send(bodyOf(2, checkedOut));
    await send(bodyOf(1, checkedIn));
    await stored(3);

    expect(billing.report()).toMatchObject({
      gaps: [],
      mismatches: [],
      outOfOrder: [`${VENUE}:${EPOCH}:2`, `${VENUE}:${EPOCH}:1`],
    });
    expect(billing.totalYen()).toBe(2000);
  });

  it('reports a gap, bills nothing beyond it and signs for nothing beyond it', async () => {
    await send(bodyOf(1, secured));
    await send(bodyOf(4, secured));
    await stored(2);
    await billing.waitFor('a receipt is sent', () => billing.receipts().length > 0);

    expect(billing.report().gaps).toEqual([{ venue: VENUE, epoch: EPOCH, from: 2, to: 3 }]);
    expect(billing.receipts().at(-1)?.seq).toBe(1);
  });

  it('signs a cumulative receipt with the chain head that it computed from the bytes', async () => {
    const received: string[] = [];
    gateway.on('message', (_topic, payload) => received.push(payload.toString()));
    await gateway.subscribeAsync(topics.receipts);
    const bodies = [bodyOf(1, secured), bodyOf(2, secured), bodyOf(3, secured)];
    for (const body of bodies) await send(body);
    await billing.waitFor(
      'the last receipt arrives',
      () => received.length > 0 && billing.receipts().at(-1)?.seq === 3,
    );
    const seqs = billing.receipts().map(({ seq }) => seq);
    await billing.waitFor('all receipts arrive', () => received.length === seqs.length);

    const head = bodies.reduce((at, body) => chainNext(sha256, at, body), chainGenesis(sha256, EPOCH));
    const key = await importJWK({ ...cloudKey.publicKey }, 'ES256');
    const { payload, protectedHeader } = await compactVerify(received.at(-1) ?? '', key);
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'custody-receipt+jwt', kid: 'cloud1' });
    expect(receiptClaimsSchema.parse(JSON.parse(Buffer.from(payload).toString()))).toMatchObject({
      venue: VENUE,
      epoch: EPOCH,
      seq: 3,
      head: Buffer.from(head).toString('hex'),
    });
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  });

  it('answers a gateway that asks where its receipts stand', async () => {
    const request = { need: 'receipt', have: { epoch: EPOCH, seq: 0 } };
    await send(JSON.stringify(request), topics.requests);
    await billing.waitFor('a receipt is sent', () => billing.receipts().length > 0);

    expect(billing.receipts()).toMatchObject([{ epoch: EPOCH, seq: 0 }]);
  });

  it('remembers everything in its file over a restart', async () => {
    for (const [index, event] of [checkedIn, checkedOut, charged(chargeOf())].entries())
      await send(bodyOf(index + 1, event));
    await stored(3);
    await billing.close();
    billing = await start();

    expect(billing.totalYen()).toBe(2000);
    expect(billing.report().stored).toBe(3);
  });

  it.each([
    ['no JSON', 'hello'],
    ['no UTF-8', Buffer.from([0xff, 0xfe, 0x00])],
    ['no CloudEvent', '{"type":"genkan.door.secured.v1"}'],
    [
      'an event of somebody else',
      bodyOf(1, secured).replace('genkan.door.secured.v1', 'acme.door.secured.v1'),
    ],
    ['an event of an epoch that is no ULID', bodyOf(1, secured).replaceAll(EPOCH, 'yesterday')],
    ['an event of another venue', bodyOf(1, secured).replaceAll(VENUE, 'shinjuku-2')],
    [
      'a member that the contract does not know',
      bodyOf(1, secured).replace('"door":"front"', '"door":"front","x":1'),
    ],
    ['other bytes under a number that is stored', bodyOf(1, secured).replace('"front"}', '"back"}')],
  ])('rejects a message that is %s, and goes on', async (_what, body) => {
    await send(bodyOf(1, secured));
    await send(body);
    await send(bodyOf(2, secured));
    await stored(2);

    expect(billing.report().rejected).toHaveLength(1);
    await billing.waitFor('the good events are receipted', () => billing.receipts().at(-1)?.seq === 2);
  });
});
