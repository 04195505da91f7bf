/**
 * The connection to one board, as a table. `step` decides, the controller carries out: effects are data and run
 * in the order given. Every state answers every event; a late word of something already given up is ignored.
 */

/** Where the connection to a board stands. */
export type ConnectionState =
  /** Not started, or closed. */
  | 'stopped'
  /** The line is being opened. */
  | 'opening'
  /** The line is open; waiting for Firmata, hello and a first status. */
  | 'greeting'
  /** The board answers. The only state in which a lease is sent. */
  | 'online'
  /** The board booted again under an open line, which stays open: opening it anew could reset a board once more. */
  | 'regreeting'
  /** Pausing before the next attempt. */
  | 'waiting';

/** What happens to a connection. */
export type ConnectionEvent =
  | 'start'
  | 'opened'
  | 'open-failed'
  /** The line is gone. */
  | 'lost'
  /** Our firmware in our protocol version has told who it is and how it stands. */
  | 'greeted'
  /** Something answers that must not hold a lock: another firmware, another protocol version. */
  | 'refused'
  /** Nothing valid was heard for too long. */
  | 'silent'
  /** A word of another boot than the one greeted. */
  | 'booted'
  | 'retry'
  | 'close';

/** What the controller does about it. */
export type ConnectionEffect =
  | 'open'
  /** Begin to talk over the open line with a fresh Board. */
  | 'greet'
  | 'announce-online'
  | 'announce-reset'
  | 'announce-offline'
  /** The report is unknown from here on, and leases that wait for an answer are unreachable. */
  | 'forget'
  /** Give up Board and line. */
  | 'shut'
  | 'retry-later'
  | 'cancel-retry';

/** A state and what is to be done on the way to it, in order. */
export interface ConnectionStep {
  readonly state: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

const to = (state: ConnectionState, ...effects: ConnectionEffect[]): ConnectionStep => ({ state, effects });

const givenUp = to('waiting', 'forget', 'shut', 'announce-offline', 'retry-later');
const stopped = to('stopped', 'forget', 'shut', 'cancel-retry');
/** A word that is too late, or of no meaning here: nothing changes. */
const ignored = null;

type Row = Readonly<Record<ConnectionEvent, ConnectionStep | null>>;

/** Prettier would make a line of each cell; the table is to be read as one. */
// prettier-ignore
const TABLE: Readonly<Record<ConnectionState, Row>> = {
  stopped: {
    start: to('opening', 'open'), opened: ignored, 'open-failed': ignored, lost: ignored, greeted: ignored,
    refused: ignored, silent: ignored, booted: ignored, retry: ignored, close: ignored,
  },
  opening: {
    start: ignored, opened: to('greeting', 'greet'), 'open-failed': givenUp, lost: ignored, greeted: ignored,
    refused: ignored, silent: ignored, booted: ignored, retry: ignored, close: stopped,
  },
  greeting: {
    start: ignored, opened: ignored, 'open-failed': ignored, lost: givenUp, greeted: to('online', 'announce-online'),
    refused: givenUp, silent: givenUp, booted: ignored, retry: ignored, close: stopped,
  },
  online: {
    start: ignored, opened: ignored, 'open-failed': ignored, lost: givenUp, greeted: ignored,
    refused: ignored, silent: givenUp, booted: to('regreeting', 'forget', 'greet'), retry: ignored, close: stopped,
  },
  regreeting: {
    start: ignored, opened: ignored, 'open-failed': ignored, lost: givenUp,
    greeted: to('online', 'announce-reset', 'announce-online'),
    refused: givenUp, silent: givenUp, booted: ignored, retry: ignored, close: stopped,
  },
  waiting: {
    start: ignored, opened: ignored, 'open-failed': ignored, lost: ignored, greeted: ignored,
    refused: ignored, silent: ignored, booted: ignored, retry: to('opening', 'open'), close: stopped,
  },
};

/** What `event` means in `state`. Pure. */
export function step(state: ConnectionState, event: ConnectionEvent): ConnectionStep {
  return TABLE[state][event] ?? { state, effects: [] };
}
