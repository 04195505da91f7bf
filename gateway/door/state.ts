/**
 * What a door is doing, as two tables. Pure: the watch (`watch.ts`) makes events of what the controller tells,
 * runs the timer that a phase waits for, and carries the effects out.
 *
 * Four things are kept apart, as ONVIF's door control service does (DoorMode, LockPhysicalState, DoorPhysicalState,
 * DoorAlarm): the mode that is wanted, the lock, the leaf, and the alarms. A phase is a leaf with what its lock has to
 * do with it.
 */
import { OPENING } from '../../device/ports.ts';

/** One phase at a time. What nobody sees is one of the first three, never the last good one. */
export type DoorPhase =
  /** Nothing was ever heard of the door. */
  | 'unknown'
  /** The controller is lost; the leaf was shut when last seen. */
  | 'lost-shut'
  /** The controller is lost; the leaf was open when last seen. */
  | 'lost-open'
  /** Shut, and nothing releases the lock. */
  | 'secured'
  /** Shut, released for a moment: by a lease or by the exit button. */
  | 'unlocked'
  /** Shut, kept released: by hold-open or by the fire input. */
  | 'free'
  /** Open, and expected to be shut again soon. */
  | 'opened'
  /** Open while kept released: it may stand open. */
  | 'opened-free'
  /** Open without a cause so far; a handle's switch may be told a moment after the leaf it moved. */
  | 'unexplained'
  /** Open for too long. */
  | 'held-open'
  /** Open, and no cause came. */
  | 'forced-open';

/** What is seen of leaf and lock together. */
export type DoorEvent =
  /** Leaf and lock as they are now, told again at every change of either. */
  | 'shut-secured'
  | 'shut-unlocked'
  | 'shut-free'
  | 'open-secured'
  /** Open and secured, and that is no wonder: the release ended just before, or nobody can see people leave. */
  | 'open-excused'
  | 'open-unlocked'
  | 'open-free'
  /** What the phase waits for did not come in time. */
  | 'waited'
  /** The controller is offline, or has booted again. */
  | 'lost';

/** An event of the contract to tell. */
export type DoorEffect = 'opened' | 'closed' | 'secured' | 'forced-open' | 'held-open';

/** A phase and what is told on the way to it, in order. */
export interface DoorStep {
  readonly phase: DoorPhase;
  readonly effects: readonly DoorEffect[];
}

/** What a phase means for those who are told of it, and which timer runs in it. */
interface PhaseMeaning {
  readonly alarm: 'forced-open' | 'held-open' | null;
  /** `cause`: for `FORCED_AFTER_MS`. `closing`: for the door's `heldOpenMs`. */
  readonly waitsFor: 'cause' | 'closing' | null;
}

/** What each phase waits for, and the alarm that it is. */
export const PHASES: Readonly<Record<DoorPhase, PhaseMeaning>> = {
  unknown: { alarm: null, waitsFor: null },
  'lost-shut': { alarm: null, waitsFor: null },
  'lost-open': { alarm: null, waitsFor: null },
  secured: { alarm: null, waitsFor: null },
  unlocked: { alarm: null, waitsFor: null },
  free: { alarm: null, waitsFor: null },
  opened: { alarm: null, waitsFor: 'closing' },
  'opened-free': { alarm: null, waitsFor: null },
  unexplained: { alarm: null, waitsFor: 'cause' },
  'held-open': { alarm: 'held-open', waitsFor: null },
  'forced-open': { alarm: 'forced-open', waitsFor: null },
};

/** What two words of the board may be apart here though they belong together there, in milliseconds. */
const LINE_MS = 50;

/**
 * How long an opening may go without a cause before it is forced, in milliseconds: as long as the board waits, and what
 * the line takes. With the board's debouncing (20 ms) it stays below the 500 ms in which a forced door is reported.
 */
export const FORCED_AFTER_MS = {
  button: OPENING.lagMs.button + LINE_MS,
  'handle-switch': OPENING.lagMs['handle-switch'] + LINE_MS,
} as const;

const to = (phase: DoorPhase, ...effects: DoorEffect[]): DoorStep => ({ phase, effects });
/** Nothing changes. */
const stays = null;

type Row = Readonly<Record<DoorEvent, DoorStep | null>>;

/** Shut after having been open; the same from every open phase. */
const shut = {
  'shut-secured': to('secured', 'closed', 'secured'),
  'shut-unlocked': to('unlocked', 'closed'),
  'shut-free': to('free', 'closed'),
} as const;

/** Opened after having been shut; the same from every shut phase. */
const opening = {
  'open-secured': to('unexplained', 'opened'),
  'open-excused': to('opened', 'opened'),
  'open-unlocked': to('opened', 'opened'),
  'open-free': to('opened-free', 'opened'),
} as const;

/** Prettier would make a line of each cell; the table is to be read as one. */
// prettier-ignore
const TABLE: Readonly<Record<DoorPhase, Row>> = {
  // Knowledge begins: what is found is no news.
  unknown: {
    'shut-secured': to('secured'), 'shut-unlocked': to('unlocked'), 'shut-free': to('free'),
    'open-secured': to('opened'), 'open-excused': to('opened'), 'open-unlocked': to('opened'), 'open-free': to('opened-free'),
    waited: stays, lost: stays,
  },
  // It opened, or was shut, while nobody looked: told late, and never called forced, for the cause is unknown.
  'lost-shut': {
    'shut-secured': to('secured'), 'shut-unlocked': to('unlocked'), 'shut-free': to('free'),
    'open-secured': to('opened', 'opened'), 'open-excused': to('opened', 'opened'),
    'open-unlocked': to('opened', 'opened'), 'open-free': to('opened-free', 'opened'),
    waited: stays, lost: stays,
  },
  'lost-open': {
    ...shut,
    'open-secured': to('opened'), 'open-excused': to('opened'), 'open-unlocked': to('opened'), 'open-free': to('opened-free'),
    waited: stays, lost: stays,
  },
  secured: {
    'shut-secured': stays, 'shut-unlocked': to('unlocked'), 'shut-free': to('free'),
    ...opening,
    waited: stays, lost: to('lost-shut'),
  },
  unlocked: {
    'shut-secured': to('secured', 'secured'), 'shut-unlocked': stays, 'shut-free': to('free'),
    ...opening,
    waited: stays, lost: to('lost-shut'),
  },
  free: {
    'shut-secured': to('secured', 'secured'), 'shut-unlocked': to('unlocked'), 'shut-free': stays,
    ...opening,
    waited: stays, lost: to('lost-shut'),
  },
  opened: {
    ...shut,
    'open-secured': stays, 'open-excused': stays, 'open-unlocked': stays, 'open-free': to('opened-free'),
    waited: to('held-open', 'held-open'), lost: to('lost-open'),
  },
  'opened-free': {
    ...shut,
    'open-secured': to('opened'), 'open-excused': to('opened'), 'open-unlocked': to('opened'), 'open-free': stays,
    waited: stays, lost: to('lost-open'),
  },
  unexplained: {
    ...shut,
    'open-secured': stays, 'open-excused': to('opened'), 'open-unlocked': to('opened'), 'open-free': to('opened-free'),
    waited: to('forced-open', 'forced-open'), lost: to('lost-open'),
  },
  // An alarm ends when the leaf is shut, or when somebody wants the door open.
  'held-open': {
    ...shut,
    'open-secured': stays, 'open-excused': stays, 'open-unlocked': stays, 'open-free': to('opened-free'),
    waited: stays, lost: to('lost-open'),
  },
  'forced-open': {
    ...shut,
    'open-secured': stays, 'open-excused': stays, 'open-unlocked': stays, 'open-free': to('opened-free'),
    waited: stays, lost: to('lost-open'),
  },
};

/** What `event` means in `phase`. */
export function stepDoor(phase: DoorPhase, event: DoorEvent): DoorStep {
  return TABLE[phase][event] ?? { phase, effects: [] };
}

/** Whether the lock does what its output says. `differs` waits for the door's `lockToleranceMs`: a bolt takes its time. */
export type LockAgreement = 'unknown' | 'agrees' | 'differs' | 'fault';
/** Whether the lock does what its output says. */
export type LockEvent = 'agrees' | 'differs' | 'waited' | 'lost';

/** The next agreement by event. Coming to `fault` is told; the alarm ends when lock and output agree again. */
export const LOCK_TABLE: Readonly<Record<LockAgreement, Readonly<Record<LockEvent, LockAgreement>>>> = {
  unknown: { agrees: 'agrees', differs: 'differs', waited: 'unknown', lost: 'unknown' },
  agrees: { agrees: 'agrees', differs: 'differs', waited: 'agrees', lost: 'unknown' },
  differs: { agrees: 'agrees', differs: 'differs', waited: 'fault', lost: 'unknown' },
  fault: { agrees: 'agrees', differs: 'fault', waited: 'fault', lost: 'unknown' },
};

/** What the lock's sensors say, and what they can know. */
export interface LockEvidence {
  readonly released: boolean;
  /** The relay's second contact: energised. */
  readonly readback: boolean;
  readonly boltThrown: boolean;
  readonly leafOpen: boolean;
  /**
   * `lock`: a strike's own monitor or a maglock's bond sensor, thrown exactly while the shut door is locked.
   * `latch`: a latch in its keeper, which stays there while the lock is released. `none`: not wired.
   */
  readonly boltSense: 'lock' | 'latch' | 'none';
}

/** How the lock's sensors contradict its output, in words for the operator; `null` when they do not. */
export function lockContradiction(evidence: LockEvidence): string | null {
  const { released, readback, boltThrown, leafOpen, boltSense } = evidence;
  if (released && !readback) return 'the relay did not pull in: its read-back stays off while it is driven';
  if (!released && readback) return 'the relay stays pulled in although nothing drives it';
  // An open leaf says nothing of the bolt: it may be thrown into the air or held back.
  if (leafOpen || boltSense === 'none') return null;
  if (!released && !boltThrown) return 'the door is shut and not locked: its bolt is not thrown';
  if (released && boltThrown && boltSense === 'lock')
    return 'the bolt stays thrown although the lock is released';
  return null;
}
