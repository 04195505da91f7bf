import type { GatewayConfig } from '../../shared/contract/config.ts';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.ts';
import type { Clock } from '../clock/clock.ts';
import { accountsFile } from '../config.ts';
import type { Journal } from '../journal/journal.ts';
import { Accounts } from './accounts.ts';
import { Acts } from './acts.ts';
import { Attempts } from '../limits/attempts.ts';
import { Sessions } from './sessions.ts';

/** The operators of a gateway: who they are, who of them is signed in, and what they do. */
export interface Operators {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly attempts: Attempts;
  readonly acts: Acts;
}

/** Makes the operators’ part: accounts, sessions, and what they do. */
export function createOperators(config: GatewayConfig, journal: Journal, clock: Clock): Operators {
  const accounts = new Accounts(accountsFile(config));
  const { idleMinutes, longestHours } = config.console;
  return {
    accounts,
    sessions: new Sessions({
      accounts,
      clock,
      idleMs: idleMinutes * MINUTE_MS,
      longestMs: longestHours * HOUR_MS,
    }),
    attempts: new Attempts(clock),
    acts: new Acts({ venue: config.venue.id, journal, clock }),
  };
}
