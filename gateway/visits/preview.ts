import { previewCharge } from '../../shared/billing/charge.ts';
import { chargeToWire } from '../../shared/billing/wire.ts';
import type { Charge } from '../../shared/contract/charge.ts';
import type { VenueConfig } from '../../shared/contract/config.ts';
import { formatInstant } from '../../shared/time.ts';
import { chargeInputOf, type BillingContext } from '../access/close.ts';
import type { Credential } from '../access/credential.ts';
import { isOpen, stayToCheckOut } from '../access/leaving.ts';
import type { Stay } from '../access/stay.ts';
import { withNewerTerms } from '../access/synced.ts';
import type { Clock } from '../clock/clock.ts';
import type { Journal } from '../journal/journal.ts';
import { reservationsOf } from '../journal/venue-state.ts';

/** An open stay and what it would cost. */
export interface StayPreview {
  readonly stay: string;
  /** The seat or room of a reservation; `null` for a ticket. */
  readonly space: string | null;
  readonly checkIn: string | null;
  /** The reservation's end; `null` for a ticket. */
  readonly until: string | null;
  /** Whether this is the one that a check-out at the door closes: of several open ones, one at a time. */
  readonly isNext: boolean;
  /** What the reservation costs if its user checks out now; `null` where it costs nothing: a ticket's, a guest's. */
  readonly charge: Charge | null;
}

/** A member's open stays at an instant (RFC 3339), the one that a check-out closes first. */
export interface StayPreviews {
  readonly at: string;
  readonly stays: readonly StayPreview[];
}

/** What a member's open stays would cost now. Changes nothing. */
export type Preview = (credential: Credential) => StayPreviews;

export interface PreviewOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly clock: Clock;
}

export function createPreview({ venue, journal, clock }: PreviewOptions): Preview {
  return (credential) => {
    const nowMs = clock.wallMs();
    const reservations = reservationsOf(journal, venue, credential.sub, nowMs);
    const stays = journal.stays.ofMember(credential.sub, nowMs).filter(isOpen);
    const next = stayToCheckOut(stays);
    const shown = stays.map((stay) => ({
      ...previewOf(withNewerTerms(stay, credential), { venue, reservations }, nowMs),
      isNext: stay === next,
    }));
    return {
      at: formatInstant(nowMs, venue.timeZone),
      stays: shown.sort((a, b) => Number(b.isNext) - Number(a.isNext)),
    };
  };
}

function previewOf(
  stay: Stay,
  context: Pick<BillingContext, 'venue' | 'reservations'>,
  nowMs: number,
): Omit<StayPreview, 'isNext'> {
  const { timeZone } = context.venue;
  const { entitlement, checkInMs } = stay;
  const reservation = entitlement.kind === 'reservation' ? entitlement : null;
  const isCharged = reservation?.role === 'user';
  return {
    stay: stay.id,
    space: reservation?.space.id ?? null,
    checkIn: checkInMs === null ? null : formatInstant(checkInMs, timeZone),
    until: reservation?.end ?? null,
    charge: isCharged
      ? chargeToWire(previewCharge(chargeInputOf(stay, reservation, context), nowMs), timeZone)
      : null,
  };
}
