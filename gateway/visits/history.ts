import type { ChargeFlag, ChargeRule } from '../../shared/contract/charge.ts';
import type { VenueConfig } from '../../shared/contract/config.ts';
import type { Plan } from '../../shared/contract/pass.ts';
import { formatInstant } from '../../shared/time.ts';
import type { Credential } from '../access/credential.ts';
import type { Stay, StayState } from '../access/stay.ts';
import type { Journal } from '../journal/journal.ts';

/** Visits that a member is shown, newest first. */
const VISITS_MAX = 30;

/** A visit as its member may see it. Instants are RFC 3339 in the venue's time zone. */
export interface OwnVisit {
  readonly stay: string;
  readonly state: StayState;
  /** The seat or room of a reservation; `null` for a ticket. */
  readonly space: string | null;
  /** The plan of a ticket's visit, which costs a use and no money; `null` for a reservation. */
  readonly plan: Plan | null;
  readonly checkIn: string | null;
  readonly checkOut: string | null;
  readonly until: string | null;
  /** The charge in force; `null` while there is none, and for a ticket or a guest. */
  readonly charge: {
    readonly yen: number;
    readonly rule: ChargeRule;
    readonly chargedFrom: string | null;
    readonly chargedTo: string | null;
    readonly capApplied: boolean;
    readonly flags: readonly ChargeFlag[];
  } | null;
}

/** A member's own visits at this venue. */
export type OwnVisits = (credential: Credential) => readonly OwnVisit[];

export function createOwnVisits(venue: VenueConfig, { stays }: Journal): OwnVisits {
  return ({ sub }) => stays.latestOf(sub, VISITS_MAX).map((stay) => ownVisit(stay, venue.timeZone));
}

function ownVisit({ entitlement, charge, ...stay }: Stay, timeZone: string): OwnVisit {
  const instant = (ms: number | null) => (ms === null ? null : formatInstant(ms, timeZone));
  return {
    stay: stay.id,
    state: stay.state,
    space: entitlement.kind === 'reservation' ? entitlement.space.id : null,
    plan: entitlement.kind === 'ticket' ? entitlement.plan : null,
    checkIn: instant(stay.checkInMs),
    checkOut: instant(stay.checkOutMs),
    until: instant(stay.endsAtMs),
    charge:
      charge === undefined
        ? null
        : {
            yen: charge.yen,
            rule: charge.rule,
            chargedFrom: charge.chargedFrom,
            chargedTo: charge.chargedTo,
            capApplied: charge.capApplied,
            flags: charge.flags,
          },
  };
}
