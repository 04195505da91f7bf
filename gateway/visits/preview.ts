import { previewCharge } from '../../shared/billing/charge.ts';
import { chargeToWire } from '../../shared/billing/wire.ts';
import type { VenueConfig } from '../../shared/contract/config.ts';
import type { StayPreview, StayPreviews } from '../../shared/contract/visits.ts';
import { formatInstant, parseInstant } from '../../shared/time.ts';
import { chargeInputOf, type BillingContext } from '../access/close.ts';
import type { Credential } from '../access/credential.ts';
import { isOpen, stayToCheckOut } from '../access/leaving.ts';
import type { Stay } from '../access/stay.ts';
import { withNewerTerms } from '../access/synced.ts';
import type { Clock } from '../clock/clock.ts';
import type { Journal } from '../journal/journal.ts';
import { reservationsOf } from '../journal/venue-state.ts';

/** What a member's open stays would cost now. Changes nothing. */
export type Preview = (credential: Credential) => StayPreviews;

export interface PreviewOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** Makes what says, before a member taps, how the door would decide. */
export function createPreview({ venue, journal, clock }: PreviewOptions): Preview {
  return (credential) => {
    const nowMs = clock.wallMs();
    const reservations = reservationsOf(journal, venue, credential, nowMs);
    const stays = journal.stays.ofMember(credential, nowMs).filter(isOpen);
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
    until: reservation === null ? null : formatInstant(parseInstant(reservation.end), timeZone),
    charge: isCharged
      ? chargeToWire(previewCharge(chargeInputOf(stay, reservation, context), nowMs), timeZone)
      : null,
  };
}
