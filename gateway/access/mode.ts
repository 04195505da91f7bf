import type { DoorMode, ModeSource } from '../../shared/contract/state.ts';

/** What an operator has ordered of a door. It stands until it is resumed, or until its end where it has one. */
export const DOOR_ORDERS = ['lockdown', 'hold-open', 'secure'] as const;
/** What somebody ordered of a door, until when. */
export type DoorOrder = (typeof DOOR_ORDERS)[number];

/** An order in force, with who gave it and why. */
export interface StandingOrder {
  readonly door: string;
  readonly order: DoorOrder;
  readonly by: string;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly sinceMs: number;
  /** When it ends by itself, epoch milliseconds; `null` where only a command ends it. */
  readonly untilMs: number | null;
}

/** Everything that has a say in what is wanted of a door. */
export interface ModeFacts {
  /** The fire input is active. `false` too while the controller is away: the firmware needs no word of ours. */
  readonly fire: boolean;
  readonly order: StandingOrder | null;
  /** The door's own schedule says that it stands open now. `false` while nobody vouches for the clock. */
  readonly openHours: boolean;
}

/** One row of the precedence. */
interface ModeRow {
  readonly source: ModeSource;
  readonly mode: DoorMode;
  readonly applies: (facts: ModeFacts, nowMs: number) => boolean;
}

const ordered =
  (wanted: DoorOrder): ModeRow['applies'] =>
  ({ order }, nowMs) =>
    order?.order === wanted && (order.untilMs === null || nowMs < order.untilMs);

/**
 * What is wanted of a door: the first row that applies. Fire stands above all, for it is carried out by the firmware
 * whatever is wanted; lockdown above whatever opens; an operator above the schedule, in both directions.
 */
export const MODE_ROWS: readonly ModeRow[] = [
  { source: 'fire', mode: 'fire-release', applies: ({ fire }) => fire },
  { source: 'operator', mode: 'lockdown', applies: ordered('lockdown') },
  { source: 'operator', mode: 'hold-open', applies: ordered('hold-open') },
  { source: 'operator', mode: 'normal', applies: ordered('secure') },
  { source: 'schedule', mode: 'hold-open', applies: ({ openHours }) => openHours },
  { source: 'default', mode: 'normal', applies: () => true },
];

/** What a mode means for the lock and for whoever presents a credential to enter. The way out is in none of them. */
export const MODE_MEANING: Readonly<
  Record<DoorMode, { readonly keepsReleased: boolean; readonly admits: boolean }>
> = {
  normal: { keepsReleased: false, admits: true },
  'hold-open': { keepsReleased: true, admits: true },
  lockdown: { keepsReleased: false, admits: false },
  // The firmware keeps it released. Whoever still scans is recorded as ever.
  'fire-release': { keepsReleased: false, admits: true },
};

/** The mode in force and where it comes from. */
export interface ModeInForce {
  readonly mode: DoorMode;
  readonly source: ModeSource;
}

/** @param nowMs wall time, epoch milliseconds */
export function modeInForce(facts: ModeFacts, nowMs: number): ModeInForce {
  const row = MODE_ROWS.find(({ applies }) => applies(facts, nowMs));
  if (row === undefined) throw new Error('the precedence of modes ended without a row');
  return { mode: row.mode, source: row.source };
}
