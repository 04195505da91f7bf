import type { VenueConfig } from '../../shared/contract/config.ts';
import type { OwnVisit } from '../../shared/contract/visits.ts';
import { formatInstant } from '../../shared/time.ts';
import type { Credential } from '../access/credential.ts';
import type { Stay } from '../access/stay.ts';
import type { Journal } from '../journal/journal.ts';

/** Visits that a member is shown, newest first. */
const VISITS_MAX = 30;

/** A member's own visits at this venue. */
export type OwnVisits = (credential: Credential) => readonly OwnVisit[];

/** Makes what answers a member’s question for the own visits. */
export function createOwnVisits(venue: VenueConfig, { stays }: Journal): OwnVisits {
  return (member) => stays.latestOf(member, VISITS_MAX).map((stay) => ownVisit(stay, venue.timeZone));
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
