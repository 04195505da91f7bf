import type { ControllerEvent, DoorController, Scanner } from '../../device/ports.ts';
import type { DoorConfig, GatewayConfig } from '../../shared/contract/config.ts';
import type { Clock } from '../clock/clock.ts';

/** What a step found. */
export interface Finding {
  /** `not-fitted`: by the configuration this door has none, so nothing is left out of the report. */
  readonly status: 'ok' | 'failed' | 'skipped' | 'not-fitted';
  readonly detail: string;
}

/** What the doctor needs from what the gateway itself may not know. */
export interface DoctorEquipment {
  /** `resets`: the port is let go as strangers do, so that a reset by DTR shows. */
  readonly boardAt: (path: string, options: { readonly resets: boolean }) => DoorController;
  readonly scannersOf: (config: DoorConfig) => readonly Scanner[];
  /** Who the committed firmware says it is. */
  readonly firmwareIdentity: () => Promise<string>;
  /** Default: the host's. */
  readonly clock?: Clock;
}

/** What every step may look at. */
export interface Visit {
  readonly config: GatewayConfig;
  readonly clock: Clock;
  readonly equipment: DoctorEquipment;
  /** How long a person has for one movement, in milliseconds. */
  readonly handsMs: number;
  /** Asks the installer for a movement. */
  readonly ask: (request: string) => void;
}

/** One door under the doctor's hands; what a step learned is there for the next. */
export interface DoorVisit extends Visit {
  readonly door: DoorConfig;
  /** Every board that was opened; the newest is the one in hand. */
  readonly boards: DoorController[];
  readonly online: Extract<ControllerEvent, { kind: 'online' }>[];
}

/** One step of the commissioning. */
export interface Step<Context> {
  readonly name: string;
  /** What to do when it fails. */
  readonly remedy: string;
  /** Whether somebody has to be at the door. */
  readonly hands?: true;
  readonly run: (context: Context) => Finding | Promise<Finding>;
}

/** It is as it should be. */
export const ok = (detail: string): Finding => ({ status: 'ok', detail });
/** It is not, and why. */
export const failed = (detail: string): Finding => ({ status: 'failed', detail });
/** By the configuration there is none. */
export const notFitted = (detail: string): Finding => ({ status: 'not-fitted', detail });
