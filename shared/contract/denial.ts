import * as z from 'zod';

/**
 * Why a door stays shut for a credential. The order is the precedence: where several hold, the first is told.
 * Closed: a new reason does not compile until every language has a text for it.
 */
export const DENIAL_REASONS = [
  /** The presentation or one of its signatures is not good. Nothing more is said to whoever forged it. */
  'unreadable',
  /** The credential was accepted before, or at another reader. */
  'replay',
  /** The pass is for other venues. */
  'wrong-venue',
  'pass-expired',
  'pass-not-yet-valid',
  /** The cloud has revoked the pass, its holder's passes or the device. It still checks its holder out. */
  'pass-revoked',
  /** The device's proof is too old or from the future. */
  'proof-stale',
  /** A pass without a device key that lives too long to be a bearer pass. */
  'proof-missing',
  /** Nothing shows that the phone is at the door: no presence ticket where the posted code rotates, or a used one. */
  'not-present',
  /** Keys and revocations are older than the venue accepts, so nobody can say who is still welcome. */
  'trust-stale',
  /** Nobody vouches for the gateway's clock, and the venue admits nobody by such a clock. */
  'clock-untrusted',
  /** The gateway cannot put a grant on disk, so it grants nothing. */
  'storage-degraded',
  /** An operator has locked the door down. The way out stays open. */
  'lockdown',
  /** The door's controller does not answer: a grant could not open it. */
  'door-offline',
  /** A check-out by somebody with no open visit here. */
  'no-open-stay',
  /** A copyable pass whose holder is inside already. */
  'passback',
  /** A staff pass outside its hours or at another door. */
  'staff-hours',
  /** A guest whose host has not checked in. */
  'host-not-checked-in',
  /** The pass holds nothing for this venue. */
  'no-reservation',
  'too-early',
  'reservation-ended',
  /** A ticket outside its period, or cancelled. */
  'ticket-ended',
  /** Meeting rooms are outside the ticket. */
  'out-of-service-scope',
  'plan-excludes-venue',
  /** The 32nd use of a basic ticket's period. */
  'limit-31',
  'venue-closed',
  'venue-daily-count',
  'venue-daily-time',
  'full',
] as const;

/** Why somebody was not let in, or out by a code. */
export const denialReasonSchema = z
  .enum(DENIAL_REASONS)
  .describe('Why the door stayed shut. A closed list in the order of precedence (`DENIALS.md`).');
export type DenialReason = z.infer<typeof denialReasonSchema>;
