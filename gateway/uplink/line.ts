/** Where the line to the broker stands. `announcing`: accepted, and the birth is not acknowledged yet. */
export const LINE_STATES = ['down', 'connecting', 'announcing', 'up'] as const;
/** Where the line to the cloud stands. */
export type LineState = (typeof LINE_STATES)[number];

/** What happens to the line. */
export const LINE_EVENTS = [
  'start',
  'connected',
  'announced',
  'protocol-refused',
  'hung-up',
  'lost',
  'stopped',
  'stable',
] as const;
/** What happens to the line. */
export type LineEvent = (typeof LINE_EVENTS)[number];

/** Versions of MQTT, as they go over the line: 4 is 3.1.1. */
export type Protocol = 4 | 5;

/** The line with what its next attempt depends on. */
export interface Line {
  readonly state: LineState;
  /** Of the next attempt. */
  readonly protocol: Protocol;
  /** What may be tried, the better one first. */
  readonly speaks: readonly Protocol[];
  /** What a broker has accepted last; `null` where none has yet. */
  readonly worked: Protocol | null;
  /** Failed attempts since the last stable connection; the back-off grows with it. */
  readonly failures: number;
}

/** What the uplink does about it. */
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
    'hung-up': stay('down'),
    lost: stay('down'),
    stopped: { next: 'down', effects: ['hang-up'] },
    stable: stay('down'),
  },
  connecting: {
    start: stay('connecting'),
    connected: { next: 'announcing', effects: ['announce'] },
    announced: stay('connecting'),
    'protocol-refused': { next: 'down', effects: ['reconnect-now'] },
    'hung-up': { next: 'down', effects: ['reconnect-later'] },
    lost: { next: 'down', effects: ['reconnect-later'] },
    stopped: { next: 'down', effects: ['hang-up'] },
    stable: stay('connecting'),
  },
  announcing: {
    start: stay('announcing'),
    connected: stay('announcing'),
    announced: { next: 'up', effects: ['deliver', 'watch-stability'] },
    'protocol-refused': { next: 'down', effects: ['reconnect-later'] },
    'hung-up': { next: 'down', effects: ['reconnect-later'] },
    lost: { next: 'down', effects: ['reconnect-later'] },
    stopped: { next: 'down', effects: ['hang-up'] },
    stable: stay('announcing'),
  },
  up: {
    start: stay('up'),
    connected: stay('up'),
    announced: stay('up'),
    'protocol-refused': { next: 'down', effects: ['reconnect-later'] },
    'hung-up': { next: 'down', effects: ['reconnect-later'] },
    lost: { next: 'down', effects: ['reconnect-later'] },
    stopped: { next: 'down', effects: ['hang-up'] },
    stable: stay('up'),
  },
};

/**
 * So many failed attempts in a row a version is kept for that has worked: what hangs up without a word is then more often a
 * balancer before a broker that starts than a broker that speaks less than before.
 */
const KEPT_FAILURES = 3;

/** Versions to try, by `uplink.protocol`. */
export function protocolsOf(setting: 'auto' | 5 | '3.1.1' = 'auto'): readonly [Protocol, ...Protocol[]] {
  return setting === 'auto' ? [5, 4] : [setting === 5 ? 5 : 4];
}

/** The line before anything has happened. */
export function lineAtStart(speaks: readonly [Protocol, ...Protocol[]]): Line {
  return { state: 'down', protocol: speaks[0], speaks, worked: null, failures: 0 };
}

/** The line after an event, and what is to be done. Pure. */
export function stepLine(line: Line, event: LineEvent): { line: Line; effects: readonly LineEffect[] } {
  const { next, effects } = LINE_TABLE[line.state][event];
  const other = line.speaks.find((version) => version !== line.protocol) ?? line.protocol;
  const refused = event === 'protocol-refused' && line.state !== 'down';
  const isKept = line.worked === line.protocol && line.failures < KEPT_FAILURES;
  const hungUp = event === 'hung-up' && line.state === 'connecting';
  // A broker that refuses the last version too is no nearer: its next attempt waits like one after a loss.
  const isLast = line.protocol === line.speaks.at(-1);
  const failed = line.state !== 'down' && (event === 'lost' || event === 'hung-up' || (refused && isLast));
  return {
    line: {
      state: next,
      speaks: line.speaks,
      protocol: refused || (hungUp && !isKept) ? other : line.protocol,
      worked: event === 'connected' && line.state === 'connecting' ? line.protocol : line.worked,
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
