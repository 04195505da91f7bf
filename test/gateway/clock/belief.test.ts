import { describe, expect, it } from 'vitest';
import {
  beginBelief,
  errorBoundOf,
  stepBelief,
  witnessBelief,
  type Belief,
} from '../../../gateway/clock/belief.ts';
import type { ClockChange } from '../../../gateway/clock/clock.ts';
import { parseInstant } from '../../../shared/time.ts';

const NOON = parseInstant('2026-11-24T12:00:00+09:00');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A host whose clock is set and synchronised as the test says, looked at as the gateway does. */
class Host {
  belief: Belief;
  readonly changes: ClockChange[] = [];
  #offsetMs: number;
  #synchronised: boolean;
  #monotonicMs = 5_000;

  constructor(
    startMs: number,
    {
      markMs = null,
      rtc = false,
      synchronised = true,
    }: Partial<Parameters<typeof beginBelief>[1]> & {
      readonly synchronised?: boolean;
    } = {},
  ) {
    this.#offsetMs = startMs - this.#monotonicMs;
    this.#synchronised = synchronised;
    this.belief = beginBelief(this.#look(), { markMs, rtc });
  }

  get wallMs(): number {
    return this.belief.wallMs + this.#monotonicMs - this.belief.monotonicMs;
  }

  get errorBoundMs(): number {
    return errorBoundOf(this.belief, this.#monotonicMs);
  }

  /** So much time passes, with a look every minute and at the end. */
  pass(ms: number): this {
    for (let left = ms; left > 0; left -= MINUTE) {
      this.#monotonicMs += Math.min(left, MINUTE);
      this.#take(stepBelief(this.belief, this.#look()));
    }
    return this;
  }

  set(stepMs: number): this {
    this.#offsetMs += stepMs;
    return this;
  }

  synchronise(synchronised: boolean): this {
    this.#synchronised = synchronised;
    return this;
  }

  sign(signedMs: number): this {
    this.#take(witnessBelief(this.belief, signedMs, this.#look()));
    return this;
  }

  #look() {
    const monotonicMs = this.#monotonicMs;
    return { hostMs: this.#offsetMs + monotonicMs, monotonicMs, synchronised: this.#synchronised };
  }

  #take({ belief, change }: ReturnType<typeof stepBelief>): void {
    this.belief = belief;
    if (change !== null) this.changes.push(change);
  }
}

describe('at a start', () => {
  it.each([
    ['of a new journal, synchronised', {}, 0, 'trusted'],
    ['of a new journal, not synchronised', { synchronised: false }, 0, 'untrusted'],
    ['synchronised, at the mark', { markMs: NOON }, 0, 'trusted'],
    ['synchronised, a second before the mark', { markMs: NOON }, -SECOND, 'untrusted'],
    ['synchronised, 24 hours after the mark', { markMs: NOON }, DAY, 'trusted'],
    ['synchronised, a second more after the mark', { markMs: NOON }, DAY + SECOND, 'untrusted'],
    [
      'with a battery, an hour after the mark',
      { markMs: NOON, rtc: true, synchronised: false },
      HOUR,
      'holdover',
    ],
    [
      'with a battery, an hour before the mark',
      { markMs: NOON, rtc: true, synchronised: false },
      -HOUR,
      'untrusted',
    ],
    [
      'with a battery, two days after the mark',
      { markMs: NOON, rtc: true, synchronised: false },
      2 * DAY,
      'untrusted',
    ],
    ['without a battery, an hour after the mark', { markMs: NOON, synchronised: false }, HOUR, 'untrusted'],
  ] as const)('%s', (_, options, fromNoonMs, trust) => {
    expect(new Host(NOON + fromNoonMs, options).belief.trust).toBe(trust);
  });

  it('an untrusted clock stands at the mark, whatever the host says, and goes on from there', () => {
    const host = new Host(0, { markMs: NOON, synchronised: false });
    expect(host.wallMs).toBe(NOON);
    expect(host.pass(90 * SECOND).wallMs).toBe(NOON + 90 * SECOND);
  });

  it('a clock with a battery may be off by a second and 50 ppm since the mark', () => {
    const host = new Host(NOON + 10 * HOUR, { markMs: NOON, rtc: true, synchronised: false });
    expect(host.errorBoundMs).toBeCloseTo(SECOND + 1.8 * SECOND, 0);
  });
});

describe('a host that is set while the gateway runs', () => {
  it('is not followed: the time that went on by itself holds, and the jump is told', () => {
    const host = new Host(NOON)
      .pass(MINUTE)
      .set(3 * HOUR)
      .pass(SECOND);
    expect(host.changes).toEqual([
      { before: 'trusted', after: 'holdover', stepMs: 0, hostStepMs: 3 * HOUR, atMs: NOON + 61 * SECOND },
    ]);
    expect(host.wallMs).toBe(NOON + 61 * SECOND);
  });

  it('is believed at once when it is back', () => {
    const host = new Host(NOON)
      .set(3 * HOUR)
      .pass(SECOND)
      .set(-3 * HOUR)
      .pass(SECOND);
    expect(host.changes.at(-1)).toMatchObject({
      before: 'holdover',
      after: 'trusted',
      hostStepMs: -3 * HOUR,
    });
    expect(host.belief.trust).toBe('trusted');
  });

  it('a step of 500 ms is a correction, one of 600 ms is a jump', () => {
    expect(new Host(NOON).set(500).pass(SECOND).changes).toEqual([]);
    expect(new Host(NOON).set(600).pass(SECOND).changes).toHaveLength(1);
  });

  it('is followed after it has insisted for ten minutes, and not before', () => {
    const host = new Host(NOON)
      .set(3 * HOUR)
      .pass(SECOND)
      .pass(10 * MINUTE - SECOND);
    expect(host.belief.trust).toBe('holdover');
    host.pass(SECOND);
    expect(host.changes.at(-1)).toMatchObject({ before: 'holdover', after: 'trusted', stepMs: 3 * HOUR });
    expect(host.belief.markMs).toBe(host.wallMs);
  });

  it('begins to insist anew when it is set again', () => {
    const host = new Host(NOON)
      .set(3 * HOUR)
      .pass(9 * MINUTE)
      .set(HOUR)
      .pass(9 * MINUTE);
    expect(host.belief.trust).toBe('holdover');
  });

  it.each([
    ['to 2099', 73 * 365 * DAY],
    ['three hours back', -3 * HOUR],
  ])('%s, and insists: nobody vouches for the time then, and the mark is what it was', (_, stepMs) => {
    const host = new Host(NOON).pass(MINUTE).set(stepMs).pass(HOUR);
    expect(host.belief).toMatchObject({ trust: 'untrusted', markMs: NOON + MINUTE });
    expect(host.wallMs).toBe(NOON + MINUTE + HOUR);
  });

  it('is trusted again when it passes the mark by itself', () => {
    const host = new Host(NOON).set(-3 * HOUR).pass(2.9 * HOUR);
    expect(host.belief.trust).toBe('untrusted');
    expect(host.pass(0.2 * HOUR).belief.trust).toBe('trusted');
    expect(host.wallMs).toBeGreaterThanOrEqual(NOON);
  });
});

describe('without synchronisation', () => {
  it('the bound grows by 50 ppm, widens at most 120 s, and the clock stays a holdover', () => {
    const host = new Host(NOON).synchronise(false).pass(DAY);
    expect(host.belief.trust).toBe('holdover');
    expect(host.errorBoundMs).toBeCloseTo(4_320, 0);
    expect(host.pass(40 * DAY).errorBoundMs).toBe(120 * SECOND);
    expect(host.belief.trust).toBe('holdover');
  });

  it('a host that drifted within the bound is followed as soon as it is synchronised', () => {
    const host = new Host(NOON)
      .synchronise(false)
      .pass(DAY)
      .set(4 * SECOND)
      .synchronise(true)
      .pass(SECOND);
    expect(host.changes.at(-1)).toMatchObject({
      before: 'holdover',
      after: 'trusted',
      hostStepMs: 4 * SECOND,
    });
  });

  it('two days without the network from the start on are no step: what has passed is known', () => {
    const host = new Host(NOON, { markMs: NOON, synchronised: false })
      .pass(2 * DAY)
      .synchronise(true)
      .pass(SECOND);
    expect(host.belief.trust).toBe('trusted');
  });
});

describe('a verified signature', () => {
  it('lifts an untrusted clock, and frees a host that was too far ahead', () => {
    const host = new Host(NOON + 3 * DAY, { markMs: NOON });
    expect(host.belief.trust).toBe('untrusted');
    host.sign(NOON + DAY);
    expect(host.belief.trust).toBe('untrusted');
    expect(host.wallMs).toBe(NOON + DAY);
    host.sign(NOON + 3 * DAY - HOUR);
    expect(host.belief.trust).toBe('trusted');
    expect(host.wallMs).toBe(NOON + 3 * DAY);
    expect(host.changes.map(({ stepMs }) => stepMs)).toEqual([DAY, 2 * DAY]);
  });

  it('of an earlier date changes nothing', () => {
    const host = new Host(0, { markMs: NOON, synchronised: false }).sign(NOON - HOUR);
    expect(host.wallMs).toBe(NOON);
    expect(host.changes).toEqual([]);
  });

  it('of 2099 changes nothing while the clock is trusted', () => {
    const host = new Host(NOON).sign(NOON + 73 * 365 * DAY).pass(SECOND);
    expect(host.belief).toMatchObject({ trust: 'trusted', markMs: NOON + SECOND });
  });

  it('disproves a holdover that it is more than five minutes ahead of', () => {
    const host = new Host(NOON).synchronise(false).pass(MINUTE);
    expect(host.sign(host.wallMs + 5 * MINUTE).belief.trust).toBe('holdover');
    expect(host.sign(host.wallMs + 6 * MINUTE).belief.trust).toBe('untrusted');
    expect(host.wallMs).toBe(NOON + 7 * MINUTE);
  });
});
