import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importJWK, type CryptoKey } from 'jose';
import pino from 'pino';
import { ulid } from 'ulid';
import type { DoorController } from '../../device/ports.ts';
import { Attendant } from '../../gateway/door/attendant.ts';
import { createGate, type Gate } from '../../gateway/credential/gate.ts';
import { loadIssuerKeys, NOTHING_REVOKED } from '../../gateway/tokens/key-ring.ts';
import { createNonceSource, type NonceSource } from '../../gateway/credential/nonce.ts';
import { Grants } from '../../gateway/door/leases.ts';
import { Journal } from '../../gateway/journal/journal.ts';
import { Presence } from '../../gateway/presence/presence.ts';
import { DenialFloods } from '../../gateway/door/denial-floods.ts';
import { doorSchema, venueSchema, type VenueConfig } from '../../shared/contract/config.ts';
import { formatInstant } from '../../shared/time.ts';
import { MovableClock } from '../venue/clock.ts';
import { createIssuer, type Issuer } from '../venue/issuer.ts';
import { createWallet, type Wallet } from '../venue/wallet.ts';
import type { Subject } from './measure.ts';

export const VENUE = 'shibuya-1';
const HOUR_MS = 3600_000;

/** The gate, the decision and the journal of a gateway around one controller, without web and uplink. */
export interface DecisionRig {
  readonly attendant: Attendant;
  readonly journal: Journal;
  readonly clock: MovableClock;
  readonly venue: VenueConfig;
  readonly gate: Gate;
  readonly nonces: NonceSource;
  readonly presence: Presence;
  readonly denials: DenialFloods;
  readonly issuer: Issuer;
  /** A member that nobody has seen, with a reservation for now, in front of the entry. */
  readonly member: () => Promise<{ readonly wallet: Wallet; readonly code: Buffer }>;
  readonly folder: string;
  close(): void;
}

export async function decisionRig(
  controller: DoorController,
  { pulseMs }: { readonly pulseMs?: number } = {},
): Promise<DecisionRig> {
  const folder = mkdtempSync(join(tmpdir(), 'genkan-bench-'));
  const clock = new MovableClock();
  const log = pino({ level: 'silent' });
  const issuer = await createIssuer({ venue: VENUE, clock });
  const venue = venueSchema.parse({ id: VENUE, name: 'bench', kind: 'h1t', hours: null, capacity: 100 });
  const config = doorSchema.parse({
    id: controller.door,
    controller: { path: '-' },
    ...(pulseMs && { pulseMs }),
  });
  const doors = new Map([[controller.door, { config, controller }]]);
  const journal = new Journal({
    path: join(folder, 'journal.sqlite'),
    venue: VENUE,
    gateway: 'gw-1',
    timeZone: venue.timeZone,
    birth: () => ({ epoch: ulid(), leaseBase: 1 }),
  });
  const grants = new Grants({ journal, clock, log, doors });
  const issuerKeys = await loadIssuerKeys({
    issuers: [{ iss: issuer.iss, keys: [issuer.publicKey] }],
    cloud: [],
  });
  const nonces = createNonceSource(Buffer.alloc(32), clock);
  const gate = createGate({
    venue: VENUE,
    issuerKeys,
    revocations: NOTHING_REVOKED,
    nonces,
    clock,
  });
  const denials = new DenialFloods({ journal, clock, log });
  const line = { isOnline: true };
  const attendant = new Attendant({ venue, doors, gate, journal, grants, clock, line, denials, log });
  return {
    attendant,
    journal,
    clock,
    venue,
    gate,
    nonces,
    presence: new Presence({
      ...{ doors: [config], nonces, clock, secret: Buffer.alloc(32, 1) },
      onCodesTaken: (taken) => denials.codesTaken(taken),
    }),
    denials,
    issuer,
    folder,
    member: memberOf(issuer, clock),
    close() {
      grants.close();
      journal.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The issuer's key as jose wants it. */
export async function importIssuerKey({ issuer }: DecisionRig): Promise<CryptoKey> {
  const key = await importJWK({ ...issuer.publicKey }, issuer.publicKey.alg);
  if (key instanceof Uint8Array) throw new Error('not a public key');
  return key;
}

/** The journal's bytes for one grant: what the floor writes too. */
export function bytesOfGrant(rig: DecisionRig): number {
  return rig.journal.eventsAfter(rig.journal.lastSeq - 2, 2).reduce((sum, { body }) => sum + body.length, 0);
}

/** One decision after the other: members nobody has seen, who get in. */
export function decisionsOf(rig: Pick<DecisionRig, 'member' | 'attendant'>): Subject<Buffer> {
  return {
    prepare: async () => (await rig.member()).code,
    run: async (code) => {
      const outcome = await rig.attendant.scan('front', 'entry', code);
      if (outcome.kind !== 'answer' || !outcome.answer.granted)
        throw new Error('the bench decides on grants');
      return undefined;
    },
    // The acknowledgement of the lease is a commit of its own, after the grant.
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

/** Makes members that nobody has seen, each with a reservation for now. */
export function memberOf(issuer: Issuer, clock: MovableClock): DecisionRig['member'] {
  let members = 0;
  return async () => {
    members += 1;
    const wallet = await createWallet(VENUE, clock);
    const now = clock.wallMs();
    const pass = await issuer.issue({
      sub: `m-${members}`,
      jkt: wallet.jkt,
      entitlements: [
        {
          kind: 'reservation',
          id: `r-${members}`,
          venue: VENUE,
          space: { id: 'seat-12', kind: 'seat' },
          start: formatInstant(now - (now % HOUR_MS)),
          end: formatInstant(now - (now % HOUR_MS) + 3 * HOUR_MS),
          yenPer30Min: 500,
          cap: { minutes: 150, yen: 2500 },
          role: 'user',
        },
      ],
    });
    wallet.keep(pass);
    return { wallet, code: Buffer.from(await wallet.code()) };
  };
}
