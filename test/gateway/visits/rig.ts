import { join } from 'node:path';
import mqtt from 'mqtt';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { startGateway, type Gateway } from '../../../gateway/gateway.ts';
import { doorSchema, gatewayConfigSchema, type GatewayConfig } from '../../../shared/contract/config.ts';
import { parseEvent } from '../../../shared/contract/events.ts';
import { occupancySchema, type Occupancy } from '../../../shared/contract/state.ts';
import { venueTopics } from '../../../shared/contract/topics.ts';
import { parseInstant } from '../../../shared/time.ts';
import { startBilling, type Billing } from '../../venue/billing.ts';
import { openBookings, type Bookings } from '../../venue/bookings.ts';
import { startBroker } from '../../venue/broker.ts';
import { MovableClock } from '../../venue/clock.ts';
import { createIssuer } from '../../venue/issuer.ts';
import type { Entitlement } from '../../../shared/contract/pass.ts';
import { layLine, type Line } from '../../venue/line.ts';
import { createSigner } from '../../venue/signer.ts';
import { until } from '../../venue/until.ts';
import { createWallet, type Wallet } from '../../venue/wallet.ts';
import { FakeController } from '../fake-controller.ts';
import { temporaryFolder } from '../../temporary.ts';

export const VENUE = 'shibuya-1';

/** A gateway at work. */
export interface Rig {
  readonly gateway: Gateway;
  /** File of the journal. */
  readonly journal: string;
  /** The reference billing service. */
  readonly billing: Billing;
  /** The gateway ends, something is done with its journal, and it starts again. */
  restart(between: (journal: string) => void): Promise<void>;
  readonly bookings: Bookings;
  readonly clock: MovableClock;
  readonly line: Line;
  readonly signs: readonly Occupancy[];
  readonly controller: FakeController;
  /** A member's phone with a pass. */
  phone(sub: string, entitlements: readonly Entitlement[]): Promise<Wallet>;
  /** Shows a fresh code of a new pass. */
  scan(sub: string, entitlements: readonly Entitlement[], side?: 'entry' | 'exit'): Promise<string>;
  count(name: string): number;
}

/** What may differ of a gateway's configuration. */
export type RigOptions = Partial<Pick<GatewayConfig['clock'], 'whenUntrusted'>>;

/** A whole gateway with a door at the port, on a real broker; the cloud books and listens. It is 9:00. */
export async function rig({ whenUntrusted = 'admit' }: RigOptions = {}): Promise<Rig> {
  const clock = new MovableClock(parseInstant('2025-10-20T09:00:00+09:00'));
  const [issuer, cloudKey, broker] = await Promise.all([
    createIssuer({ venue: VENUE, clock }),
    createSigner('cloud1', 'ES256'),
    startBroker(),
  ]);
  onTestFinished(() => broker.close());
  const line = await layLine(broker.port);
  onTestFinished(() => line.close());
  const bookings = await openBookings({
    brokerUrl: broker.url,
    venue: VENUE,
    cloudKey,
    nowMs: () => clock.wallMs(),
  });
  onTestFinished(() => bookings.close());
  const client = await mqtt.connectAsync(broker.url, { protocolVersion: 4 });
  onTestFinished(async () => {
    await client.endAsync(true);
  });
  const signs: Occupancy[] = [];
  client.on('message', (_, body) => signs.push(occupancySchema.parse(JSON.parse(body.toString('utf8')))));
  await client.subscribeAsync(venueTopics(VENUE).occupancy);
  const controller = new FakeController('front');
  const door = doorSchema.parse({ id: 'front', controller: { path: '/dev/null' } });
  const journal = join(temporaryFolder(), 'journal.db');
  const config = gatewayConfigSchema.parse({
    venue: {
      id: VENUE,
      name: 'Shibuya',
      kind: 'h1t',
      hours: { open: '07:00', close: '22:00' },
      capacity: 4,
      occupancy: { fewFree: 2 },
    },
    gateway: { id: 'gw-1', journal: journal },
    http: { port: 0, publicOrigin: 'http://localhost' },
    doors: [door],
    uplink: { url: line.url },
    trust: { issuers: [{ iss: issuer.iss, keys: [issuer.publicKey] }], cloud: [cloudKey.publicKey] },
    clock: { source: 'host', whenUntrusted },
  });
  const billing = await startBilling({
    brokerUrl: broker.url,
    cloudKey,
    terms: new Map([[VENUE, config.venue]]),
    nowMs: () => clock.wallMs(),
  });
  onTestFinished(() => billing.close());
  const start = () =>
    startGateway({
      config,
      doors: [{ config: door, controller, scanners: [] }],
      clock,
      log: pino({ level: 'silent' }),
    });
  let gateway = await start();
  onTestFinished(() => gateway.close());
  await until('the gateway has asked for everything', () => bookings.asked.length >= 3);
  const events = () => gateway.journal.eventsAfter(0, 10_000).map(({ body }) => parseEvent(JSON.parse(body)));
  const phone = async (sub: string, entitlements: readonly Entitlement[]): Promise<Wallet> => {
    const wallet = await createWallet(VENUE, clock);
    wallet.keep(await issuer.issue({ sub, jkt: wallet.jkt, entitlements }));
    return wallet;
  };
  return {
    get gateway() {
      return gateway;
    },
    restart: async (between) => {
      await gateway.close();
      between(journal);
      gateway = await start();
    },
    journal,
    billing,
    controller,
    phone,
    bookings,
    clock,
    line,
    signs,
    scan: async (sub, entitlements, side = 'entry') => {
      const wallet = await phone(sub, entitlements);
      const outcome = await gateway.attendant.scan('front', side, Buffer.from(await wallet.code()));
      if (outcome.kind !== 'answer') return outcome.kind;
      return outcome.answer.granted ? outcome.answer.kind : outcome.answer.reason;
    },
    count: (name) => events().filter((event) => event.name === name).length,
  };
}
