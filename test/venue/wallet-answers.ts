import type { Entitlement } from '../../shared/contract/pass.ts';

/** What the issuer's pages are told: types alone, so that the pages are checked against them. */

/** A venue that passes are issued for, and where its gateway is. */
export interface KnownVenue {
  readonly id: string;
  readonly name: string;
  readonly origin: string;
  /** IANA name. */
  readonly timeZone: string;
}

/** `POST /wallet/passes`: a pass for a phone, and what the phone shows of it. */
export interface IssuedPass {
  readonly pass: string;
  readonly member: string;
  readonly venue: KnownVenue;
}

/** Somebody who can sign in, with what they have booked or bought now. */
export interface Person {
  readonly sub: string;
  readonly name: string;
  readonly ent: readonly Entitlement[];
}

/** `GET /wallet/me`; `me` is `null` where nobody is signed in. */
export interface WalletAnswer {
  readonly people: readonly Person[];
  readonly venues: readonly KnownVenue[];
  readonly canBook: boolean;
  /** `devices`: the thumbprint of the phone that is active at a venue, by the venue. */
  readonly me: (Person & { readonly devices: Readonly<Record<string, string | null>> }) | null;
}
