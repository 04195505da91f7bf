/**
 * What the gateway needs of a door, and nothing of how it is built. The drivers in `device/door` and
 * `device/scanner` implement these; only `gateway/main.ts` chooses between them.
 */
import { protocol } from './protocol.generated.ts';

/**
 * How an opening is judged, by the board and by the gateway alike, in milliseconds. Source: `firmware/protocol.json`.
 */
export const OPENING = {
  /** So long after the end of a release an opening still belongs to it: the leaf's contact moves after the hand. */
  graceMs: protocol.limits.doorGraceMs,
  /** So long an opening may wait for its cause: a handle opens the leaf before its switch is read. */
  lagMs: { button: protocol.limits.buttonLagMs, 'handle-switch': protocol.limits.handleLagMs },
} as const;

/** Stops the listener it was returned for. Calling it twice is harmless. */
export type Unsubscribe = () => void;

/** Why a lock is released, as the firmware names it. Several may hold at once. */
export type ReleaseCause = 'lease' | 'exit-button' | 'fire' | 'hold-open';

/** The reset that started the controller, read from the MCU's MCUSR and a marker in `.noinit`. */
export type ResetCause =
  | 'power-on'
  | 'brown-out'
  | 'watchdog'
  /** By the watchdog too, which had been asked to show that it works. */
  | 'watchdog-test'
  | 'external'
  | 'unknown';

/** A debounced input of the controller. `active` means: door open, bolt thrown, button pressed, alarm, lid open. */
export type DoorInput = 'contact' | 'bolt' | 'exit-button' | 'fire' | 'tamper' | 'relay-readback';

/** How the firmware itself sees the door. `opened` with no cause in the report: it is not known why, or not asked. */
export type FirmwareDoorState =
  'secured' | 'unlocking' | 'unlocked' | 'opened' | 'held-open' | 'forced-open' | 'lock-fault';

/** What says for a second already that the lock is not as the output wants it. */
export type LockFault = 'relay' | 'bolt';

/** A signal to the member at the door. Source: the patterns of `hardware/README.md`. */
export type DoorSignal = 'idle' | 'granted' | 'denied' | 'wait';

/** One permission to release the lock for a while, timed and ended by the firmware. */
export interface Lease {
  /** Unsigned 32-bit; the firmware obeys an id once per boot. */
  readonly id: number;
  /** Milliseconds, 200–10,000. The firmware refuses anything longer. */
  readonly durationMs: number;
}

/**
 * What became of a lease. Only `accepted` is the firmware's word that the lock was released; `repeated` is its
 * word that this id was accepted before. `unreachable` says that no answer came: the lock may or may not have
 * moved, and sending the same id again is safe. `superseded` says that a `secure` came after it before the answer did:
 * the lock may have moved until then, does not any more, and only a newer order may send the id again.
 */
export type LeaseOutcome = 'accepted' | 'repeated' | 'refused' | 'unreachable' | 'superseded';

/** The controller's last report. Every member is `null` while unknown: a missing report is never the last good one. */
export interface ControllerReport {
  readonly released: boolean | null;
  readonly causes: readonly ReleaseCause[] | null;
  readonly inputs: Readonly<Record<DoorInput, boolean>> | null;
  /** Millivolts at the controller's supply. */
  readonly supplyMv: number | null;
  /** The lease that was obeyed last in this boot, also where nobody heard the answer; `null` before the first one. */
  readonly lastLeaseId: number | null;
  readonly doorState: FirmwareDoorState | null;
  readonly faults: readonly LockFault[] | null;
}

/** A word of a door’s controller. `offline` comes a second after the last valid word. */
export type ControllerEvent =
  /** The board answers and its firmware speaks our protocol. `bootNonce` changes with every boot. */
  | {
      readonly kind: 'online';
      readonly bootNonce: number;
      readonly firmware: string;
      readonly resetCause: ResetCause;
      /** For the operator, if something is not as it should be but no reason to refuse the board. */
      readonly warning?: string;
    }
  /** Nothing valid was heard for a second, or the port is gone. The report is unknown from here on. */
  | { readonly kind: 'offline'; readonly reason: string }
  /** The board booted again while we were talking to it. Leases of the former boot are dead. */
  | { readonly kind: 'reset'; readonly resetCause: ResetCause }
  /** The lock output moved. `atMs` is the MCU's own clock since its boot; `leaseId` is set while a lease is a cause. */
  | {
      readonly kind: 'lock';
      readonly released: boolean;
      readonly causes: readonly ReleaseCause[];
      readonly leaseId: number | null;
      readonly atMs: number;
    }
  /** A debounced input changed. */
  | { readonly kind: 'input'; readonly input: DoorInput; readonly active: boolean; readonly atMs: number };

/** One door's controller. Entry needs it; leaving never does: exit button and fire input work in the firmware. */
export interface DoorController {
  readonly door: string;
  readonly online: boolean;
  readonly report: ControllerReport;
  /** Starts connecting and keeps trying until `close`. Returns at once; the state arrives as events. */
  start(): void;
  /**
   * Sends a lease and waits for the firmware's word, at most 500 ms. Never queues: an offline board answers
   * `unreachable` at once, so that no old unlock runs after a reconnect.
   */
  pulse(lease: Lease): Promise<LeaseOutcome>;
  /**
   * Keeps the lock released until `secure`: renewed every second, and lapsing by itself 3 s after the last renewal. It
   * ends with its board: one that was offline or booted again is not held again by itself. Outcomes as of `pulse`.
   */
  holdOpen(): Promise<LeaseOutcome>;
  /**
   * Ends hold-open and lease at once, with those that still wait for an answer: once it is `accepted`, only what is ordered
   * after it releases the lock. Exit button and fire input are untouched. Outcomes as of `pulse`.
   */
  secure(): Promise<LeaseOutcome>;
  /**
   * Lets the watchdog show that it works: after `accepted` the board resets within 256 ms, and its `reset` says
   * `watchdog-test`. `refused` while the lock is released. For commissioning. Outcomes as of `pulse`.
   */
  testWatchdog(): Promise<LeaseOutcome>;
  /** Shows a signal to the member. Best effort: lost while the board is offline. */
  signal(signal: DoorSignal): void;
  onEvent(listener: (event: ControllerEvent) => void): Unsubscribe;
  close(): Promise<void>;
}

/** A word of a reader. */
export type ScannerEvent =
  /** A code came under the reader: the bytes between two frame ends, 1–4,096 of them, reported once. */
  | { readonly kind: 'code'; readonly bytes: Uint8Array }
  /** A frame above the size cap was thrown away whole. */
  | { readonly kind: 'discarded'; readonly reason: 'too-long'; readonly length: number }
  | { readonly kind: 'online' }
  | { readonly kind: 'offline'; readonly reason: string };

/** One code reader at one side of a door. */
export interface Scanner {
  readonly door: string;
  readonly side: 'entry' | 'exit';
  start(): void;
  onEvent(listener: (event: ScannerEvent) => void): Unsubscribe;
  close(): Promise<void>;
}
