import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ptyAvailable } from '../../../device/emulator/pty.ts';
import { accountsFile } from '../../../gateway/config.ts';
import { Accounts } from '../../../gateway/operators/accounts.ts';
import { hashPassword, newPassword } from '../../../gateway/operators/password.ts';
import { gatewayConfigSchema } from '../../../shared/contract/config.ts';
import type { Reservation } from '../../../shared/contract/pass.ts';
import { formatInstant, JAPAN } from '../../../shared/time.ts';
import { startBilling, type Billing } from '../billing.ts';
import { startBroker } from '../broker.ts';
import { MovableClock } from '../clock.ts';
import { createIssuer } from '../issuer.ts';
import { layLine, portOf, type Line } from '../line.ts';
import { createSigner } from '../signer.ts';
import { openTrustDesk, type TrustDesk } from '../trust-desk.ts';
import { createDemoAccounts, type DemoAccounts } from '../wallet-demo.ts';
import { DemoMembers } from './members.ts';
import { morningOf } from './stops.ts';
import type { CableKind } from './messages.ts';

const VENUE = 'shibuya-1';
const DOOR = 'front';

/** How long a door may be open before it is an alarm; a minute of a demo is long. */
const HELD_OPEN_MS = 10_000;

export interface DirectorOptions {
  /** The port of the page, as the browser sees it: what proofs are made for. */
  readonly publicPort: number;
  /** Epoch milliseconds; default this morning in Japan, whatever the host's clock says. */
  readonly startMs?: number;
  /** Default: serial ports where socat makes them, else sockets. */
  readonly cableKind?: CableKind;
}

/** Who may sign in at the console: made anew with each venue. */
export interface DemoOperator {
  readonly name: string;
  readonly password: string;
}

export interface DirectorParts {
  readonly clock: MovableClock;
  readonly line: Line;
  readonly billing: Billing;
  readonly members: DemoMembers;
  readonly trustDesk: TrustDesk;
  /** Who can sign in at the issuer with a phone of their own. */
  readonly accounts: DemoAccounts;
  readonly gatewayPort: number;
  readonly publicOrigin: string;
  readonly config: Record<string, unknown>;
  readonly operator: DemoOperator;
  readonly directory: string;
  readonly cableKind: CableKind;
  readonly closers: (() => Promise<void> | void)[];
}

/** Everything that is not killed: line, cloud, people. */
export async function layParts({ publicPort, startMs, cableKind }: DirectorOptions): Promise<DirectorParts> {
  const closers: DirectorParts['closers'] = [];
  const clock = new MovableClock(startMs ?? morningOf(Date.now()));
  const directory = mkdtempSync(join(tmpdir(), 'genkan-'));
  closers.push(() => rmSync(directory, { recursive: true, force: true }));
  const [issuer, cloudKey, broker, gatewayPort] = await Promise.all([
    createIssuer({ venue: VENUE, clock }),
    createSigner('cloud1', 'ES256'),
    startBroker(),
    freePort(),
  ]);
  closers.push(() => broker.close());
  const line = await layLine(broker.port);
  closers.push(() => line.close());
  const publicOrigin = `http://localhost:${publicPort}`;
  const config = {
    venue: {
      id: VENUE,
      name: '渋谷ワークラウンジ',
      kind: 'h1t',
      hours: { open: '07:00', close: '22:00' },
      capacity: 24,
    },
    gateway: { id: 'gw-1', journal: join(directory, 'journal.db') },
    http: { port: gatewayPort, publicOrigin },
    doors: [{ id: DOOR, controller: { path: join(directory, 'board') }, heldOpenMs: HELD_OPEN_MS }],
    members: { issuer: `${publicOrigin}/wallet`, support: '03-0000-0000' },
    uplink: { url: line.url },
    trust: { issuers: [{ iss: issuer.iss, keys: [issuer.publicKey] }], cloud: [cloudKey.publicKey] },
    clock: { source: 'host' },
  };
  const parsed = gatewayConfigSchema.parse(config);
  const { venue } = parsed;
  const operator = await addOperator(accountsFile(parsed));
  const sold = new Map<string, Reservation>();
  const nowMs = () => clock.wallMs();
  const billing = await startBilling({
    brokerUrl: broker.url,
    cloudKey,
    terms: new Map([[VENUE, venue]]),
    bookings: (id) => sold.get(id),
    nowMs,
  });
  closers.push(() => billing.close());
  const trustDesk = await openTrustDesk({ brokerUrl: broker.url, venue: VENUE, issuer, cloudKey, nowMs });
  closers.push(() => trustDesk.close());
  const sell = (reservation: Reservation) => sold.set(reservation.id, reservation);
  const members = await DemoMembers.create({ venue: VENUE, clock, issuer, sell });
  const accounts = createDemoAccounts({
    venue: { id: VENUE, name: venue.name, origin: publicOrigin, timeZone: JAPAN },
    issuer,
    clock,
    onBooked: (_sub, reservation) => sell(reservation),
    onReplaced: (devices) => void trustDesk.revokeDevices(devices),
  });
  return {
    clock,
    line,
    billing,
    members,
    trustDesk,
    accounts,
    gatewayPort,
    publicOrigin,
    config,
    operator,
    directory,
    cableKind: cableKind ?? (ptyAvailable() ? 'pty' : 'socket'),
    closers,
  };
}

async function addOperator(file: string): Promise<DemoOperator> {
  const operator = { name: 'demo', password: newPassword() };
  const password = await hashPassword(operator.password);
  new Accounts(file).put({
    name: operator.name,
    role: 'admin',
    password,
    createdAt: formatInstant(Date.now()),
  });
  return operator;
}

/** A port that is free now; the gateway takes it a moment later, and again after each of its deaths. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const port = portOf(probe);
  probe.close();
  await once(probe, 'close');
  return port;
}
