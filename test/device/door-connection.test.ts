import { describe, expect, it } from 'vitest';
import { step } from '../../device/door/connection.ts';
import type { ConnectionEvent, ConnectionState } from '../../device/door/connection.ts';

const EVENTS = [
  'start',
  'opened',
  'open-failed',
  'lost',
  'greeted',
  'refused',
  'silent',
  'booted',
  'retry',
  'close',
] as const satisfies readonly ConnectionEvent[];

const GIVE_UP = 'waiting: forget shut announce-offline retry-later';
const STOP = 'stopped: forget shut cancel-retry';

/** What each state does with each event; an event that is not named changes nothing. */
const EXPECTED: Record<ConnectionState, Partial<Record<ConnectionEvent, string>>> = {
  stopped: { start: 'opening: open' },
  opening: { opened: 'greeting: greet', 'open-failed': GIVE_UP, close: STOP },
  greeting: {
    greeted: 'online: announce-online',
    refused: GIVE_UP,
    silent: GIVE_UP,
    lost: GIVE_UP,
    close: STOP,
  },
  online: { booted: 'regreeting: forget greet', silent: GIVE_UP, lost: GIVE_UP, close: STOP },
  regreeting: {
    greeted: 'online: announce-reset announce-online',
    refused: GIVE_UP,
    silent: GIVE_UP,
    lost: GIVE_UP,
    close: STOP,
  },
  waiting: { retry: 'opening: open', close: STOP },
};

const STATES = Object.keys(EXPECTED) as ConnectionState[];
const product = STATES.flatMap((state) =>
  EVENTS.map((event) => [state, event, EXPECTED[state][event] ?? `${state}: `] as const),
);

describe('the connection to a board', () => {
  it.each(product)('%s on %s goes to %s', (state, event, expected) => {
    const next = step(state, event);
    expect(`${next.state}: ${next.effects.join(' ')}`).toBe(expected);
  });

  it('leaves online only by forgetting what was known and what waited', () => {
    for (const event of EVENTS) {
      const { state, effects } = step('online', event);
      if (state !== 'online') expect(effects[0], event).toBe('forget');
    }
  });

  it('can be stopped from everywhere, and starts again from there', () => {
    for (const state of STATES) expect(step(state, 'close').state).toBe('stopped');
    expect(step('stopped', 'start').state).toBe('opening');
  });
});
