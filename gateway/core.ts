import type { Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import { RULESET } from '../shared/contract/charge.ts';
import type { GatewayConfig } from '../shared/contract/config.ts';
import { venueTopics } from '../shared/contract/topics.ts';
import type { Occupancy } from '../shared/contract/state.ts';
import { Alarms } from './alarms/alarms.ts';
import { alarmFacts } from './alarms/facts.ts';
import { Attendant } from './door/attendant.ts';
import type { Certificate } from './certificate.ts';
import { every, type Clock } from './clock/clock.ts';
import { ClockRecord } from './visits/clock-corrections.ts';
import { CommandExecutor } from './commands/executor.ts';
import { createGate, type Gate } from './credential/gate.ts';
import { guardGate } from './credential/guarded-gate.ts';
import { NOTHING_REVOKED, type KeyRing } from './tokens/key-ring.ts';
import { createNonceSource, type NonceSource } from './credential/nonce.ts';
import type { GatewayKey } from './tokens/signing-key.ts';
import { DoorControl } from './door/control.ts';
import { Doors, type Door } from './door/doors.ts';
import { Grants } from './door/grants.ts';
import { Checkpoints } from './journal/checkpoints.ts';
import type { DiskRoom } from './journal/disk-room.ts';
import { StorageFault, type Journal } from './journal/journal.ts';
import { Recovery } from './journal/recovery.ts';
import { Retention } from './journal/retention.ts';
import { Refusals } from './door/denial-floods.ts';
import type { Trust } from './credential/trust.ts';
import { Uplink, type UplinkOptions } from './uplink/uplink.ts';
import { createVisits } from './visits/visits.ts';

/** How often credentials that are refused for their age are forgotten, and how long after it. */
const FORGET_EVERY_MS = 3600_000;
const FORGET_MARGIN_MS = 24 * 3600_000;

/** Everything that the core reaches the world through. */
export interface CoreOptions {
  readonly config: Pick<GatewayConfig, 'venue' | 'gateway' | 'console' | 'clock'>;
  /** In the order of `config.doors`. */
  readonly doors: readonly Door[];
  /** Open, and closed by whoever opened it. */
  readonly journal: Journal;
  readonly issuerKeys: KeyRing;
  readonly cloudKeys: KeyRing;
  /** Revocations, and the keys' rotation; its key rings are those above. Default: what is given holds for ever. */
  readonly trust?: Trust;
  /** Signs the journal's heads. Default: nobody does. */
  readonly gatewayKey?: GatewayKey;
  readonly clock: Clock;
  /** What phones see of the gateway. Default: plain HTTP, which has none. */
  readonly certificate?: Pick<Certificate, 'health'> | null;
  /** `null` for a venue without a cloud. */
  readonly uplink: Pick<UplinkOptions, 'connect' | 'eventsPerSecond' | 'protocol' | 'announcements'> | null;
  /** 0 ≤ chance < 1. */
  readonly chance: () => number;
  /** A new name for each connection. */
  readonly newSession: () => string;
  /** 32 random bytes of this process. */
  readonly nonceSecret: Uint8Array;
  /** Called with each decision: how long it took, in milliseconds. */
  readonly onDecided?: (durationMs: number) => void;
  /** Watches the room on the journal's disk. Default: nobody does. */
  readonly disk?: DiskRoom;
  /** Called when the journal's file is damaged. Default: the fault stays until somebody restarts the gateway. */
  readonly onDamaged?: () => void;
  readonly log: Logger;
}

/** The gateway without its web server: doors, visits, journal and line. */
export interface Core {
  readonly attendant: Attendant;
  readonly doors: Doors;
  /** The operator's hand on the locks. */
  readonly control: DoorControl;
  /** Carries out what operators order, from the cloud and from the console. */
  readonly executor: CommandExecutor;
  readonly alarms: Alarms;
  /** How full the venue is, counted now. */
  occupancy(): Occupancy;
  readonly gate: Gate;
  readonly nonces: NonceSource;
  readonly refusals: Refusals;
  /** `null` for a venue without a cloud. */
  readonly uplink: Uplink | null;
  /** Whether the line to the cloud is up. */
  isOnline(): boolean;
  /** The doors before the line, because no door waits for the network. */
  start(): void;
  /** Resolves when nothing writes to the journal any more. */
  close(): Promise<void>;
}

/** Puts the core together and journals that the gateway has started. Nothing moves before `start`. */
export function createCore(options: CoreOptions): Core {
  const { config, doors, journal, issuerKeys, cloudKeys, trust, gatewayKey, disk, clock, log } = options;
  const { venue } = config;
  const clockRecord = new ClockRecord({
    venue,
    gateway: config.gateway.id,
    journal,
    clock,
    isOnline: () => uplink?.isOnline ?? false,
    log,
  });
  const stopClock = clock.watch(clockRecord.memory);
  journal.write((writer) => {
    const data = { version: packageJson.version, ruleset: RULESET, previousEpoch: journal.previousEpoch };
    writer.append(
      { name: 'gateway.started', subject: config.gateway.id, data },
      clock.wallMs(),
      clock.trust(),
    );
    const { lost } = journal;
    if (lost === null) return;
    writer.append(
      { name: 'gateway.gap', subject: config.gateway.id, data: lost },
      clock.wallMs(),
      clock.trust(),
    );
    writer.putFact('lost', '');
  });

  clockRecord.start();
  const byId = new Map(doors.map((door) => [door.config.id, door]));
  const isLockedDown = (door: string): boolean => control.isLockedDown(door);
  const grants = new Grants({ journal, clock, log, doors: byId, isLockedDown });
  const uplink = uplinkOf(options);
  const isOnline = () => uplink?.isOnline ?? false;
  const nonces = createNonceSource(options.nonceSecret, clock);
  const revocations = trust ?? NOTHING_REVOKED;
  const gate = guardGate(createGate({ venue: venue.id, issuerKeys, revocations, nonces, clock }), clock);
  const refusals = new Refusals({ journal, clock, log });
  const checkpoints =
    gatewayKey === undefined
      ? null
      : new Checkpoints({
          venue: venue.id,
          journal,
          key: gatewayKey,
          clock,
          publish: (token) => uplink?.publishCheckpoint(token),
          log,
        });
  const retention =
    gatewayKey &&
    new Retention({
      venue: venue.id,
      journal,
      key: gatewayKey,
      clock,
      days: config.gateway.retentionDays,
      log,
    });
  if (trust !== undefined) {
    uplink?.listen(venueTopics(venue.id).trust, ({ text }) => {
      void trust.take(text).then((taken) => {
        if (taken === 'applied') grants.withdrawEntries();
      });
    });
    uplink?.askAtBirth(() => trust.question());
  }
  const attendant = new Attendant({
    venue,
    doors: byId,
    gate,
    journal,
    grants,
    clock,
    isOnline,
    isLockedDown,
    refusals,
    conditions: () => ({
      trustStale: trust?.isRefused ?? false,
      clockRefused: config.clock.whenUntrusted === 'refuse' && clock.trust() === 'untrusted',
      isDiskShort: disk?.step === 'no-entry',
    }),
    onCheckOut: (stay, door) => visits.checkedOut(stay, door),
    ...(options.onDecided && { onDecided: options.onDecided }),
    log,
  });
  const recovery = new Recovery({
    journal,
    gateway: config.gateway.id,
    clock,
    onRecovered: () => {
      attendant.recordExits();
      grants.resume();
    },
    onDamaged: options.onDamaged ?? (() => undefined),
    log,
  });
  const watch = new Doors({
    doors,
    attendant,
    refusals,
    grants,
    journal,
    clock,
    timeZone: venue.timeZone,
    log,
    onReport: (report) => {
      uplink?.publishDoorState(report);
      alarms.look();
    },
  });
  const control = new DoorControl({
    doors: byId,
    journal,
    grants,
    clock,
    timeZone: venue.timeZone,
    watch,
    log,
  });
  const alarms: Alarms = new Alarms({
    journal,
    clock,
    facts: alarmFacts({
      config,
      journal,
      clock,
      doors: watch,
      controllers: doors.map(({ controller }) => controller),
      trust: trust ?? null,
      certificate: options.certificate ?? null,
      refusals,
      line: uplink,
      disk,
    }),
    log,
  });
  const executor = new CommandExecutor({ venue, journal, clock, isOnline, line: uplink, control });
  const visits = createVisits({
    venue,
    journal,
    clock,
    cloudKeys,
    uplink,
    executor,
    controllers: doors.map(({ controller }) => controller),
    log,
  });
  let stopForgetting: () => void = () => undefined;

  return {
    attendant,
    doors: watch,
    control,
    executor,
    alarms,
    occupancy: () => visits.occupancy(),
    gate,
    nonces,
    refusals,
    uplink,
    isOnline,
    start() {
      recovery.start();
      watch.start();
      control.start();
      grants.resume();
      visits.start();
      trust?.start((request) => uplink?.ask(request));
      checkpoints?.start();
      retention?.start();
      disk?.start();
      alarms.start();
      uplink?.start();
      stopForgetting = every(clock, FORGET_EVERY_MS, () => forgetPresentations(options));
    },
    async close() {
      stopForgetting();
      alarms.close();
      control.close();
      recovery.close();
      grants.close();
      await watch.close();
      await attendant.idle();
      await recovery.finish(
        () => attendant.isWaitingForDisk,
        () => attendant.recordExits(),
      );
      attendant.tellUnrecorded();
      await uplink?.close();
      await visits.close();
      await trust?.close();
      retention?.close();
      disk?.close();
      checkpoints?.close();
      await executor.idle();
      clockRecord.close();
      stopClock();
    },
  };
}

function uplinkOf(options: CoreOptions): Uplink | null {
  const { config, uplink, journal, cloudKeys, clock, chance, newSession, log } = options;
  const { venue, gateway } = config;
  return (
    uplink &&
    new Uplink({
      ...uplink,
      venue: venue.id,
      gateway: gateway.id,
      timeZone: venue.timeZone,
      journal,
      cloudKeys,
      clock,
      chance,
      newSession,
      log,
    })
  );
}

function forgetPresentations({ journal, clock, log }: CoreOptions): void {
  try {
    journal.forgetPresentations(clock.wallMs() - FORGET_MARGIN_MS);
  } catch (fault) {
    if (!(fault instanceof StorageFault)) throw fault;
    log.error({ code: fault.code, hint: fault.hint }, 'storage fault: old credentials are kept');
  }
}
