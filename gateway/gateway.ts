import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import packageJson from '../package.json' with { type: 'json' };
import { RULESET } from '../shared/contract/charge.ts';
import type { GatewayConfig } from '../shared/contract/config.ts';
import { Attendant } from './attendant.ts';
import type { Clock } from './clock/clock.ts';
import { createGate } from './credential/gate.ts';
import { loadCloudKeys, loadIssuerKeys } from './credential/key-ring.ts';
import { createNonceSource } from './credential/nonce.ts';
import { Doors, type Door } from './doors.ts';
import { Grants } from './grants.ts';
import { Journal, StorageFault } from './journal/journal.ts';
import { Uplink } from './uplink/uplink.ts';
import { createPreview } from './preview.ts';
import { createVisits } from './visits.ts';
import { createWebServer, type WebServer } from './web/server.ts';

/** How often credentials that are refused for their age are forgotten, and how long after it. */
const FORGET_EVERY_MS = 3600_000;
const FORGET_MARGIN_MS = 24 * 3600_000;

export interface GatewayOptions {
  readonly config: GatewayConfig;
  /** In the order of `config.doors`. */
  readonly doors: readonly Door[];
  readonly clock: Clock;
  readonly log: Logger;
  /** Adds routes of the host's own, before ours; a host that serves `/` replaces our page there. */
  readonly extend?: (app: WebServer['app']) => void;
}

/** A running gateway. */
export interface Gateway {
  readonly journal: Journal;
  readonly attendant: Attendant;
  readonly doors: Doors;
  readonly web: WebServer;
  /** Whether the line to the cloud is up. */
  isOnline(): boolean;
  /** Ends everything; an open pulse is ended by the firmware. */
  close(): Promise<void>;
}

/**
 * Puts a gateway together and starts it: journal first, so that nothing is granted that cannot be kept; the doors
 * before the line, because no door waits for the network.
 *
 * @throws Error when a key, the journal or the HTTP port is unusable
 */
export async function startGateway({ config, doors, clock, log, extend }: GatewayOptions): Promise<Gateway> {
  const { venue } = config;
  const [issuerKeys, cloudKeys] = await Promise.all([
    loadIssuerKeys(config.trust),
    loadCloudKeys(config.trust),
  ]);
  const journal = new Journal({
    path: config.gateway.journal,
    venue: venue.id,
    gateway: config.gateway.id,
    timeZone: venue.timeZone,
    birth: () => ({ epoch: ulid(clock.wallMs()), leaseBase: (randomBytes(4).readUInt32BE() >>> 1) + 1 }),
  });
  journal.write((writer) => {
    const data = { version: packageJson.version, ruleset: RULESET, previousEpoch: null };
    writer.append(
      { name: 'gateway.started', subject: config.gateway.id, data },
      clock.wallMs(),
      clock.trust(),
    );
  });

  const byId = new Map(doors.map((door) => [door.config.id, door]));
  const grants = new Grants({ journal, clock, log, doors: byId });
  const uplink =
    config.uplink === null
      ? null
      : new Uplink({
          config: config.uplink,
          venue: venue.id,
          gateway: config.gateway.id,
          timeZone: venue.timeZone,
          journal,
          cloudKeys,
          clock,
          chance: () => Math.random(),
          newSession: () => ulid(),
          log,
        });
  const isOnline = () => uplink?.isOnline ?? false;
  const nonces = createNonceSource(randomBytes(32), clock);
  const gate = createGate({ venue: venue.id, issuerKeys, nonces, clock });
  const visits = createVisits({
    venue,
    journal,
    clock,
    cloudKeys,
    uplink,
    controllers: doors.map(({ controller }) => controller),
    log,
  });
  const attendant = new Attendant({
    venue,
    doors: byId,
    gate,
    journal,
    grants,
    clock,
    isOnline,
    onCheckOut: (stay, door) => visits.checkedOut(stay, door),
    log,
  });
  const watch = new Doors({
    doors,
    attendant,
    grants,
    journal,
    clock,
    timeZone: venue.timeZone,
    log,
    onReport: (report) => uplink?.publishDoorState(report),
  });
  const web = await createWebServer({
    config,
    attendant,
    doors: watch,
    journal,
    nonces,
    preview: createPreview({ venue, journal, gate, clock }),
    clock,
    isOnline,
    log,
    ...(extend && { extend }),
  });

  try {
    // First, because it alone can fail: until the doors are started everybody is told that they are offline.
    await web.listen();
  } catch (error) {
    journal.close();
    throw error;
  }
  watch.start();
  grants.resume();
  visits.start();
  uplink?.start();
  const forget = setInterval(() => {
    try {
      journal.forgetPresentations(clock.wallMs() - FORGET_MARGIN_MS);
    } catch (fault) {
      if (!(fault instanceof StorageFault)) throw fault;
      log.error({ code: fault.code, hint: fault.hint }, 'storage fault: old credentials are kept');
    }
  }, FORGET_EVERY_MS);
  forget.unref();

  return {
    journal,
    attendant,
    doors: watch,
    web,
    isOnline,
    async close() {
      clearInterval(forget);
      await web.close();
      grants.close();
      await watch.close();
      await attendant.idle();
      await uplink?.close();
      await visits.close();
      journal.close();
    },
  };
}
