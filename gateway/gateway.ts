import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { GatewayConfig } from '../shared/contract/config.ts';
import { venueTopics } from '../shared/contract/topics.ts';
import type { Alarms } from './alarms/alarms.ts';
import type { Attendant } from './door/attendant.ts';
import { Certificate } from './certificate.ts';
import type { Clock } from './clock/clock.ts';
import { discoveryOf } from './bus/discovery.ts';
import { LocalBus } from './bus/local-bus.ts';
import { readSecret } from './config.ts';
import { createCore } from './core.ts';
import { provisionGatewayKey } from './tokens/signing-key.ts';
import type { Door, Doors } from './door/doors.ts';
import { createIdentify } from './visits/identity.ts';
import { DiskRoom } from './journal/disk-room.ts';
import { Journal } from './journal/journal.ts';
import { lockJournal } from './journal/lock.ts';
import { Metrics } from './metrics/metrics.ts';
import { createNotifiers } from './notify/notifiers.ts';
import { defectOf } from './journal/defect.ts';
import { beginEpoch } from './journal/successor.ts';
import type { Birth } from './journal/takeover.ts';
import { createOwnVisits } from './visits/history.ts';
import { Presence } from './presence/presence.ts';
import { createOperators, type Operators } from './operators/operators.ts';
import { createPreview } from './visits/preview.ts';
import { LedgerReader } from './reading/reader.ts';
import { Trust } from './credential/trust.ts';
import { mqttBroker } from './uplink/mqtt.ts';
import { createRelayed } from './web/relayed.ts';
import { createWebServer, type WebServer } from './web/server.ts';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  /** In the order of `config.doors`. */
  readonly doors: readonly Door[];
  readonly clock: Clock;
  readonly log: Logger;
  /** The live stream needs no sign-in on the gateway's own host: the demo's page. Default: it does. */
  readonly openToThisHost?: boolean;
  /** The journal was found damaged by a run before this one: every page of it is looked at. Default: it was not. */
  readonly isSuspect?: boolean;
  /** Called when the journal is found damaged; a start with `isSuspect` begins a new one. */
  readonly onDamaged?: () => void;
  /** Adds routes of the host's own, before ours; a host that serves `/` replaces our page there. */
  readonly extend?: (app: WebServer['app']) => void;
}

/** A running gateway. */
export interface Gateway {
  readonly journal: Journal;
  readonly attendant: Attendant;
  readonly doors: Doors;
  readonly web: WebServer;
  readonly presence: Presence;
  readonly operators: Operators;
  readonly alarms: Alarms;
  /** `null` where none is configured. */
  readonly localBus: LocalBus | null;
  /** Whether the line to the cloud is up. */
  isOnline(): boolean;
  /** Ends everything; an open pulse is ended by the firmware. */
  close(): Promise<void>;
}

/**
 * Puts a gateway together and starts it: journal first, so that nothing is granted that cannot be kept. The journal is
 * this gateway's alone until it is closed.
 *
 * @throws JournalInUse when another process has the journal; nothing is written then
 * @throws Error when a key, the journal or the HTTP port is unusable; KeyError naming the file for the gateway's own;
 *   CertificateError naming the field
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const lock = lockJournal(options.config.gateway.journal);
  try {
    const gateway = await startLocked(options);
    return { ...gateway, close: () => gateway.close().finally(() => lock.release()) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startLocked({
  config,
  doors,
  clock,
  log,
  extend,
  openToThisHost = false,
  isSuspect = false,
  onDamaged,
}: GatewayOptions): Promise<Gateway> {
  const { venue } = config;
  const { tls, publicOrigin } = config.http;
  const certificate = tls === undefined ? null : new Certificate({ files: tls, publicOrigin, clock, log });
  const keyFile = config.gateway.key ?? `${config.gateway.journal}.key`;
  const { key, isNew } = provisionGatewayKey(keyFile);
  if (isNew) log.warn({ keyFile, publicKey: key.publicKey }, 'a key was made for this gateway');
  const birth = (): Birth => ({
    epoch: ulid(clock.wallMs()),
    leaseBase: (randomBytes(4).readUInt32BE() >>> 1) + 1,
  });
  setAsideIfDamaged(config.gateway.journal, { isSuspect, birth, log });
  const journal = new Journal({
    path: config.gateway.journal,
    venue: venue.id,
    gateway: config.gateway.id,
    timeZone: venue.timeZone,
    birth,
  });
  const trust = await Trust.open({ config: config.trust, venue: venue.id, journal, clock, log });
  const metrics = new Metrics();
  const core = createCore({
    config,
    doors,
    journal,
    issuerKeys: trust.issuerKeys,
    cloudKeys: trust.cloudKeys,
    trust,
    gatewayKey: key,
    clock,
    certificate,
    uplink: config.uplink && {
      connect: mqttBroker(config.uplink, `genkan-${venue.id}-${config.gateway.id}`, log),
      eventsPerSecond: config.uplink.eventsPerSecond,
      protocol: config.uplink.protocol,
      ...(config.uplink.homeAssistant === true && {
        announcements: discoveryOf(config, { commands: false }),
      }),
    },
    chance: () => Math.random(),
    newSession: () => ulid(),
    nonceSecret: randomBytes(32),
    onDecided: (durationMs) => metrics.decided(durationMs),
    ...(onDamaged && { onDamaged }),
    disk: new DiskRoom({ journal, path: config.gateway.journal, clock, log }),
    log,
  });
  const { attendant, gate, nonces, denials } = core;
  const operators = createOperators(config, journal, clock);
  const reader = new LedgerReader({
    path: config.gateway.journal,
    clock,
    log,
    onDamaged: (code, error) => journal.foundDamaged(code, error),
  });
  const presence = new Presence({ doors: config.doors, nonces, clock, secret: randomBytes(32) });
  const web = await createWebServer({
    config,
    attendant,
    denials,
    doors: core.doors,
    readers: core.readers,
    control: core.control,
    executor: core.executor,
    alarms: core.alarms,
    operators,
    occupancy: () => core.occupancy(),
    openToThisHost,
    journal,
    ledgerReader: reader,
    nonces,
    presence,
    displayToken: secretOf(config.http.displayTokenFile),
    metricsToken: secretOf(config.http.metricsTokenFile),
    metrics,
    identify: createIdentify({ venue, journal, gate }),
    preview: createPreview({ venue, journal, clock }),
    ownVisits: createOwnVisits(venue, journal),
    clock,
    certificate,
    line: core.line,
    log,
    ...(extend && { extend }),
  });

  const topics = venueTopics(venue.id);
  const relayed = createRelayed({
    app: web.app,
    clock,
    log,
    answer: (body, correlationData) => core.line.answer(topics.entryResults, body, correlationData),
  });
  // Side by side: nobody waits until somebody else is through a door.
  core.line.listen(topics.entries, (message) => void relayed.take(message));

  const localBus =
    config.localBus &&
    new LocalBus({
      config,
      bus: config.localBus,
      journal,
      clock,
      doors: core.doors,
      occupancy: () => core.occupancy(),
      executor: core.executor,
      operators,
      log,
    });
  try {
    // First, because they alone can fail: until the doors are started everybody is told that they are offline.
    await web.listen();
    await localBus?.start();
  } catch (error) {
    await web.close();
    await core.close();
    journal.close();
    throw error;
  }
  core.start();
  const notifiers = createNotifiers(config, {
    alarms: core.alarms,
    journal,
    clock,
    onAttempt: (channel, outcome) => metrics.notified(channel, outcome),
    log,
  });
  for (const notifier of notifiers) notifier.start();

  return {
    journal,
    attendant,
    doors: core.doors,
    web,
    presence,
    operators,
    alarms: core.alarms,
    localBus,
    isOnline: () => core.line.isOnline,
    async close() {
      await localBus?.close();
      await relayed.close();
      await web.close();
      await reader.close();
      await Promise.all(notifiers.map((notifier) => notifier.close()));
      await core.close();
      metrics.close();
      journal.close();
    },
  };
}

function secretOf(file: string | undefined): string | null {
  return file === undefined ? null : readSecret(file);
}

/** A file that is damaged is put aside; the journal goes on in a new epoch with what could be read of it. */
function setAsideIfDamaged(
  path: string,
  { isSuspect, birth, log }: { isSuspect: boolean; birth: () => Birth; log: Logger },
): void {
  const defect = defectOf(path, isSuspect);
  if (defect === null) return;
  const born = birth();
  const aside = `${path}.damaged-${born.epoch}`;
  const succession = beginEpoch({ path, from: path, aside, birth: born });
  log.error({ defect, epoch: born.epoch, ...succession }, 'the journal is damaged: a new epoch begins');
}
