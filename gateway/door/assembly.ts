import type { Logger } from 'pino';
import type { GatewayConfig } from '../../shared/contract/config.ts';
import type { Clock } from '../clock/clock.ts';
import { createGate } from '../credential/gate.ts';
import { guardGate } from '../credential/guarded-gate.ts';
import { createNonceSource } from '../credential/nonce.ts';
import type { Trust } from '../credential/trust.ts';
import type { DiskRoom } from '../journal/disk-room.ts';
import type { Journal } from '../journal/journal.ts';
import { Recovery } from '../journal/recovery.ts';
import type { Part } from '../part.ts';
import { NOTHING_REVOKED, type KeyRing } from '../tokens/key-ring.ts';
import { Attendant, type AttendantOptions } from './attendant.ts';
import { DoorControl } from './control.ts';
import { DenialFloods } from './denial-floods.ts';
import { Doors, type Door } from './doors.ts';
import { Grants } from './leases.ts';
import { Readers } from './readers.ts';
import { StandingOrders } from './standing-orders.ts';

/** What the doors stand on; each member is told where the core takes it (`CoreOptions`). */
export interface DoorsAssemblyOptions
  extends Pick<AttendantOptions, 'line' | 'onDecided'>, Required<Pick<AttendantOptions, 'departures'>> {
  readonly config: Pick<GatewayConfig, 'venue' | 'gateway' | 'clock'>;
  readonly doors: readonly Door[];
  readonly journal: Journal;
  readonly issuerKeys: KeyRing;
  readonly trust?: Trust;
  readonly clock: Clock;
  readonly nonceSecret: Uint8Array;
  readonly disk?: DiskRoom;
  readonly onDamaged?: () => void;
  readonly log: Logger;
}

/** The doors from reader to lock, and what brings them back after a fault of the disk. `parts`: in their order. */
export function assembleDoors(options: DoorsAssemblyOptions) {
  const { config, journal, issuerKeys, trust, disk, clock, line, departures, log } = options;
  const { timeZone, id: venue } = config.venue;
  const byId = new Map(options.doors.map((door) => [door.config.id, door]));
  const nonces = createNonceSource(options.nonceSecret, clock);
  const revocations = trust ?? NOTHING_REVOKED;
  const gate = guardGate(createGate({ venue, issuerKeys, revocations, nonces, clock }), clock);
  const orders = new StandingOrders(journal);
  const isLockedDown = (door: string) => orders.isLockedDown(door);
  const grants = new Grants({ journal, clock, log, doors: byId, isLockedDown });
  const denials = new DenialFloods({ journal, clock, log });
  const attendant = new Attendant({
    venue: config.venue,
    journal,
    clock,
    log,
    doors: byId,
    gate,
    grants,
    line,
    isLockedDown,
    denials,
    departures,
    conditions: () => ({
      trustStale: trust?.isRefused ?? false,
      clockRefused: config.clock.whenUntrusted === 'refuse' && clock.trust() === 'untrusted',
      isDiskShort: disk?.step === 'no-entry',
    }),
    ...(options.onDecided && { onDecided: options.onDecided }),
  });
  const doors = new Doors({ doors: options.doors, grants, journal, clock, timeZone, log });
  const scanners = options.doors.flatMap((door) => door.scanners);
  const readers = new Readers({ scanners, attendant, denials, journal, clock, log });
  const control = new DoorControl({
    doors: byId,
    journal,
    grants,
    orders,
    clock,
    timeZone,
    watch: doors,
    log,
  });
  const { exits } = attendant;
  const recovery = new Recovery({
    journal,
    gateway: config.gateway.id,
    clock,
    onRecovered: () => {
      exits.record();
      grants.resume();
    },
    onDamaged: options.onDamaged ?? (() => undefined),
    log,
  });
  /** The last word on check-outs that wait for the disk, when nobody is attended to any more. */
  const finish = async () => {
    await attendant.idle();
    await recovery.finish(
      () => exits.isWaiting,
      () => exits.record(),
    );
    exits.tellLost();
  };
  const parts: readonly Part[] = [
    { start: () => recovery.start(), close: finish },
    readers,
    doors,
    { start: () => grants.resume(), close: () => grants.close() },
    { close: () => recovery.close() },
    control,
  ];
  return { attendant, grants, doors, readers, control, denials, gate, nonces, parts };
}
