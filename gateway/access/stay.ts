import type { ChargeFlag, ChargeRecord } from '../../shared/contract/charge.ts';
import type { Member } from '../../shared/contract/member.ts';
import type { Reservation, Ticket } from '../../shared/contract/pass.ts';

/** What a stay was opened by: the entitlement as it was presented then, or as the cloud has changed it since. */
export type VisitEntitlement = Reservation | Ticket;

/**
 * - `forgotten`: closing time came, and no check-out.
 * - `no-show`: the reservation ended, and nobody had come. Such a stay has no grant and no check-in.
 * - `voided`: its grant never moved the lock, so it never was.
 */
export const STAY_STATES = ['open', 'checked-out', 'forgotten', 'no-show', 'voided'] as const;
/** Where a stay stands. */
export type StayState = (typeof STAY_STATES)[number];

/**
 * `correct-in` and `correct-out` are an operator's words: the check-in alone, or a check-out, was otherwise than
 * recorded.
 */
export const STAY_EVENTS = [
  'check-in',
  're-enter',
  'check-out',
  'forget',
  'correct-in',
  'correct-out',
  'void',
] as const;
/** What happens to a stay. */
export type StayEvent = (typeof STAY_EVENTS)[number];

/** One visit of one member, from check-in to check-out; or a reservation that nobody came for. */
export interface Stay extends Member {
  /** `<epoch>-<grant>`, of a no-show `<epoch>-e<event>`: unique over every journal the venue ever had. */
  readonly id: string;
  readonly state: StayState;
  /** The grant that opened it; `null` for a no-show. */
  readonly grant: number | null;
  readonly entitlement: VisitEntitlement;
  /** Epoch milliseconds, raw; `null` where nobody checked in. */
  readonly checkInMs: number | null;
  readonly checkOutMs: number | null;
  /** Until when its holder may enter again, in epoch milliseconds: a reservation's end, shortened by a check-out. */
  readonly endsAtMs: number | null;
  /** When its holder came in again after the check-out and has not been seen to leave since, epoch milliseconds. */
  readonly reenteredMs?: number | null;
  /**
   * The closing of the business day in which its reservation begins, epoch milliseconds, as the hours were at the
   * check-in; `null`: nothing closes on that day. Absent for a ticket's visit, and before anybody checked in.
   */
  readonly closingMs?: number | null;
  readonly flags: readonly ChargeFlag[];
  /** The charge in force; absent while nothing is billed. */
  readonly charge?: ChargeRecord;
}

/**
 * The life of a stay. `null`: the event has no business in that state.
 *
 * A re-entry does not open an ended stay again: the first check-out stands. One that the next visit ended, as checked out or
 * forgotten, is voided when its own lock turns out never to have moved. A forgotten stay is still checked out by a
 * later scan, which opens the exit. A no-show is checked in to where the cloud's word came late that
 * the reservation had been extended, or an operator says that somebody came, and checked out where its user was seen at
 * the exit.
 */
export const STAY_TRANSITIONS: Readonly<Record<StayState, Readonly<Record<StayEvent, StayState | null>>>> = {
  open: {
    'check-in': null,
    're-enter': 'open',
    'check-out': 'checked-out',
    forget: 'forgotten',
    'correct-in': 'open',
    'correct-out': 'checked-out',
    void: 'voided',
  },
  'checked-out': {
    'check-in': null,
    're-enter': 'checked-out',
    'check-out': null,
    forget: null,
    'correct-in': 'checked-out',
    'correct-out': 'checked-out',
    void: 'voided',
  },
  forgotten: {
    'check-in': null,
    're-enter': 'forgotten',
    'check-out': 'checked-out',
    forget: null,
    'correct-in': 'forgotten',
    'correct-out': 'checked-out',
    void: 'voided',
  },
  'no-show': {
    'check-in': 'open',
    're-enter': null,
    'check-out': 'checked-out',
    forget: null,
    'correct-in': 'open',
    'correct-out': 'checked-out',
    void: null,
  },
  voided: {
    'check-in': null,
    're-enter': null,
    'check-out': null,
    forget: null,
    'correct-in': null,
    'correct-out': null,
    void: null,
  },
};

/**
 * The stay's next state.
 *
 * @throws Error where the table has no transition: the decision should never have asked
 */
export function nextStayState(state: StayState, event: StayEvent): StayState {
  const next = STAY_TRANSITIONS[state][event];
  if (next === null) throw new Error(`a ${state} stay cannot ${event}`);
  return next;
}

/** A stay whose grant never moved the lock: it never was. One that is charged is a no-show, as if nobody had come. */
export function voidStay(stay: Stay): Stay {
  const state = nextStayState(stay.state, 'void');
  return stay.charge === undefined
    ? { ...stay, state }
    : { ...stay, state: 'no-show', checkInMs: null, checkOutMs: null };
}

/** The flags with these added, each once. */
export function withFlags(
  flags: readonly ChargeFlag[],
  ...more: readonly ChargeFlag[]
): readonly ChargeFlag[] {
  const missing = more.filter((flag) => !flags.includes(flag));
  return missing.length === 0 ? flags : [...flags, ...missing];
}
