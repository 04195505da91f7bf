import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { GatewayConfig } from '../shared/contract/config.ts';
import type { Alarms } from './alarms/alarms.ts';
import type { Attendant } from './door/attendant.ts';
import { Certificate } from './certificate.ts';
import type { Clock } from './clock/clock.ts';
import { discoveryOf } from './bus/discovery.ts';
import { createCore } from './core.ts';
import { provisionGatewayKey } from './tokens/signing-key.ts';
import type { Door, Doors } from './door/doors.ts';
import { DiskRoom } from './journal/disk-room.ts';
import { Journal } from './journal/journal.ts';
import { lockJournal } from './journal/lock.ts';
import { Metrics } from './metrics/metrics.ts';
import { createNotifiers } from './notify/notifiers.ts';
import { defectOf } from './journal/defect.ts';
import { beginEpoch } from './journal/successor.ts';
import type { Birth } from './journal/takeover.ts';
import { Trust } from './credential/trust.ts';
import { createFront, type Front, type FrontOptions } from './front.ts';
import { closeAll, startAll, type Part } from './part.ts';
import { mqttBroker } from './uplink/mqtt.ts';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  /** In the order of `config.doors`. */
  readonly doors: readonly Door[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly openToThisHost?: FrontOptions['openToThisHost'];
  /** The journal was found damaged by a run before this one: every page of it is looked at. Default: it was not. */
  readonly isSuspect?: boolean;
  /** Called when the journal is found damaged; a start with `isSuspect` begins a new one. */
  readonly onDamaged?: () => void;
  readonly extend?: FrontOptions['extend'];
}

/** A running gateway. */
export interface Gateway extends Pick<Front, 'web' | 'presence' | 'operators' | 'localBus'> {
  readonly journal: Journal;
  readonly attendant: Attendant;
  readonly doors: Doors;
  readonly alarms: Alarms;
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
  const journal = openJournal({ config, clock, isSuspect, log });
  const metrics = new Metrics();
  const trust = await Trust.open({
    ...{ config: config.trust, venue: venue.id, journal, clock, log },
    onOld: () => metrics.bundleWasOld(),
  });
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
      onWrongHead: () => metrics.receiptHadWrongHead(),

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
  const front = await createFront({
    config,
    core,
    journal,
    metrics,
    clock,
    certificate,
    openToThisHost,
    log,
    ...(extend && { extend }),
  });
  try {
    // First, because it alone can fail: until the doors are started everybody is told that they are offline.
    await front.open();
  } catch (error) {
    await closeAll([journal, core, front]);
    throw error;
  }
  const notifiers = createNotifiers(config, {
    alarms: core.alarms,
    journal,
    clock,
    onAttempt: (channel, outcome) => metrics.notified(channel, outcome),
    log,
  });
  const parts: readonly Part[] = [journal, metrics, core, ...notifiers, front];
  startAll(parts);
  return {
    ...front,
    journal,
    attendant: core.attendant,
    doors: core.doors,
    alarms: core.alarms,
    isOnline: () => core.line.isOnline,
    close: () => closeAll(parts),
  };
}

/** Opens the journal; a damaged one is put aside first, and goes on in a new epoch. */
function openJournal({
  config: { gateway, venue },
  clock,
  isSuspect,
  log,
}: Required<Pick<GatewayOptions, 'config' | 'clock' | 'isSuspect' | 'log'>>): Journal {
  const birth = (): Birth => ({
    epoch: ulid(clock.wallMs()),
    leaseBase: (randomBytes(4).readUInt32BE() >>> 1) + 1,
  });
  setAsideIfDamaged(gateway.journal, { isSuspect, birth, log });
  return new Journal({
    path: gateway.journal,
    venue: venue.id,
    gateway: gateway.id,
    timeZone: venue.timeZone,
    birth,
  });
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
