import type { ChargeFlag } from '../../shared/contract/charge.ts';
import type { DoorConfig, VenueConfig } from '../../shared/contract/config.ts';
import type { DenialReason } from '../../shared/contract/denial.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import type { Credential } from './credential.ts';
import type { Stay, VisitEntitlement } from './stay.ts';

/** A credential at a door. */
export interface AccessRequest {
  readonly credential: Credential;
  readonly door: Pick<DoorConfig, 'id' | 'role' | 'spaces'>;
  readonly side: Side;
  /**
   * At an exit: the stay that is to be checked out; by default the open one that ends first. At an entrance: the stay to
   * check out of there, which opens nothing; by default its holder wants in.
   */
  readonly stay?: string;
}

/** What the journal and the door know that bears on the decision. */
export interface AccessState {
  /** The credential was decided on before, or elsewhere. */
  readonly seenBefore: boolean;
  /** Keys and revocations are older than the venue accepts. Default: they are not. */
  readonly trustStale?: boolean;
  /** Nobody vouches for the clock, and the venue admits nobody by such a clock. Default: it may be used. */
  readonly clockRefused?: boolean;
  /** A grant can be put on disk. */
  readonly storageWritable: boolean;
  readonly controllerOnline: boolean;
  /** An operator has locked the door down. */
  readonly lockdown: boolean;
  /** Stays of this member: open ones, and ended ones of the last 24 hours. */
  readonly stays: readonly Stay[];
  /** Whether the host of a guest's reservation is checked in, by the host's `sub`. */
  readonly hostsInside: ReadonlySet<string>;
  /** Where a host's check-out has shortened a guest's reservation: its end in epoch milliseconds, by its id. */
  readonly guestEnds?: ReadonlyMap<string, number>;
  /** Uses of this member's tickets since the oldest period that matters, here and wherever the cloud knows of. */
  readonly ticketUses: readonly TicketUse[];
  /** Seats taken now, by open stays: a meeting room takes none. */
  readonly inside: number;
  /** Seats that reservations in force hold for members who have not come yet. */
  readonly heldSeats: number;
}

/** A use of a ticket. */
export interface TicketUse {
  /** The ticket's id. */
  readonly ticket: string;
  readonly atMs: number;
  /**
   * From when its issuer can know of it, epoch milliseconds: of a use here the cloud's first receipt for it, of one
   * elsewhere the use itself. `null`: the cloud has signed no receipt yet.
   */
  readonly knownMs: number | null;
}

/**
 * What is granted. `check-in` opens a stay; `closes` is the open stay of the same kind that it takes over from,
 * `settled` the no-show that it turns out not to be. `check-out` closes exactly one stay; `stillOpen` are the others. `leave` opens the exit to whoever has checked out already.
 */
export type Grant =
  | {
      readonly kind: 'check-in';
      readonly entitlement: VisitEntitlement;
      readonly closes: Stay | null;
      readonly settled?: Stay;
      readonly flags: readonly ChargeFlag[];
      /** Uses of a ticket's period before this one; 0 for a reservation. */
      readonly usedBefore: number;
    }
  | { readonly kind: 're-entry'; readonly stay: Stay }
  | { readonly kind: 'check-out'; readonly stay: Stay; readonly stillOpen: readonly Stay[] }
  | { readonly kind: 'leave'; readonly stay: Stay }
  | { readonly kind: 'admit' };

/** One check that was made, for whoever asks why. */
export interface Check {
  /** The reason that the check would have given. */
  readonly check: DenialReason;
  readonly result: 'passed' | 'failed';
}

/** The answer to somebody at a door, with every check that led to it. */
export type Decision =
  | { readonly outcome: 'granted'; readonly grant: Grant; readonly checks: readonly Check[] }
  | {
      readonly outcome: 'denied';
      readonly reason: DenialReason;
      /** At an entrance: the member's stays that can be checked out of there. */
      readonly stillOpen: readonly Stay[];
      readonly checks: readonly Check[];
    };

/** Everything a check may look at. */
export interface Facts {
  readonly request: AccessRequest;
  readonly venue: VenueConfig;
  readonly state: AccessState;
  readonly nowMs: number;
}

/** One row of a decision table: it passes, denies with its reason, or grants and ends the walk. */
export interface Row {
  readonly reason: DenialReason;
  readonly judge: (facts: Facts) => 'pass' | 'deny' | Grant;
}
