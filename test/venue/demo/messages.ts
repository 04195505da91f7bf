import type { Side } from '../../../shared/contract/primitives.ts';
import type { ClockTrust } from '../../../shared/contract/events.ts';
import type { DoorState } from '../../../shared/contract/state.ts';

/** What the director of the demo and its two processes say to each other, over Node's channel between processes. */

/** What a cable of the demo is made of: a serial port that socat makes, or a socket where there is no socat. */
export type CableKind = 'pty' | 'socket';

/** Outputs of the board that are shown, as measured at the pins. */
export const SHOWN_PINS = ['lockRelay', 'greenLed', 'redLed', 'amberLed', 'buzzer'] as const;

/** The cables between the door and the gateway. */
export const CABLES = ['board', 'entry', 'exit'] as const;
export type Cable = (typeof CABLES)[number];

/** What can be seen at the door: levels at pins and terminals, never what somebody believes. */
export interface DoorSeen {
  readonly leaf: 'open' | 'closed';
  readonly pins: Readonly<Record<(typeof SHOWN_PINS)[number], boolean>>;
  readonly plugged: Readonly<Record<Cable, boolean>>;
  readonly fire: boolean;
  readonly tamper: boolean;
  readonly exitButton: boolean;
  /** The latest moves of the lock relay, oldest first; `atMs` is the host's time. */
  readonly moves: readonly { readonly released: boolean; readonly atMs: number }[];
}

export type DoorOrder =
  | {
      readonly kind: 'start';
      readonly cableKind: CableKind;
      readonly directory: string;
      readonly leaf: DoorSeen['leaf'];
      readonly plugged: Readonly<Record<Cable, boolean>>;
    }
  /** Somebody tries the door and walks through; `prop` wedges it open. */
  | { readonly kind: 'pull'; readonly prop: boolean }
  | { readonly kind: 'push' }
  | { readonly kind: 'force' }
  | { readonly kind: 'press-exit'; readonly ms: number }
  | { readonly kind: 'input'; readonly input: 'fire' | 'tamper'; readonly active: boolean }
  | { readonly kind: 'plug'; readonly cable: Cable; readonly plugged: boolean }
  | { readonly kind: 'scan'; readonly side: Side; readonly text: string };

export type DoorWord =
  | { readonly kind: 'ready' }
  | { readonly kind: 'pulled'; readonly open: boolean }
  | { readonly kind: 'seen'; readonly seen: DoorSeen };

export type GatewayOrder =
  | {
      readonly kind: 'start';
      /** The configuration as its file would say it. */
      readonly config: unknown;
      readonly cableKind: CableKind;
      readonly directory: string;
      readonly wallMs: number;
    }
  | { readonly kind: 'clock'; readonly wallMs: number }
  | { readonly kind: 'stop' };

/** What the gateway says of itself. */
export interface GatewayStatus {
  readonly atMs: number;
  readonly clock: ClockTrust;
  readonly online: boolean;
  readonly storage: string | null;
  readonly epoch: string;
  /** Number of the newest event, and the newest that the cloud has signed for. */
  readonly last: number;
  readonly receipted: number;
  readonly inside: number;
  readonly doors: readonly Omit<DoorState, 'session'>[];
}

export type GatewayWord =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly why: string }
  /** New rows of the ledger, as journalled. */
  | { readonly kind: 'ledger'; readonly rows: readonly string[] }
  | { readonly kind: 'status'; readonly status: GatewayStatus };
