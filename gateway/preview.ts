import { previewCharge } from '../shared/billing/charge.ts';
import { chargeToWire } from '../shared/billing/wire.ts';
import type { Charge } from '../shared/contract/charge.ts';
import type { VenueConfig } from '../shared/contract/config.ts';
import type { DenialReason } from '../shared/contract/denial.ts';
import { formatInstant } from '../shared/time.ts';
import { chargeInputOf, type BillingContext } from './access/close.ts';
import { blockingProblems } from './access/decide.ts';
import { isOpen } from './access/leaving.ts';
import type { Stay } from './access/stay.ts';
import { withNewerTerms } from './access/synced.ts';
import type { Clock } from './clock/clock.ts';
import type { DpopRequest, Gate } from './credential/gate.ts';
import type { Journal } from './journal/journal.ts';
import { reservationsOf, withSynced } from './venue-state.ts';

/** An open stay and what it would cost. */
export interface StayPreview {
  readonly stay: string;
  /** The seat or room of a reservation; `null` for a ticket. */
  readonly space: string | null;
  readonly checkIn: string | null;
  /** The reservation's end; `null` for a ticket. */
  readonly until: string | null;
  /** What the reservation costs if its user checks out now; `null` where it costs nothing: a ticket's, a guest's. */
  readonly charge: Charge | null;
}

export type PreviewOutcome =
  | { readonly kind: 'stays'; readonly at: string; readonly stays: readonly StayPreview[] }
  | { readonly kind: 'denied'; readonly reason: DenialReason }
  | { readonly kind: 'nonce-needed' };

/** What a member's open stays would cost now. Asks for identity as a check-out does, and changes nothing. */
export type Preview = (request: DpopRequest) => Promise<PreviewOutcome>;

export interface PreviewOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly gate: Gate;
  readonly clock: Clock;
}

export function createPreview({ venue, journal, gate, clock }: PreviewOptions): Preview {
  return async (request) => {
    const verdict = await gate.request(request);
    if (verdict.kind === 'nonce-needed') return verdict;
    if (verdict.kind === 'unreadable') return { kind: 'denied', reason: 'unreadable' };
    const credential = withSynced(journal, venue, verdict.credential);
    const [problem] = blockingProblems({ credential, side: 'exit' });
    if (problem !== undefined) return { kind: 'denied', reason: problem };
    const nowMs = clock.wallMs();
    const reservations = reservationsOf(journal, venue, credential.sub, nowMs);
    const stays = journal.stays.ofMember(credential.sub, nowMs).filter(isOpen);
    return {
      kind: 'stays',
      at: formatInstant(nowMs, venue.timeZone),
      stays: stays.map((stay) => previewOf(withNewerTerms(stay, credential), { venue, reservations }, nowMs)),
    };
  };
}

function previewOf(
  stay: Stay,
  context: Pick<BillingContext, 'venue' | 'reservations'>,
  nowMs: number,
): StayPreview {
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
