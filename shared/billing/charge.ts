import {
  CHARGE_FLAGS,
  RULESET,
  type ChargeCap,
  type ChargeFlag,
  type ChargeReading,
  type ChargeRule,
  type SpaceKind,
  type VenueKind,
} from '../contract/charge.ts';
import { DEFAULT_POLICY, policyHash, type Policy } from '../contract/policy.ts';
import { MINUTE_MS, truncateToMinute, truncateToSecond } from '../time.ts';
import { alternativeReadings } from './alternatives.ts';
import { capCharge, capInForce, isCapMismatch } from './cap.ts';
import { applyRules, isForgotten, type Visit } from './rules.ts';
import { UNIT_MINUTES, UNIT_MS } from './units.ts';

/** One reservation with all that happened to it. Instants are whole epoch milliseconds; `null` means it never came. */
export interface ChargeInput {
  readonly venue: VenueKind;
  readonly space: SpaceKind;
  /** Whole yen for 30 minutes, ≥ 0. */
  readonly yenPer30Min: number;
  readonly cap: ChargeCap | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly cancelledAtMs: number | null;
  /** As stamped, with milliseconds. */
  readonly checkInMs: number | null;
  readonly checkOutMs: number | null;
  /** C: the closing of the business day in which `startMs` lies; `null` where nothing closes on that day. */
  readonly closingMs: number | null;
  /** Default: `DEFAULT_POLICY`. */
  readonly policy?: Policy;
  /** Whether the same user holds a seat and a room at once. Default `false`. */
  readonly simultaneousUse?: boolean;
  /** What the caller saw and a charge cannot know (`overstay`, `clock-untrusted`, …); listed with the charge's own. */
  readonly flags?: readonly ChargeFlag[];
}

/** A stamp as the door made it and as it was billed. */
export interface Stamp {
  readonly rawMs: number;
  readonly truncatedMs: number;
}

/** The charge of one reservation, instants as epoch milliseconds. `chargeToWire` gives the contract's form. */
export interface ComputedCharge {
  readonly rule: ChargeRule;
  /** `null` only where the reservation was cancelled in time. */
  readonly chargedFromMs: number | null;
  /** `chargedFromMs` + `unitsBeforeCap` × 30 minutes. */
  readonly chargedToMs: number | null;
  readonly unitsBeforeCap: number;
  readonly units: number;
  /** `units` × 30. */
  readonly minutes: number;
  readonly yen: number;
  readonly capApplied: boolean;
  readonly flags: readonly ChargeFlag[];
  /** Other readings of the document and what they would have charged. */
  readonly alternatives: readonly { readonly reading: ChargeReading; readonly yen: number }[];
  readonly ruleset: typeof RULESET;
  readonly tariff: {
    readonly venue: VenueKind;
    readonly space: SpaceKind;
    readonly yenPer30Min: number;
    readonly cap: ChargeCap | null;
    readonly policy: Policy;
    readonly policyHash: string;
    readonly closingMs: number | null;
  };
  readonly stamps: { readonly checkIn: Stamp | null; readonly checkOut: Stamp | null };
}

/**
 * What a reservation costs. Pure: the same instants give the same charge, at the gateway and in the cloud, online and
 * offline. The rule is found in `rules.ts`, then the cap is applied.
 *
 * @throws RangeError naming the field, where an input could not have come through the contract
 */
export function computeCharge(input: ChargeInput): ComputedCharge {
  assertInput(input);
  const { venue, space, yenPer30Min, startMs, policy = DEFAULT_POLICY, simultaneousUse = false } = input;
  const truncate = policy.stamp === 'minute' ? truncateToMinute : truncateToSecond;
  const stamps = {
    checkIn: stampOf(input.checkInMs, truncate),
    checkOut: stampOf(input.checkOutMs, truncate),
  };
  const visit = visitOf(input, policy, stamps.checkOut);
  const cap = capInForce(visit, input.cap, simultaneousUse);
  const { rule, units: unitsBeforeCap } = applyRules(visit);
  const { units, yen, capApplied } = capCharge(unitsBeforeCap, yenPer30Min, cap);
  const mismatch = cap !== null && rule !== 'cancelled' && isCapMismatch(cap, yenPer30Min);
  const cancelled = rule === 'cancelled';
  return {
    rule,
    chargedFromMs: cancelled ? null : startMs,
    chargedToMs: cancelled ? null : startMs + unitsBeforeCap * UNIT_MS,
    unitsBeforeCap,
    units,
    minutes: units * UNIT_MINUTES,
    yen,
    capApplied,
    flags: flagsOf(input, visit, rule, mismatch),
    alternatives: alternativeReadings(
      {
        visit,
        rule,
        units: unitsBeforeCap,
        checkInMs: stamps.checkIn === null ? null : stamps.checkIn.truncatedMs,
        checkOutSecondMs: policy.stamp === 'minute' ? secondsLost(stamps.checkOut) : null,
        postedClosingMs: input.closingMs,
        cancellation: input.cancelledAtMs !== null,
        price: (n, under = cap) => capCharge(n, yenPer30Min, under).yen,
        cap,
        capMismatch: mismatch,
        simultaneousUse,
        doorUnopened: isDoorUnopened(input),
      },
      yen,
    ),
    ruleset: RULESET,
    tariff: {
      venue,
      space,
      yenPer30Min,
      cap: input.cap,
      policy,
      policyHash: policyHash(policy),
      closingMs: input.closingMs,
    },
    stamps,
  };
}

/** What the reservation would cost if its user checked out at an instant: for the member's page. */
export function previewCharge(input: ChargeInput, checkOutMs: number): ComputedCharge {
  return computeCharge({ ...input, checkOutMs });
}

/**
 * The rest of a reservation that an H1T check-out gives back, `[fromMs, toMs)`, to be told to the cloud at once; or
 * `null` where nothing is given back. Until `fromMs` the user may come back in.
 */
export function releasedInterval(
  charge: ComputedCharge,
  endMs: number,
): { readonly fromMs: number; readonly toMs: number } | null {
  if (charge.rule !== 'h1t-shortened' || charge.chargedToMs === null || charge.chargedToMs >= endMs)
    return null;
  return { fromMs: charge.chargedToMs, toMs: endMs };
}

/** The facts that the rules ask for. */
function visitOf(input: ChargeInput, policy: Policy, checkOut: Stamp | null): Visit {
  const { cancelledAtMs, closingMs, startMs, endMs } = input;
  const deadlineMs = startMs - policy.cancelDeadlineMinutes * MINUTE_MS;
  return {
    venue: input.venue,
    space: input.space,
    policy,
    startMs,
    endMs,
    // Hours that were shortened after booking never make the reservation shorter: a visit ends by itself at its end then.
    closingMs: closingMs === null ? null : Math.max(closingMs, endMs),
    cancelledInTime: cancelledAtMs !== null && cancelledAtMs < deadlineMs,
    checkedIn: input.checkInMs !== null,
    checkOutMs: checkOut === null ? null : checkOut.truncatedMs,
  };
}

/** The door was released for the check-in, and nobody saw it open. */
function isDoorUnopened({ flags = [] }: ChargeInput): boolean {
  return flags.includes('door-not-opened');
}

/** The charge's own flags and the caller's, each once, in the contract's order. */
function flagsOf(
  input: ChargeInput,
  visit: Visit,
  rule: ChargeRule,
  capMismatch: boolean,
): readonly ChargeFlag[] {
  const { checkInMs, checkOutMs } = input;
  const flags: ChargeFlag[] = [];
  if (checkOutMs !== null) {
    if (checkInMs === null) flags.push('checkin-missing');
    else if (checkOutMs < checkInMs) flags.push('checkout-before-checkin');
    if (checkOutMs < visit.startMs) flags.push('checkout-before-start');
    // By the truncated stamp: a scan in the minute of closing is in time.
    if (visit.closingMs !== null && (visit.checkOutMs ?? 0) > visit.closingMs)
      flags.push('checkout-after-closing');
  }
  if (input.cancelledAtMs !== null && rule !== 'cancelled') flags.push('cancel-rejected');
  if (capMismatch) flags.push('cap-config-mismatch');
  const { flags: seen } = input;
  if (rule === 'forgotten-no-closing' || (isForgotten(rule) && isDoorUnopened(input))) flags.push('review');
  if (seen === undefined || seen.length === 0) return flags;
  return CHARGE_FLAGS.filter((flag) => flags.includes(flag) || seen.includes(flag));
}

function stampOf(rawMs: number | null, truncate: (ms: number) => number): Stamp | null {
  return rawMs === null ? null : { rawMs, truncatedMs: truncate(rawMs) };
}

/** The stamp to the second, where truncation to the minute took seconds away. */
function secondsLost(stamp: Stamp | null): number | null {
  if (stamp === null) return null;
  const secondMs = truncateToSecond(stamp.rawMs);
  return secondMs === stamp.truncatedMs ? null : secondMs;
}

function assertInput(input: ChargeInput): void {
  const { yenPer30Min, startMs, endMs } = input;
  assertWhole('yenPer30Min', yenPer30Min);
  if (yenPer30Min < 0) throw new RangeError('yenPer30Min: must be at least 0');
  assertWhole('startMs', startMs);
  assertWhole('endMs', endMs);
  if (endMs <= startMs) throw new RangeError('endMs: must be after startMs');
  assertWhole('cancelledAtMs', input.cancelledAtMs);
  assertWhole('checkInMs', input.checkInMs);
  assertWhole('checkOutMs', input.checkOutMs);
  assertWhole('closingMs', input.closingMs);
  assertWhole('cap.minutes', input.cap?.minutes ?? null);
  assertWhole('cap.yen', input.cap?.yen ?? null);
}

function assertWhole(field: string, value: number | null): void {
  if (value !== null && !Number.isSafeInteger(value))
    throw new RangeError(`${field}: must be a whole number`);
}
