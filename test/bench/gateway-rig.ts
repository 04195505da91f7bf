import { join } from 'node:path';
import pino from 'pino';
import { startGateway, type Gateway } from '../../gateway/gateway.ts';
import { gatewayConfigSchema } from '../../shared/contract/config.ts';
import type { MovableClock } from '../venue/clock.ts';
import type { Issuer } from '../venue/issuer.ts';
import { agreeable } from './agreeable.ts';
import { VENUE } from './rig.ts';

/** A whole gateway with its web server, whose boards take every lease at once; without a line. */
export function openGateway({
  folder,
  clock,
  issuer,
  doors: count,
}: {
  readonly folder: string;
  readonly clock: MovableClock;
  readonly issuer: Issuer;
  /** The first is `front`. */
  readonly doors: number;
}): Promise<Gateway> {
  const ids = Array.from({ length: count }, (_, at) => (at === 0 ? 'front' : `door-${at + 1}`));
  const config = gatewayConfigSchema.parse({
    venue: { id: VENUE, name: 'bench', kind: 'h1t', hours: null, capacity: 10_000 },
    gateway: { id: 'gw-1', journal: join(folder, 'journal.sqlite') },
    http: { port: 0, publicOrigin: 'http://localhost' },
    doors: ids.map((id) => ({ id, controller: { path: `/dev/${id}` } })),
    uplink: null,
    trust: { issuers: [{ iss: issuer.iss, keys: [issuer.publicKey] }], cloud: [issuer.publicKey] },
    clock: { source: 'host' },
  });
  return startGateway({
    config,
    doors: config.doors.map((door) => ({ config: door, controller: agreeable(door.id), scanners: [] })),
    clock,
    log: pino({ level: 'silent' }),
    openToThisHost: true,
  });
}
