import { describe, expect, it } from 'vitest';
import { GRANT_EVENTS, GRANT_STATES, GRANT_TRANSITIONS, leaseIdOf } from '../../../gateway/access/grant.ts';
import { nextStayState, STAY_EVENTS, STAY_STATES, STAY_TRANSITIONS } from '../../../gateway/access/stay.ts';
import {
  backoffMs,
  lineAtStart,
  LINE_EVENTS,
  LINE_STATES,
  LINE_TABLE,
  protocolsOf,
  stepLine,
} from '../../../gateway/uplink/line.ts';

/** Every state with every event. */
function product<S, E>(states: readonly S[], events: readonly E[]): readonly (readonly [S, E])[] {
  return states.flatMap((state) => events.map((event) => [state, event] as const));
}

describe('the life of a stay', () => {
  const moves = new Map([
    ['open re-enter', 'open'],
    ['open check-out', 'checked-out'],
    ['open forget', 'forgotten'],
    ['open void', 'voided'],
    // The first check-out stands.
    ['checked-out re-enter', 'checked-out'],
    ['checked-out void', 'voided'],
    // Whoever forgot may still be inside: a scan after the closing opens the doors, and the exit.
    ['forgotten re-enter', 'forgotten'],
    ['forgotten check-out', 'checked-out'],
    ['forgotten void', 'voided'],
    // The cloud's word came late that the reservation had been extended.
    ['no-show check-in', 'open'],
    // Its user had come in behind somebody, and was seen at the exit.
    ['no-show check-out', 'checked-out'],
    // An operator may say otherwise of everything but a visit that never was.
    ['open correct-in', 'open'],
    ['checked-out correct-in', 'checked-out'],
    ['forgotten correct-in', 'forgotten'],
    ['no-show correct-in', 'open'],
    ['open correct-out', 'checked-out'],
    ['checked-out correct-out', 'checked-out'],
    ['forgotten correct-out', 'checked-out'],
    ['no-show correct-out', 'checked-out'],
  ]);

  it.each(product(STAY_STATES, STAY_EVENTS))('%s, %s', (state, event) => {
    const expected = moves.get(`${state} ${event}`) ?? null;
    expect(STAY_TRANSITIONS[state][event]).toBe(expected);
    if (expected === null)
      expect(() => nextStayState(state, event)).toThrow(`a ${state} stay cannot ${event}`);
    else expect(nextStayState(state, event)).toBe(expected);
  });
});

describe('the life of a grant', () => {
  const moves = new Map([
    ['pending acknowledged', 'released'],
    ['pending too-old', 'pulse-failed'],
    ['released acknowledged', 'released'],
    ['released door-opened', 'taken'],
    ['released window-over', 'not-opened'],
    ['not-opened acknowledged', 'released'],
  ]);

  it.each(product(GRANT_STATES, GRANT_EVENTS))('%s, %s', (state, event) => {
    expect(GRANT_TRANSITIONS[state][event]).toBe(moves.get(`${state} ${event}`) ?? null);
  });

  it('ends for good once the door was opened or the lock never moved', () => {
    for (const event of GRANT_EVENTS) {
      expect(GRANT_TRANSITIONS.taken[event]).toBeNull();
      expect(GRANT_TRANSITIONS['pulse-failed'][event]).toBeNull();
    }
  });
});

describe('a lease id', () => {
  it('is new for every lease of every grant', () => {
    const ids = Array.from({ length: 1_000 }, (_, grant) => [
      leaseIdOf(7, grant, 0),
      leaseIdOf(7, grant, 1),
    ]).flat();
    expect(new Set(ids).size).toBe(2_000);
  });

  it('stays an unsigned 32-bit number where the sum overflows', () => {
    expect(leaseIdOf(2 ** 31 - 1, 2 ** 31, 1)).toBe(2 ** 31);
    expect(leaseIdOf(0xffff_ffff, 1, 0)).toBe(1);
  });
});

describe('the line to the broker', () => {
  const moves = new Map<string, readonly [next: string, ...effects: string[]]>([
    ['down start', ['connecting', 'connect']],
    ['down stopped', ['down', 'hang-up']],
    ['connecting connected', ['announcing', 'announce']],
    ['connecting protocol-refused', ['down', 'reconnect-now']],
    ['connecting lost', ['down', 'reconnect-later']],
    ['connecting hung-up', ['down', 'reconnect-later']],
    ['connecting stopped', ['down', 'hang-up']],
    ['announcing announced', ['up', 'deliver', 'watch-stability']],
    ['announcing protocol-refused', ['down', 'reconnect-later']],
    ['announcing lost', ['down', 'reconnect-later']],
    ['announcing hung-up', ['down', 'reconnect-later']],
    ['announcing stopped', ['down', 'hang-up']],
    ['up protocol-refused', ['down', 'reconnect-later']],
    ['up lost', ['down', 'reconnect-later']],
    ['up hung-up', ['down', 'reconnect-later']],
    ['up stopped', ['down', 'hang-up']],
  ]);

  const at = lineAtStart(protocolsOf('auto'));

  it.each(product(LINE_STATES, LINE_EVENTS))('%s, %s', (state, event) => {
    const [next, ...effects] = moves.get(`${state} ${event}`) ?? [state];
    expect(LINE_TABLE[state][event]).toEqual({ next, effects });
    expect(stepLine({ ...at, state }, event)).toMatchObject({
      line: { state: next },
      effects,
    });
  });

  it('speaks 3.1.1 after a broker refused 5, and 5 after it refused 3.1.1', () => {
    const refused = stepLine({ ...at, state: 'connecting', failures: 2 }, 'protocol-refused').line;
    expect(refused).toEqual({ ...at, protocol: 4, failures: 2 });
    expect(stepLine({ ...refused, state: 'connecting' }, 'protocol-refused').line.protocol).toBe(5);
  });

  it('waits before it tries again after a broker refused both, and counts that as a loss', () => {
    const { line, effects } = stepLine(
      { ...at, state: 'connecting', protocol: 4, failures: 2 },
      'protocol-refused',
    );
    expect(line).toEqual({ ...at, failures: 3 });
    expect(effects).toEqual(['reconnect-later']);
  });

  it('counts losses until it was stable, and none while it is down', () => {
    const lost = stepLine({ ...at, state: 'up', failures: 3 }, 'lost').line;
    expect(lost.failures).toBe(4);
    expect(stepLine(lost, 'lost').line.failures).toBe(4);
    expect(stepLine({ ...lost, state: 'up' }, 'connected').line.failures).toBe(4);
    expect(stepLine({ ...lost, state: 'up' }, 'stable').line.failures).toBe(0);
  });

  it.each([
    [0, 0, 500],
    [1, 0, 1_000],
    [1, 0.999_999, 2_000],
    [5, 0, 16_000],
    [6, 0, 30_000],
    [100, 0.999_999, 60_000],
  ])('waits after %i failures with chance %d for %i ms', (failures, chance, expectedMs) => {
    expect(backoffMs(failures, chance)).toBe(expectedMs);
  });
});
