import type { ChargeRecord } from '../../../shared/contract/charge.ts';
import type { Entitlement } from '../../../shared/contract/pass.ts';
import type { DemoMember } from './acts.ts';
import type { DoorSeen, GatewayStatus } from './messages.ts';

/** What the demo's page is told: types alone, so that the page is checked against them. */

/** Whether a process lives, as the director knows who made it: nothing is asked of it. */
export type Life = 'off' | 'starting' | 'on';

/** A phone as it is held up now. */
export interface ShownCode {
  readonly bytes: number;
  /** The QR as SVG. */
  readonly qr: string;
  /** For how long the proof in it is still good, in milliseconds. */
  readonly freshMs: number;
}

/** What a member holds. */
export interface MemberFacts {
  readonly sub: string;
  readonly entitlement: Entitlement;
}

/** A visit as the billing service has it. */
export interface ShownStay {
  readonly stay: string;
  readonly sub: string;
  readonly reservation: string | null;
  readonly checkIn: string | null;
  readonly checkOut: string | null;
  readonly use: { readonly used: number; readonly remaining: number | null } | null;
  readonly charge: ChargeRecord | null;
  /** How many charges were superseded. */
  readonly superseded: number;
  readonly isVoided: boolean;
}

/**
 * `event: state` of `GET /demo/events`. `door` is measured at the pins and terminals, `gateway` is what the gateway says,
 * `cloud` what the billing service holds; the page shows them side by side and takes none for another. What is not known
 * is `null`: a dead process says nothing.
 */
export interface DemoState {
  readonly at: string;
  readonly door: Pick<DoorSeen, 'leaf' | 'plugged' | 'fire' | 'tamper' | 'exitButton' | 'moves'> & {
    readonly life: Life;
    readonly pins: DoorSeen['pins'] | null;
  };
  readonly gateway: { readonly life: Life; readonly status: GatewayStatus | null };
  readonly line: { readonly cut: boolean };
  readonly cloud: {
    readonly stored: number;
    readonly receipt: number;
    readonly gaps: number;
    readonly mismatches: number;
    readonly duplicates: number;
    readonly stays: readonly ShownStay[];
  };
  readonly members: Readonly<Record<DemoMember, MemberFacts>>;
  readonly hasPhoto: boolean;
}
