import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import type { Door } from '../../gateway/door/doors.ts';
import { startGateway, type Gateway, type GatewayOptions } from '../../gateway/gateway.ts';
import { doorSchema, gatewayConfigSchema, type GatewayConfig } from '../../shared/contract/config.ts';
import { parseEvent, type LedgerEvent } from '../../shared/contract/events.ts';
import type { Entitlement, Reservation } from '../../shared/contract/pass.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import { startBilling, type Billing } from './billing.ts';
import { startBroker } from './broker.ts';
import { MovableClock } from './clock.ts';
import { equipDoor, type DoorEquipment } from './equipment.ts';
import { createIssuer, type Issuer } from './issuer.ts';
import { layLine, type Line } from './line.ts';
import { createSigner, type Signer } from './signer.ts';
import { openTrustDesk } from './trust-desk.ts';
import { until } from './until.ts';
import { createWallet, type Wallet } from './wallet.ts';

export interface VenueOptions {
  /** Wall time that the venue begins at, epoch milliseconds. Default: the host's. */
  readonly startMs?: number;
  /** How long a grant releases the lock, in milliseconds, 200–10,000. Default 3,000. */
  readonly pulseMs?: number;
  /** Journal file. Default: a new one in a directory that is removed at the end. */
  readonly journal?: string;
  /** HTTP port. Default 0: a free one. */
  readonly port?: number;
  /** Changes to the configuration's venue, such as `capacity`. */
  readonly venue?: Readonly<Record<string, unknown>>;
  /** Changes to the configuration's door, such as `code`. */
  readonly door?: Readonly<Record<string, unknown>>;
  /** Changes to the configuration's HTTP side, such as `displayTokenFile`. */
  readonly http?: Readonly<Record<string, unknown>>;
  /** What the door page offers a member: issuer, wallet, telephone. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** The venue's own bus. Default: none. */
  readonly localBus?: Readonly<Record<string, unknown>>;
  /** Changes to the configuration of the line, such as `homeAssistant`. */
  readonly uplink?: Readonly<Record<string, unknown>>;
  readonly log?: Logger;
  readonly extend?: GatewayOptions['extend'];
  /** Whether the live stream needs a sign-in on this host too, as it does in production. Default: no. */
  readonly signIn?: boolean;
}

/** A member with a phone. */
export interface Member {
  readonly sub: string;
  readonly wallet: Wallet;
  /** Gets a new pass from the issuer into the wallet. Default: what the member was made with. */
  renew(entitlements?: readonly Entitlement[]): Promise<void>;
}

/** A whole venue in this process: board, door, scanners, line, broker, billing service, gateway. */
export interface Venue {
  readonly id: string;
  readonly config: GatewayConfig;
  readonly clock: MovableClock;
  readonly gateway: Gateway;
  readonly equipment: DoorEquipment;
  readonly issuer: Issuer;
  readonly line: Line;
  readonly billing: Billing;
  /** Signs what the cloud says. */
  readonly cloudKey: Signer;
  /** Makes a member whose wallet holds a pass of the venue's issuer. */
  member(sub: string, entitlements: readonly Entitlement[]): Promise<Member>;
  /** Puts a reservation on the books of the billing service, so that it checks the price by itself. */
  book(reservation: Reservation): Reservation;
  /** The cloud revokes these phones and no others. Resolves with the signed bundle once the broker has it. */
  revokeDevices(devices: readonly string[]): Promise<string>;
  /** Holds a code under a reader. */
  scanAt(side: Side, text: string): void;
  /** The gateway's ledger from a number on. */
  ledger(afterSeq?: number): readonly LedgerEvent[];
  close(): Promise<void>;
}

/** The demo's only door. */
const DOOR = 'front';

/** How long the venue may take to be ready: controller, scanners and line. */
const READY_MS_MAX = 15_000;

/**
 * Opens a venue and waits until it is ready: the board answers, the scanners are open, the line is up.
 *
 * @throws Error when a port is taken or a part does not come up
 */
export async function openVenue(options: VenueOptions = {}): Promise<Venue> {
  const closers: (() => Promise<void> | void)[] = [];
  /** In the reverse order of opening. Everything is closed, whatever fails. */
  const close = async (): Promise<void> => {
    const faults: unknown[] = [];
    for (const step of closers.splice(0).reverse()) {
      try {
        await step();
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw new AggregateError(faults, 'the venue did not close cleanly');
  };
  try {
    return await open(options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  options: VenueOptions,
  closers: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<Venue> {
  const id = 'shibuya-1';
  const clock = new MovableClock(options.startMs);
  const directory = mkdtempSync(join(tmpdir(), 'genkan-'));
  closers.push(() => rmSync(directory, { recursive: true, force: true }));

  const [issuer, cloudKey, broker] = await Promise.all([
    createIssuer({ venue: id, clock }),
    createSigner('cloud1', 'ES256'),
    startBroker(),
  ]);
  closers.push(() => broker.close());
  const line = await layLine(broker.port);
  closers.push(() => line.close());

  const door = doorSchema.parse({
    id: DOOR,
    controller: { path: 'emulated' },
    pulseMs: options.pulseMs ?? 3_000,
    ...options.door,
  });
  const equipment = await equipDoor(door, directory);
  closers.push(() => equipment.close());

  const config = gatewayConfigSchema.parse({
    venue: {
      id,
      name: '渋谷ワークラウンジ',
      kind: 'h1t',
      hours: { open: '07:00', close: '22:00' },
      capacity: 24,
      ...options.venue,
    },
    gateway: { id: 'gw-1', journal: options.journal ?? join(directory, 'journal.db') },
    http: {
      port: options.port ?? 0,
      publicOrigin: `http://localhost:${options.port ?? 8080}`,
      // Wherever a test's phone stands at home; this machine may be in none of these.
      lan: ['192.168.0.0/16'],
      ...options.http,
    },
    doors: [door],
    members: options.members ?? {},
    uplink: { url: line.url, ...options.uplink },
    localBus: options.localBus ?? null,
    trust: { issuers: [{ iss: issuer.iss, keys: [issuer.publicKey] }], cloud: [cloudKey.publicKey] },
    clock: { source: 'host' },
  });

  const bookings = new Map<string, Reservation>();
  const billing = await startBilling({
    brokerUrl: broker.url,
    cloudKey,
    terms: new Map([[id, config.venue]]),
    bookings: (reservation) => bookings.get(reservation),
    nowMs: () => clock.wallMs(),
  });
  closers.push(() => billing.close());

  const trustDesk = await openTrustDesk({
    ...{ brokerUrl: broker.url, venue: id, issuer, cloudKey },
    nowMs: () => clock.wallMs(),
  });
  closers.push(() => trustDesk.close());

  const gateway = await startGateway({
    config,
    doors: [{ config: door, controller: equipment.controller, scanners: equipment.scanners } satisfies Door],
    clock,
    log: options.log ?? pino({ level: 'silent' }),
    openToThisHost: options.signIn !== true,
    ...(options.extend === undefined ? {} : { extend: options.extend }),
  });
  closers.push(() => gateway.close());

  const ledger = (afterSeq = 0) =>
    gateway.journal
      .eventsAfter(afterSeq, gateway.journal.lastSeq)
      .map(({ body }) => parseEvent(JSON.parse(body)));
  await until(
    'the controller, the scanners and the line come up',
    () =>
      equipment.controller.online &&
      gateway.isOnline() &&
      equipment.scanners.length === ledger().filter(({ name }) => name === 'scanner.online').length,
    READY_MS_MAX,
  );

  return {
    id,
    config,
    clock,
    gateway,
    equipment,
    issuer,
    line,
    billing,
    cloudKey,
    member: async (sub, entitlements) => {
      const wallet = await createWallet(id, clock);
      const renew = async (next = entitlements) => {
        wallet.keep(await issuer.issue({ sub, jkt: wallet.jkt, entitlements: next }));
      };
      await renew();
      return { sub, wallet, renew };
    },
    book: (reservation) => {
      bookings.set(reservation.id, reservation);
      return reservation;
    },
    revokeDevices: (devices) => trustDesk.revokeDevices(devices),
    scanAt: (side, text) => equipment.scan(side, text),
    ledger,
    close,
  };
}
