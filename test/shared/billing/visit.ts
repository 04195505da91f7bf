import type { ChargeInput } from '../../../shared/billing/charge.ts';
import type { ChargeCap, ChargeFlag, ChargeRule } from '../../../shared/contract/charge.ts';
import { policySchema, type Policy } from '../../../shared/contract/policy.ts';
import { parseInstant } from '../../../shared/time.ts';

/**
 * A visit as a row tells it. Times are of 2 June 2025 in Japan, `09:00` or `09:00:30`; `+1` behind one is the next
 * day. What is left out: standard venue, seat, 500 yen, no cap, booked 09:00-12:00, in at 09:00, closing 22:00.
 */
export interface Told {
  readonly h1t?: true;
  readonly room?: true;
  readonly yen?: number;
  readonly cap?: ChargeCap;
  readonly booked?: string;
  readonly cancelled?: string;
  readonly in?: string | null;
  readonly out: string | null;
  readonly closing?: string | null;
  readonly policy?: Partial<Policy>;
  readonly flags?: readonly ChargeFlag[];
}

/** What a row expects. `n` and `to` are before the cap; `cappedTo` is there where the cap took units away. */
interface Expected {
  readonly rule: ChargeRule;
  readonly n: number;
  readonly yen: number;
  readonly to: string | null;
  readonly cappedTo?: number;
  readonly flags?: readonly ChargeFlag[];
}

export type ChargeRow = readonly [name: string, told: Told, expected: Expected];

export function at(told: string): number {
  const [time = '', days] = told.split('+');
  const seconds = time.length === 5 ? `${time}:00` : time;
  return parseInstant(`2025-06-0${days === undefined ? 2 : 3}T${seconds}+09:00`);
}

export function visit(told: Told): ChargeInput {
  const { in: checkIn = '09:00', closing = '22:00', cancelled } = told;
  const [start = '', end = ''] = (told.booked ?? '09:00-12:00').split('-');
  return {
    venue: told.h1t ? 'h1t' : 'standard',
    space: told.room ? 'room' : 'seat',
    yenPer30Min: told.yen ?? 500,
    cap: told.cap ?? null,
    startMs: at(start),
    endMs: at(end),
    cancelledAtMs: cancelled === undefined ? null : at(cancelled),
    checkInMs: checkIn === null ? null : at(checkIn),
    checkOutMs: told.out === null ? null : at(told.out),
    closingMs: closing === null ? null : at(closing),
    ...(told.flags === undefined ? undefined : { flags: told.flags }),
    ...(told.policy === undefined ? undefined : { policy: policySchema.parse(told.policy) }),
  };
}
