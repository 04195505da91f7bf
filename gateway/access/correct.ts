import type { CommandClaims } from '../../shared/contract/command.ts';
import type { DomainEvent } from '../../shared/contract/events.ts';
import { formatInstant, parseInstant } from '../../shared/time.ts';
import { billStay, SUPERSEDED_BY, type BilledStay, type BillingContext } from './close.ts';
import { endOf } from './settle.ts';
import { nextStayState, STAY_TRANSITIONS, type Stay } from './stay.ts';

/** The commands that correct a stay: the operator's remedy for a member who could not check out. */
export type Correction =
  | Pick<Extract<CommandClaims, { cmd: 'check-out' }>, 'cmd' | 'stay' | 'at' | 'by' | 'reason'>
  | Pick<
      Extract<CommandClaims, { cmd: 'correct-stay' }>,
      'cmd' | 'stay' | 'checkIn' | 'checkOut' | 'by' | 'reason'
    >;

/** A correction that was made, or why it was not. */
export type Corrected =
  | { readonly outcome: 'corrected'; readonly billed: BilledStay }
  | { readonly outcome: 'refused'; readonly detail: string };

/**
 * Corrects a stay by an operator's word. The ledger keeps both: what was recorded, and who said otherwise and why. A
 * charge that was there is superseded, a stay that ends by it is charged.
 */
export function correctStay(stay: Stay, command: Correction, context: BillingContext): Corrected {
  const told = toldBy(command);
  const refusal = refusalOf(stay, command, told, context);
  if (refusal !== null) return { outcome: 'refused', detail: refusal };
  const { timeZone } = context.venue;
  const begun: Stay = {
    ...stay,
    state: nextStayState(stay.state, told.checkOutMs === null ? 'correct-in' : 'correct-out'),
    checkInMs: told.checkInMs ?? stay.checkInMs,
    checkOutMs: told.checkOutMs ?? stay.checkOutMs,
  };
  // A no-show that somebody came for after all is charged to closing when closing has come, and not before.
  const isForgotten = stay.state === 'no-show' && begun.state === 'open' && isDue(begun, context);
  const corrected: Stay = isForgotten ? { ...begun, state: nextStayState(begun.state, 'forget') } : begun;
  const events: DomainEvent[] = [];
  if (command.cmd === 'check-out') {
    const checkOut = formatInstant(parseInstant(command.at), timeZone);
    const { iss, sub } = stay;
    const data = { stay: stay.id, iss, sub, door: null, grant: null, checkOut, by: 'operator' } as const;
    events.push({ name: 'stay.checked-out', subject: stay.id, data });
  }
  events.push({
    name: 'stay.corrected',
    subject: stay.id,
    data: {
      stay: stay.id,
      by: command.by,
      reason: command.reason,
      checkIn: textOf(told.checkInMs, timeZone),
      checkOut: textOf(told.checkOutMs, timeZone),
    },
  });
  if (corrected.state === 'open')
    return { outcome: 'corrected', billed: { stay: corrected, events, yen: null } };
  const billed = billStay(corrected, context, command.reason);
  return { outcome: 'corrected', billed: { ...billed, events: [...events, ...billed.events] } };
}

function isDue(stay: Stay, { venue, nowMs }: BillingContext): boolean {
  return endOf(stay, venue).dueMs <= nowMs;
}

/** Instants that take the place of those recorded, epoch milliseconds; `null`: what is recorded stands. */
export interface Stamps {
  readonly checkInMs: number | null;
  readonly checkOutMs: number | null;
}

/** Who corrects what a wrong clock has stamped. */
const CLOCK = 'clock';

/**
 * Corrects what was stamped by a clock that has proved wrong. The stay remains what it is; the ledger keeps both stamps,
 * and a charge that comes out otherwise is superseded.
 */
export function correctStamps(stay: Stay, stamps: Stamps, context: BillingContext): BilledStay {
  const unchanged: BilledStay = { stay, events: [], yen: null };
  const { checkInMs, checkOutMs } = stamps;
  if (stay.state === 'voided' || (checkInMs === null && checkOutMs === null)) return unchanged;
  const corrected: Stay = {
    ...stay,
    checkInMs: checkInMs ?? stay.checkInMs,
    checkOutMs: checkOutMs ?? stay.checkOutMs,
  };
  const { timeZone } = context.venue;
  const data = {
    stay: stay.id,
    by: CLOCK,
    reason: SUPERSEDED_BY.clock,
    checkIn: textOf(checkInMs, timeZone),
    checkOut: textOf(checkOutMs, timeZone),
  };
  const told: DomainEvent = { name: 'stay.corrected', subject: stay.id, data };
  if (stay.state === 'open') return { stay: corrected, events: [told], yen: null };
  const billed = billStay(corrected, context, SUPERSEDED_BY.clock);
  return { ...billed, events: [told, ...billed.events] };
}

function toldBy(command: Correction): Stamps {
  if (command.cmd === 'check-out') return { checkInMs: null, checkOutMs: parseInstant(command.at) };
  const { checkIn, checkOut } = command;
  return {
    checkInMs: checkIn === undefined ? null : parseInstant(checkIn),
    checkOutMs: checkOut === undefined ? null : parseInstant(checkOut),
  };
}

/** Why the correction makes no sense, in words for the operator; `null` where it does. */
function refusalOf(stay: Stay, { cmd }: Correction, told: Stamps, { nowMs }: BillingContext): string | null {
  const { checkInMs, checkOutMs } = told;
  if (checkInMs === null && checkOutMs === null)
    return 'nothing to correct: checkIn, checkOut or both are needed';
  const event = cmd === 'check-out' ? 'check-out' : checkOutMs === null ? 'correct-in' : 'correct-out';
  if (STAY_TRANSITIONS[stay.state][event] === null) {
    const isOut = cmd === 'check-out' && stay.state === 'checked-out';
    return isOut
      ? 'checked out already: correct-stay corrects it'
      : `a ${stay.state} stay cannot be corrected so`;
  }
  if (Math.max(checkInMs ?? 0, checkOutMs ?? 0) > nowMs) return 'an instant is in the future';
  const from = checkInMs ?? stay.checkInMs;
  const to = checkOutMs ?? stay.checkOutMs;
  return from !== null && to !== null && to < from ? 'the check-out is before the check-in' : null;
}

function textOf(atMs: number | null, timeZone: string): string | null {
  return atMs === null ? null : formatInstant(atMs, timeZone);
}
