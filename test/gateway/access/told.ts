import type { Credential } from '../../../gateway/access/credential.ts';
import { decideAccess } from '../../../gateway/access/decide.ts';
import type { AccessRequest, AccessState, Decision } from '../../../gateway/access/facts.ts';
import type { Stay, VisitEntitlement } from '../../../gateway/access/stay.ts';
import { venueSchema, type VenueConfig } from '../../../shared/contract/config.ts';
import type { Reservation, Staff, Ticket } from '../../../shared/contract/pass.ts';
import { parseInstant } from '../../../shared/time.ts';

/** An instant of 20 October 2025, a Monday, in Japan: `09:00` or `09:00:30.5`; or any instant with its date. */
export function at(told: string): number {
  if (told.includes('T')) return parseInstant(told);
  return parseInstant(`2025-10-20T${told.length === 5 ? `${told}:00` : told}+09:00`);
}

const text = (told: string): string => (told.includes('T') ? told : `2025-10-20T${told}:00+09:00`);

/** The member of the tests, unless told otherwise. */
export const MEMBER = { iss: 'https://issuer.example', sub: 'u-1' } as const;

/** A seat from 9:00 to 12:00 at 500 yen, unless told otherwise. */
export function seat(
  over: Partial<Reservation> & { readonly from?: string; readonly to?: string } = {},
): Reservation {
  const { from = '09:00', to = '12:00', ...rest } = over;
  return {
    kind: 'reservation',
    id: 'r-1',
    venue: 'shibuya-1',
    space: { id: 'seat-12', kind: 'seat' },
    start: text(from),
    end: text(to),
    yenPer30Min: 500,
    role: 'user',
    ...rest,
  };
}

export function room(over: Parameters<typeof seat>[0] = {}): Reservation {
  return seat({ id: 'r-2', space: { id: 'room-1', kind: 'room' }, ...over });
}

export function guestOf(host: string, over: Parameters<typeof seat>[0] = {}): Reservation {
  return room({ id: 'r-3', role: 'guest', host, ...over });
}

/** A basic ticket of 10 October with 12 uses, as the issuer saw it on the morning of the 20th. */
export function ticket(over: Partial<Ticket> = {}): Ticket {
  return {
    kind: 'ticket',
    id: 't-1',
    plan: 'basic',
    purchaseDate: '2025-10-10',
    used: 12,
    usedAt: at('06:00') / 1000,
    ...over,
  };
}

export const cleaner: Staff = { kind: 'staff', id: 's-1', doors: ['front', 'meeting'], hours: 'cleaning' };

/** The stay that an entitlement opened, unless told otherwise at 9:00 and open still. */
export function stayOf(entitlement: VisitEntitlement, over: Partial<Stay> = {}): Stay {
  return {
    id: `e-${entitlement.id}`,
    ...MEMBER,
    state: 'open',
    grant: 1,
    entitlement,
    checkInMs: at('09:00'),
    checkOutMs: null,
    endsAtMs: entitlement.kind === 'reservation' ? parseInstant(entitlement.end) : null,
    flags: [],
    ...over,
  };
}

/** What a test tells of a presentation; everything left out is in order. */
export interface Told {
  readonly now: string;
  readonly has?: Credential['entitlements'];
  readonly credential?: Partial<Credential>;
  readonly door?: Partial<AccessRequest['door']>;
  readonly side?: 'entry' | 'exit';
  readonly venue?: Readonly<Record<string, unknown>>;
  readonly state?: Partial<AccessState>;
}

export function venueOf(over: Readonly<Record<string, unknown>> = {}): VenueConfig {
  return venueSchema.parse({
    id: 'shibuya-1',
    name: 'Shibuya',
    kind: 'h1t',
    hours: { open: '07:00', close: '22:00' },
    capacity: 10,
    staffHours: { cleaning: { open: '05:00', close: '07:00' } },
    ...over,
  });
}

export function requestOf({ has = [], credential, door, side = 'entry' }: Told): AccessRequest {
  return {
    credential: {
      ...MEMBER,
      via: 'scanner',
      identity: 'a'.repeat(64),
      identityExpiresMs: 0,
      deviceBound: true,
      singleUse: true,
      problems: [],
      entitlements: has,
      ...credential,
    },
    door: { id: 'front', role: 'entrance', spaces: [], ...door },
    side,
  };
}

export function decide(told: Told): Decision {
  const state: AccessState = {
    seenBefore: false,
    storageWritable: true,
    controllerOnline: true,
    lockdown: false,
    stays: [],
    hostsInside: new Set(),
    ticketUses: [],
    inside: 0,
    heldSeats: 0,
    ...told.state,
  };
  return decideAccess(requestOf(told), venueOf(told.venue), state, at(told.now));
}

/** `check-in`, `re-entry r-1`, … for a grant, the reason for a denial. */
export function verdict(told: Told): string {
  const decision = decide(told);
  return decision.outcome === 'denied' ? decision.reason : decision.grant.kind;
}
