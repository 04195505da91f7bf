import type { Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import { RULESET } from '../shared/contract/charge.ts';
import type { GatewayConfig } from '../shared/contract/config.ts';
import { PRESENTATION_BYTES_MAX } from '../shared/contract/presentation.ts';
import { TRUST_BYTES_MAX } from '../shared/contract/trust.ts';
import { venueTopics } from '../shared/contract/topics.ts';
import type { Occupancy } from '../shared/contract/state.ts';
import { Alarms } from './alarms/alarms.ts';
import { alarmFacts } from './alarms/facts.ts';
import type { Attendant } from './door/attendant.ts';
import type { Certificate } from './certificate.ts';
import type { Clock } from './clock/clock.ts';
import { Commands } from './commands/cloud.ts';
import { CommandExecutor } from './commands/executor.ts';
import type { Gate } from './credential/gate.ts';

import type { IssuerKeys, KeyRing } from './tokens/key-ring.ts';
import type { NonceSource } from './credential/nonce.ts';
import type { GatewayKey } from './tokens/signing-key.ts';
import { assembleDoors } from './door/assembly.ts';
import type { DoorControl } from './door/control.ts';
import type { DenialFloods } from './door/denial-floods.ts';
import type { Door, Doors } from './door/doors.ts';
import type { Grants } from './door/leases.ts';
import type { Readers } from './door/readers.ts';
import { Checkpoints } from './journal/checkpoints.ts';
import type { DiskRoom } from './journal/disk-room.ts';
import type { Journal } from './journal/journal.ts';
import { Forgetting } from './journal/forgetting.ts';
import { Retention } from './journal/retention.ts';
import type { Trust } from './credential/trust.ts';
import { NO_LINE, type CloudLine } from './uplink/cloud-line.ts';
import { Uplink, type UplinkOptions } from './uplink/uplink.ts';
import { closeAll, startAll, type Part } from './part.ts';
import { ClockRecord } from './visits/clock-corrections.ts';
import { createVisits } from './visits/visits.ts';

/** Everything that the core reaches the world through. */
export interface CoreOptions {
  readonly config: Pick<GatewayConfig, 'venue' | 'gateway' | 'console' | 'clock'>;
  /** In the order of `config.doors`. */
  readonly doors: readonly Door[];
  /** Open, and closed by whoever opened it. */
  readonly journal: Journal;
  readonly issuerKeys: IssuerKeys;
  readonly cloudKeys: KeyRing;
  /** Revocations, and the keys' rotation; its key rings are those above. Default: what is given holds for ever. */
  readonly trust?: Trust;
  /** Signs the journal's heads. Default: nobody does. */
  readonly gatewayKey?: GatewayKey;
  readonly clock: Clock;
  /** What phones see of the gateway. Default: plain HTTP, which has none. */
  readonly certificate?: Pick<Certificate, 'health'> | null;
  /** `null` for a venue without a cloud. */
  readonly uplink: Pick<
    UplinkOptions,
    'connect' | 'eventsPerSecond' | 'protocol' | 'announcements' | 'onWrongHead'
  > | null;
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
  readonly readers: Readers;
  /** The operator's hand on the locks. */
  readonly control: DoorControl;
  /** Carries out what operators order, from the cloud and from the console. */
  readonly executor: CommandExecutor;
  readonly alarms: Alarms;
  /** How full the venue is, counted now. */
  occupancy(): Occupancy;
  readonly gate: Gate;
  readonly nonces: NonceSource;
  readonly denials: DenialFloods;
  readonly line: CloudLine;
  /** The doors before the line, because no door waits for the network. */
  start(): void;
  /** Resolves when nothing writes to the journal any more. */
  close(): Promise<void>;
}

/** Puts the core together and journals that the gateway has started. Nothing moves before `start`. */
export function createCore(options: CoreOptions): Core {
  const { config, journal, clock } = options;
  const line = lineOf(options);
  const clockRecord = new ClockRecord({ ...common(options), gateway: config.gateway.id, line });
  const stopClock = clock.watch(clockRecord.memory);
  tellStart(options);
  clockRecord.start();
  const visits = createVisits({
    ...common(options),
    cloudKeys: options.cloudKeys,
    issuerKeys: options.issuerKeys,
    line,
    controllers: controllersOf(options),
  });
  const door = assembleDoors({ ...options, departures: visits, line });
  const { attendant, doors, control, readers, denials } = door;
  const alarms = alarmsOf(options, { doors, readers, denials, line });
  doors.onReport((report) => {
    line.publishDoorState(report);
    alarms.look();
  });
  const executor = new CommandExecutor({
    venue: config.venue,
    journal,
    clock,
    line,
    control,
  });
  const commands = commandsOf(options, executor, line);
  /**
   * Started in this order, in one turn of the loop, so that nothing is heard of the line before every door is watched.
   * Closed in the reverse of it: what stands above the journal and the line ends before them.
   */
  const parts: readonly Part[] = [
    { close: stopClock },
    { close: () => clockRecord.close() },
    { close: () => executor.idle() },
    ...keepers(options, { line, grants: door.grants }),
    commands,
    visits,
    { close: () => line.close() },
    ...door.parts,
    alarms,
    new Forgetting(options),
    // Last: the first attempt loads what a connection needs, while the doors' ports are being opened.
    { start: () => line.start() },
  ];
  return {
    attendant,
    doors,
    readers,
    control,
    executor,
    alarms,
    occupancy: () => visits.occupancy(),
    gate: door.gate,
    nonces: door.nonces,
    denials,
    line,
    start: () => startAll(parts),
    close: () => closeAll(parts),
  };
}

/** What nearly every part stands on. */
function common({ config, journal, clock, log }: CoreOptions) {
  return { venue: config.venue, journal, clock, log };
}

function controllersOf({ doors }: CoreOptions) {
  return doors.map(({ controller }) => controller);
}

/** The gateway's own beginning, and what a journal that was replaced has lost, are the first events of a start. */
function tellStart({ config, journal, clock }: CoreOptions): void {
  const subject = config.gateway.id;
  journal.write((writer) => {
    const data = { version: packageJson.version, ruleset: RULESET, previousEpoch: journal.previousEpoch };
    writer.append({ name: 'gateway.started', subject, data }, clock.wallMs(), clock.trust());
    for (const data of journal.lost)
      writer.append({ name: 'gateway.gap', subject, data }, clock.wallMs(), clock.trust());
    if (journal.lost.length > 0) writer.facts.put('lost', '[]');
  });
}

/** Those who keep keys, heads, rows and room in order, beside the doors. */
function keepers(
  options: CoreOptions,
  { line, grants }: { readonly line: CloudLine; readonly grants: Pick<Grants, 'withdrawEntries'> },
): readonly Part[] {
  const { config, journal, gatewayKey, trust, disk, clock, log } = options;
  const { id: venue } = config.venue;
  const parts: Part[] = [];
  if (gatewayKey !== undefined) {
    const publish = (token: string) => line.publishCheckpoint(token);
    parts.push(new Checkpoints({ venue, journal, key: gatewayKey, clock, publish, log }));
  }
  if (disk !== undefined) parts.push(disk);
  if (gatewayKey !== undefined) {
    const days = config.gateway.retentionDays;
    parts.push(new Retention({ venue, journal, key: gatewayKey, clock, days, log }));
  }
  if (trust !== undefined) {
    line.listen(venueTopics(venue).trust, TRUST_BYTES_MAX, async ({ text }) => {
      const became = await trust.take(text);
      if (became === 'applied') grants.withdrawEntries();
      return became;
    });
    line.askAtBirth(() => trust.question());
    parts.push({
      start: () => trust.start((request) => line.ask(request)),
      close: () => trust.close(),
    });
  }
  return parts;
}

function commandsOf(options: CoreOptions, executor: CommandExecutor, line: CloudLine): Commands {
  const commands = new Commands({
    ...common(options),
    cloudKeys: options.cloudKeys,
    executor,
    line,
    answer: (topic, body, correlationData) => line.answer(topic, body, correlationData),
  });
  line.listen(venueTopics(options.config.venue.id).commands, PRESENTATION_BYTES_MAX, (message) =>
    commands.take(message),
  );
  return commands;
}

function alarmsOf(
  options: CoreOptions,
  known: {
    readonly doors: Doors;
    readonly readers: Readers;
    readonly denials: DenialFloods;
    readonly line: CloudLine;
  },
): Alarms {
  const { config, journal, clock, trust, certificate, disk, log } = options;
  const { doors, readers, denials, line } = known;
  const facts = alarmFacts({
    config,
    journal,
    clock,
    doors,
    readers,
    controllers: controllersOf(options),
    trust: trust ?? null,
    certificate: certificate ?? null,
    denials,
    line,
    disk,
  });
  return new Alarms({ journal, clock, facts, log });
}

function lineOf(options: CoreOptions): CloudLine {
  const { config, uplink, journal, cloudKeys, clock, chance, newSession, log } = options;
  const { venue, gateway } = config;
  if (uplink === null) return NO_LINE;
  return new Uplink({
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
  });
}
