import type { Role } from '../operators/accounts.ts';
import { reaches } from '../operators/accounts.ts';
import { DISCOVERY_PREFIX } from './discovery.ts';

/** What may be done with a topic, and which role it needs. Everything that no row names is refused. */
export interface Permission {
  readonly filter: string;
  readonly act: 'read' | 'write';
  readonly role: Role;
  readonly why: string;
}

/** Longest message that a client may write, in bytes. */
export const WRITTEN_BYTES_MAX = 256;

/** The local bus's permissions at a venue. Of the venue's topics only the gateway writes the others. */
export function permissionsOf(venue: string): readonly Permission[] {
  const root = `genkan/v1/${venue}`;
  return [
    { filter: `${root}/gateway/state`, act: 'read', role: 'viewer', why: 'whether the gateway is there' },
    { filter: `${root}/doors/+/state`, act: 'read', role: 'viewer', why: 'what a door does' },
    { filter: `${root}/occupancy`, act: 'read', role: 'viewer', why: 'how full the venue is' },
    { filter: `${root}/events`, act: 'read', role: 'operator', why: 'who did what: names members' },
    { filter: `${root}/doors/+/set`, act: 'write', role: 'operator', why: 'LOCK, UNLOCK' },
    { filter: `${DISCOVERY_PREFIX}/#`, act: 'read', role: 'viewer', why: 'what Home Assistant shows' },
    { filter: `${DISCOVERY_PREFIX}/status`, act: 'write', role: 'operator', why: 'Home Assistant’s birth' },
  ];
}

/** Whether a topic, or every topic of a filter, may be read or written in a role. Pure. */
export function mayTouch(
  permissions: readonly Permission[],
  role: Role,
  act: Permission['act'],
  topic: string,
): boolean {
  return permissions.some((row) => row.act === act && reaches(role, row.role) && covers(row.filter, topic));
}

/** Whether everything that a filter or topic matches is matched by another filter (MQTT 3.1.1, section 4.7). */
export function covers(filter: string, asked: string): boolean {
  const [wide, narrow] = [filter.split('/'), asked.split('/')];
  for (const [index, level] of wide.entries()) {
    if (level === '#') return true;
    const other = narrow[index];
    if (other === undefined || other === '#') return false;
    if (level !== '+' && level !== other) return false;
  }
  return wide.length === narrow.length;
}
