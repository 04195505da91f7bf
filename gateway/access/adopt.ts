import { canonicalJson } from '../../shared/canonical.ts';
import type { DomainEvent } from '../../shared/contract/events.ts';
import type { StayRecord } from '../../shared/contract/stays.ts';
import { parseInstant } from '../../shared/time.ts';
import { SUPERSEDED_BY, type BilledStay } from './close.ts';
import { withFlags, type Stay, type VisitEntitlement } from './stay.ts';

/** What is here of a stay that the cloud tells of. */
export interface KnownStay {
  /** `null` where it was begun after the journal was copied. */
  readonly stay: Stay | null;
  /** What it was opened by. */
  readonly entitlement: VisitEntitlement;
  /** The closing of its day, as it is known here; absent for a ticket's visit. */
  readonly closingMs?: number | null;
  /** The charge that is here was told under this epoch: another has to supersede it. */
  readonly isChargedHere: boolean;
}

/**
 * A stay of an earlier epoch as the cloud has it: what happened after the journal was copied, or in the part of it that
 * is lost. Nothing of it is told again, for the cloud knows; only a charge that was told here meanwhile is superseded.
 *
 * @returns `null` where what is here goes further than the cloud's word
 */
export function adoptStay(
  told: StayRecord,
  { stay, entitlement, closingMs, isChargedHere }: KnownStay,
): BilledStay | null {
  const { charge, state } = told;
  if (stay?.state === 'voided' || (charge === null && stay !== null && stay.state !== 'open')) return null;
  const before = stay?.charge;
  if (before !== undefined && charge !== null && canonicalJson(before) === canonicalJson(charge)) return null;
  const adopted: Stay = {
    id: told.stay,
    iss: told.iss,
    sub: told.sub,
    state,
    grant: stay?.grant ?? null,
    entitlement,
    checkInMs: msOf(told.checkIn),
    checkOutMs: msOf(told.checkOut),
    endsAtMs: endOf(told, entitlement),
    ...(stay?.reenteredMs !== undefined && { reenteredMs: stay.reenteredMs }),
    ...closingOf(told, stay, closingMs),
    flags: withFlags(stay?.flags ?? [], ...(charge?.flags ?? [])),
    ...(charge !== null && { charge }),
  };
  const events: DomainEvent[] = [];
  if (isChargedHere && before !== undefined && charge !== null && told.reservation !== null) {
    const { iss, sub, reservation } = told;
    const data = {
      stay: told.stay,
      iss,
      sub,
      reservation,
      before,
      after: charge,
      reason: SUPERSEDED_BY.cloud,
    };
    events.push({ name: 'charge.superseded', subject: told.stay, data });
  }
  return { stay: adopted, events, yen: charge?.yen ?? null };
}

function msOf(text: string | null): number | null {
  return text === null ? null : parseInstant(text);
}

/** A reservation that a check-out has shortened ends where it is charged to. */
function endOf({ charge }: StayRecord, entitlement: VisitEntitlement): number | null {
  if (entitlement.kind === 'ticket') return null;
  const shortenedTo = charge?.rule === 'h1t-shortened' ? charge.chargedTo : null;
  return parseInstant(shortenedTo ?? entitlement.end);
}

/** What it was charged by stays with it, and what held at the check-in where that is here still. */
function closingOf(
  { charge, checkIn }: StayRecord,
  stay: Stay | null,
  knownMs: number | null | undefined,
): Pick<Stay, 'closingMs'> {
  if (charge !== null) return { closingMs: msOf(charge.tariff.closing) };
  const closingMs = stay?.closingMs === undefined && checkIn !== null ? knownMs : stay?.closingMs;
  return closingMs === undefined ? {} : { closingMs };
}
