import type { Charge, ChargeFlag, ChargeRule } from './charge.ts';
import type { Plan } from './pass.ts';

/** What a member is told of their own visits over HTTP. Instants are RFC 3339 in the venue's time zone. */

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

/** `POST /api/stays/preview`: a member's open stays at an instant, the one that a check-out closes first. */
export interface StayPreviews {
  readonly at: string;
  readonly stays: readonly StayPreview[];
}

/** A visit as its member may see it. */
export interface OwnVisit {
  readonly stay: string;
  readonly state: 'open' | 'checked-out' | 'forgotten' | 'no-show' | 'voided';
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

/** `GET /api/me/visits`: a member's visits here, newest first. */
export interface OwnVisits {
  readonly visits: readonly OwnVisit[];
}
