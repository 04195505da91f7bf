import type { ClockTrust } from '../../shared/contract/events.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.ts';
import type { ClockChange } from './clock.ts';

/** Up to this, in milliseconds, two clocks that go at the same pace say the same; beyond it one of them was set. */
export const JUMP_MS = 500;

/** A step ahead of what is known to have passed needs a signed time or an operator if it is longer. */
export const FORWARD_MS_MAX = DAY_MS;

/** For how long a synchronised host must insist on another time than ours before it is followed, in milliseconds. */
export const INSISTS_FOR_MS = 10 * MINUTE_MS;

/** How far a crystal may be off. Source: a Pi's, with the margin of a cold and of a hot cupboard. */
const DRIFT = 50e-6;

/** The most by which a window is ever widened, in milliseconds. */
export const ERROR_BOUND_MS_MAX = 120 * SECOND_MS;

/** How far a signer's clock may be ahead of the truth, in milliseconds. */
const SIGNER_AHEAD_MS = 5 * MINUTE_MS;

/** One look at the host. */
export interface Look {
  readonly hostMs: number;
  readonly monotonicMs: number;
  readonly synchronised: boolean;
}

/** What the gateway believes of the time. Its own wall time goes on by monotonic time from look to look. */
export interface Belief {
  readonly trust: ClockTrust;
  /** The gateway's wall time at the last look, and that look's monotonic time. */
  readonly wallMs: number;
  readonly monotonicMs: number;
  readonly hostMs: number;
  /** How far the wall time may be off then, in milliseconds; grows with time unless trusted. */
  readonly errorMs: number;
  /** The wall time may not fall below it; `null` where nothing is known. */
  readonly markMs: number | null;
  /** Since when a synchronised host has another time than ours, monotonic; `null` while it has not. */
  readonly insistsSinceMs: number | null;
}

/** What a start has to go by. */
export interface Beginning {
  readonly markMs: number | null;
  /** The host has a clock with a battery. */
  readonly rtc: boolean;
}

/** What the rules look at. */
interface Facts {
  readonly belief: Belief;
  readonly look: Look;
  /** Our own time now, and by how much the host is ahead of it. */
  readonly ownMs: number;
  readonly aheadMs: number;
  readonly errorMs: number;
  /** For how long the host has insisted on another time, in milliseconds. */
  readonly insistedMs: number;
}

/** `follow`: the host's time is ours, and trusted. `keep`: our own time goes on. `lose`: nobody vouches for it. */
type Verdict = 'follow' | 'keep' | 'lose';

interface Rule {
  readonly rule: string;
  readonly applies: (facts: Facts) => boolean;
  readonly verdict: Verdict;
}

const isBeforeMark = ({ belief, look }: Facts): boolean =>
  belief.markMs !== null && look.hostMs < belief.markMs - JUMP_MS;
/** Our own time is never below the mark, and what has passed since the start is known. */
const isFarAhead = ({ belief, aheadMs }: Facts): boolean =>
  belief.markMs !== null && aheadMs > FORWARD_MS_MAX;
const isImpossible = (facts: Facts): boolean => isBeforeMark(facts) || isFarAhead(facts);
const hasOwnTime = ({ belief }: Facts): boolean => belief.trust !== 'untrusted';
const agrees = ({ aheadMs, errorMs }: Facts): boolean => Math.abs(aheadMs) <= JUMP_MS + errorMs;
const hasInsisted = ({ insistedMs }: Facts): boolean => insistedMs >= INSISTS_FOR_MS;

/** Whether the host is believed. The first that applies holds. */
export const BELIEF_RULES: readonly Rule[] = [
  { rule: 'not-synchronised', applies: ({ look }) => !look.synchronised, verdict: 'keep' },
  { rule: 'agrees', applies: (f) => hasOwnTime(f) && agrees(f), verdict: 'follow' },
  // Time that went on by itself is better than a clock that was just set to something else.
  { rule: 'was-set', applies: (f) => hasOwnTime(f) && !hasInsisted(f), verdict: 'keep' },
  { rule: 'insists-on-the-impossible', applies: (f) => hasOwnTime(f) && isImpossible(f), verdict: 'lose' },
  { rule: 'impossible', applies: isImpossible, verdict: 'keep' },
  { rule: 'synchronised', applies: () => true, verdict: 'follow' },
];

/** The belief at a start. A clock that starts before the mark is not believed, and neither is one far after it. */
export function beginBelief(look: Look, { markMs, rtc }: Beginning): Belief {
  const { hostMs, monotonicMs, synchronised } = look;
  const isPossible = markMs !== null && hostMs >= markMs - JUMP_MS && hostMs <= markMs + FORWARD_MS_MAX;
  const common = { monotonicMs, hostMs, markMs, insistsSinceMs: null };
  if (isPossible && rtc && !synchronised) {
    const errorMs = SECOND_MS + Math.max(0, hostMs - markMs) * DRIFT;
    return { ...common, trust: 'holdover', wallMs: Math.max(hostMs, markMs), errorMs };
  }
  const start: Belief = { ...common, trust: 'untrusted', wallMs: markMs ?? hostMs, errorMs: 0 };
  return stepBelief(start, look).belief;
}

/** The belief after one look more, and what has changed. Pure. */
export function stepBelief(belief: Belief, look: Look): { belief: Belief; change: ClockChange | null } {
  const elapsedMs = look.monotonicMs - belief.monotonicMs;
  const ownMs = belief.wallMs + elapsedMs;
  const hostStepMs = look.hostMs - belief.hostMs - elapsedMs;
  const errorMs = belief.errorMs + elapsedMs * DRIFT;
  const { insistsSinceMs } = belief;
  const insistedMs = insistsSinceMs === null ? 0 : look.monotonicMs - insistsSinceMs;
  const facts: Facts = { belief, look, ownMs, aheadMs: look.hostMs - ownMs, errorMs, insistedMs };
  const verdict = BELIEF_RULES.find(({ applies }) => applies(facts))?.verdict ?? 'keep';
  const next: Belief = {
    ...heeded(belief, verdict, facts),
    monotonicMs: look.monotonicMs,
    hostMs: look.hostMs,
    insistsSinceMs: insistence(verdict, facts),
  };
  return { belief: next, change: changeOf(belief, next, next.wallMs - ownMs, hostStepMs) };
}

/** The belief after a verified signature of that date: the time is not earlier. */
export function witnessBelief(belief: Belief, signedMs: number, look: Look): ReturnType<typeof stepBelief> {
  const { trust, markMs } = belief;
  const ownMs = belief.wallMs + look.monotonicMs - belief.monotonicMs;
  // A clock that is synchronised knows better than a signer's, and a mark needs no help then.
  if (trust === 'trusted') return { belief, change: null };
  const errorMs = belief.errorMs + (look.monotonicMs - belief.monotonicMs) * DRIFT;
  const isDisproved = signedMs > ownMs + errorMs + SIGNER_AHEAD_MS;
  if (trust === 'holdover' && !isDisproved)
    return { belief: { ...belief, markMs: Math.max(markMs ?? 0, Math.min(signedMs, ownMs)) }, change: null };
  const mark = Math.max(markMs ?? 0, signedMs);
  const lifted: Belief = {
    ...belief,
    trust: 'untrusted',
    markMs: mark,
    wallMs: Math.max(ownMs, mark),
    monotonicMs: look.monotonicMs,
    insistsSinceMs: null,
  };
  const { belief: next } = stepBelief({ ...lifted, hostMs: look.hostMs }, look);
  return { belief: next, change: changeOf(belief, next, next.wallMs - ownMs, 0) };
}

/** How far the time may be off at an instant, in milliseconds. */
export function errorBoundOf({ trust, errorMs, monotonicMs }: Belief, nowMonotonicMs: number): number {
  if (trust === 'trusted') return 0;
  if (trust === 'untrusted') return ERROR_BOUND_MS_MAX;
  return Math.min(ERROR_BOUND_MS_MAX, errorMs + (nowMonotonicMs - monotonicMs) * DRIFT);
}

function heeded(belief: Belief, verdict: Verdict, { look, ownMs, errorMs }: Facts): Belief {
  const floor = belief.markMs ?? -Infinity;
  switch (verdict) {
    case 'follow': {
      const wallMs = Math.max(look.hostMs, floor);
      return { ...belief, trust: 'trusted', wallMs, errorMs: 0, markMs: wallMs };
    }
    case 'keep':
      return {
        ...belief,
        trust: belief.trust === 'trusted' ? 'holdover' : belief.trust,
        wallMs: ownMs,
        errorMs,
      };
    case 'lose':
      return { ...belief, trust: 'untrusted', wallMs: ownMs, errorMs };
  }
}

/** A host insists from the look on at which it had another time, until it has ours or has set itself anew. */
function insistence(verdict: Verdict, facts: Facts): number | null {
  const { belief, look } = facts;
  if (verdict === 'follow' || !look.synchronised) return null;
  const wasSet = Math.abs(look.hostMs - belief.hostMs - (look.monotonicMs - belief.monotonicMs)) > JUMP_MS;
  return wasSet ? look.monotonicMs : (belief.insistsSinceMs ?? look.monotonicMs);
}

function changeOf(before: Belief, after: Belief, stepMs: number, hostStepMs: number): ClockChange | null {
  const isJump = Math.abs(stepMs) > JUMP_MS || Math.abs(hostStepMs) > JUMP_MS;
  if (!isJump && before.trust === after.trust) return null;
  return {
    before: before.trust,
    after: after.trust,
    stepMs: Math.round(stepMs),
    hostStepMs: Math.round(hostStepMs),
    atMs: Math.floor(after.wallMs),
  };
}
