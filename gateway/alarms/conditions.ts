import type { ClockTrust } from '../../shared/contract/events.ts';
import { DAY_MS, MINUTE_MS } from '../../shared/time.ts';
import type { DoorHealth } from '../door/doors.ts';
import type { ReaderHealth } from '../door/readers.ts';
import type { AlarmKind } from '../../shared/contract/alarm.ts';

/** What a door's board has said for a while. */
export interface BoardFacts {
  readonly door: string;
  /** For how long the exit button's input has been active without a break, in milliseconds; 0 while it is not. */
  readonly exitPressedMs: number;
  /** For how long the supply has been below `SUPPLY_LOW_MV`, in milliseconds; 0 while it is not. */
  readonly supplyLowMs: number;
}

/**
 * Supply of the board in millivolts below which somebody should look: nominal are 5,000; at 4,300 the brown-out detector
 * stops it (hardware/README.md, fuses).
 */
export const SUPPLY_LOW_MV = 4_600;

/** Dips while a lock pulls in are none: so long it must stay low, in milliseconds. */
const SUPPLY_LOW_AFTER_MS = 10_000;

/** Twice the longest release by the exit button: nobody leans on it for so long, in milliseconds. */
const EXIT_STUCK_AFTER_MS = MINUTE_MS;

/** Everything that an alarm may follow from. */
export interface AlarmFacts {
  readonly nowMs: number;
  readonly doors: readonly DoorHealth[];
  readonly scanners: readonly ReaderHealth[];
  /** Of each board that answers. */
  readonly boards: readonly BoardFacts[];
  /** Doors where somebody tries codes faster than refusals are recorded. */
  readonly floodedDoors: readonly string[];
  /** Doors whose rotating codes somebody takes off the display, so that nobody else can use them. */
  readonly doorsWithoutCodes: readonly string[];
  /** Code of a storage fault, or `null`. */
  readonly storage: string | null;
  readonly clock: ClockTrust;
  /** Hours since the trust bundle was signed where that is too long, or `null`. */
  readonly trustStaleHours: number | null;
  /** When the gateway's certificate ends, epoch milliseconds; `null` without one. */
  readonly certificateEndsMs: number | null;
  /** A renewed certificate is there and cannot be used. Default: no. */
  readonly certificateRefused?: boolean;
  /** For how long the line has been down, in milliseconds; `null` while it is up or there is none. */
  readonly lineDownMs: number | null;
  readonly lineDownAfterMs: number;
  /** Why the broker takes no events, or not all of them; `null` while it does. */
  readonly refusedEvents: string | null;
  /** Topics that the broker refuses a subscription of. */
  readonly refusedTopics: readonly string[];
  /** For how long billing has had no receipt for an event, in milliseconds; `null` where it has all, or there is none. */
  readonly billingWaitMs: number | null;
  readonly billingLateAfterMs: number;
  readonly billingSilentAfterMs: number;
  /** Starts of the reservations in force, epoch milliseconds. */
  readonly bookedSinceMs: readonly number[];
  /** The last time that anybody presented anything, epoch milliseconds; `null` where nobody ever did. */
  readonly lastScanMs: number | null;
  /** Reservations to come or in force that end after the closing of their day: space and end, as people read them. */
  readonly pastClosing: readonly string[];
  /** Another gateway that speaks for this venue, or did within the last hour: its name and epoch; `null`: none. */
  readonly otherGateway: string | null;
  /** The gateway has only just started: what still has to come up is not missed yet. */
  readonly isSettling: boolean;
}

/** A cause of an alarm that is there now. */
export interface Condition {
  readonly kind: AlarmKind;
  /** The door, or the gateway itself. */
  readonly subject: string;
  readonly detail: string;
}

/**
 * Days before the end of a certificate at which somebody is called, each time anew: ACME renews a month before. After
 * the end no phone opens the page; the scanners go on.
 */
const CERTIFICATE_DAYS = [0, 7, 14, 21] as const;

/** So many reservations in force for so long without a single scan: the reader or the posted code is suspected. */
const BOOKINGS_MIN = 2;
const NO_SCAN_MS = 30 * MINUTE_MS;

const GATEWAY = 'gateway';

/** Notes a cause; `detail` is empty where nothing more is to be said. */
type Find = (kind: AlarmKind, subject: string, detail?: string) => void;

/** The causes that are there now, each once. Pure. */
export function conditionsOf(facts: AlarmFacts): readonly Condition[] {
  const found: Condition[] = [];
  const find: Find = (kind, subject, detail = '') => void found.push({ kind, subject, detail });
  findAtDoors(facts, find);
  findOfEquipment(facts, find);
  findOfGateway(facts, (kind, detail) => find(kind, GATEWAY, detail));
  return found;
}

function findAtDoors({ doors, floodedDoors, doorsWithoutCodes }: AlarmFacts, find: Find): void {
  for (const { door, alarms } of doors) for (const kind of alarms ?? []) find(kind, door);
  for (const door of floodedDoors) find('many-refusals', door);
  for (const door of doorsWithoutCodes) find('codes-taken', door);
}

function findOfEquipment({ doors, scanners, boards, isSettling }: AlarmFacts, find: Find): void {
  for (const { door, exitPressedMs } of boards)
    if (exitPressedMs >= EXIT_STUCK_AFTER_MS) find('exit-stuck', door);
  for (const { door, supplyLowMs } of boards)
    if (supplyLowMs >= SUPPLY_LOW_AFTER_MS) find('supply-low', door);
  if (isSettling) return;
  for (const { door, controller } of doors) if (controller === 'offline') find('controller-lost', door);
  for (const { door, side, online } of scanners) if (online === false) find('scanner-lost', door, side);
}

function findOfGateway(facts: AlarmFacts, find: (kind: AlarmKind, detail: string) => void): void {
  const { nowMs, storage, clock, trustStaleHours, certificateEndsMs, lineDownMs, isSettling } = facts;
  if (storage !== null) find('storage', storage);
  if (clock === 'untrusted' && !isSettling) find('clock', clock);
  if (trustStaleHours !== null) find('trust', String(trustStaleHours));
  if (certificateEndsMs !== null) {
    const days = CERTIFICATE_DAYS.find((each) => certificateEndsMs - nowMs < each * DAY_MS);
    if (days !== undefined) find('certificate', String(days));
    else if (facts.certificateRefused === true) find('certificate', 'renewal');
  }
  if (lineDownMs !== null && lineDownMs >= facts.lineDownAfterMs) find('line-down', '');
  if (facts.refusedEvents !== null) find('events-refused', facts.refusedEvents);
  if (facts.refusedTopics.length > 0) find('subscription-refused', facts.refusedTopics.join(' '));
  const { billingWaitMs } = facts;
  if (billingWaitMs !== null && billingWaitMs >= facts.billingSilentAfterMs) find('billing-silent', '');
  else if (billingWaitMs !== null && billingWaitMs >= facts.billingLateAfterMs) find('billing-late', '');
  const waiting = facts.bookedSinceMs.filter((startMs) => nowMs - startMs >= NO_SCAN_MS);
  if (waiting.length >= BOOKINGS_MIN && (facts.lastScanMs ?? 0) < Math.min(...waiting))
    find('no-scans', String(waiting.length));
  if (facts.otherGateway !== null) find('second-gateway', facts.otherGateway);
  for (const booked of facts.pastClosing) find('past-closing', booked);
}
