/** Where the line to the broker stands. `announcing`: accepted, and the birth is not acknowledged yet. */
export const LINE_STATES = ['down', 'connecting', 'announcing', 'up'] as const;
export type LineState = (typeof LINE_STATES)[number];

export const LINE_EVENTS = [
  'start',
  'connected',
  'announced',
  'protocol-refused',
  'lost',
  'stopped',
  'stable',
] as const;
export type LineEvent = (typeof LINE_EVENTS)[number];

/** The line with what its next attempt depends on. */
export interface Line {
  readonly state: LineState;
  /** MQTT protocol version of the next attempt: 5, or 4 (3.1.1) after a broker refused 5. */
  readonly protocol: 4 | 5;
  /** Failed attempts since the last stable connection; the back-off grows with it. */
  readonly failures: number;
}

export type LineEffect =
  'connect' | 'announce' | 'deliver' | 'reconnect-later' | 'reconnect-now' | 'watch-stability' | 'hang-up';

interface Cell {
  readonly next: LineState;
  readonly effects: readonly LineEffect[];
}

const stay = (next: LineState): Cell => ({ next, effects: [] });

/** Every state with every event. */
export const LINE_TABLE: Readonly<Record<LineState, Readonly<Record<LineEvent, Cell>>>> = {
  down: {
    start: { next: 'connecting', effects: ['connect'] },
    connected: stay('down'),
    announced: stay('down'),
    'protocol-refused': stay('down'),
    lost: stay('down'),
    stopped: { next: 'down', effects: ['hang-up'] },
    stable: stay('down'),
  },
  connecting: {
    start: stay('connecting'),
    connected: { next: 'announcing', effects: ['announce'] },
    announced: stay('connecting'),
    'protocol-refused': { next: 'down', effects: ['reconnect-now'] },
    lost: { next: 'down', effects: ['reconnect-later'] },
    stopped: { next: 'down', effects: ['hang-up'] },
    stable: stay('connecting'),
  },
  announcing: {
    start: stay('announcing'),
    connected: stay('announcing'),
    announced: { next: 'up', effects: ['deliver', 'watch-stability'] },
    'protocol-refused': { next: 'down', effects: ['reconnect-later'] },
    lost: { next: 'down', effects: ['reconnect-later'] },
    stopped: { next: 'down', effects: ['hang-up'] },
    stable: stay('announcing'),
  },
  up: {
    start: stay('up'),
    connected: stay('up'),
    announced: stay('up'),
    'protocol-refused': { next: 'down', effects: ['reconnect-later'] },
    lost: { next: 'down', effects: ['reconnect-later'] },
    stopped: { next: 'down', effects: ['hang-up'] },
    stable: stay('up'),
  },
};

export const LINE_AT_START: Line = { state: 'down', protocol: 5, failures: 0 };

/** The line after an event, and what is to be done. Pure. */
export function stepLine(line: Line, event: LineEvent): { line: Line; effects: readonly LineEffect[] } {
  const { next, effects } = LINE_TABLE[line.state][event];
  const refused = event === 'protocol-refused' && line.state !== 'down';
  // A broker that refuses 3.1.1 too is no nearer: its next attempt waits like one after a loss.
  const failed = line.state !== 'down' && (event === 'lost' || (refused && line.protocol === 4));
  return {
    line: {
      state: next,
      protocol: refused ? (line.protocol === 5 ? 4 : 5) : line.protocol,
      failures: event === 'stable' ? 0 : line.failures + (failed ? 1 : 0),
    },
    effects: failed ? ['reconnect-later'] : effects,
  };
}

/**
 * Pause before the next attempt, in milliseconds: 1 s doubled per failure up to a minute, of which a random half.
 * The count falls back only after a stable connection, so that a flapping line is not hammered.
 *
 * @param chance 0 ≤ chance < 1
 */
export function backoffMs(failures: number, chance: number): number {
  const ceilingMs = Math.min(60_000, 1_000 * 2 ** Math.min(failures, 6));
  return Math.round(ceilingMs / 2 + (ceilingMs / 2) * chance);
}
