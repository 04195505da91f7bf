import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../clock/clock.ts';
import type { Account, Accounts, Role } from './accounts.ts';

/** Sessions that are kept at most; the one that was idle longest goes first. */
const SESSIONS_MAX = 1_000;

/** Somebody who is signed in. */
export interface Session {
  readonly name: string;
  readonly role: Role;
}

interface KeptSession {
  readonly account: Account;
  readonly openedAtMs: number;
  usedAtMs: number;
}

export interface SessionsOptions {
  readonly accounts: Accounts;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** How long a session lives without a request of its operator, and at most, in milliseconds. */
  readonly idleMs: number;
  readonly longestMs: number;
}

/**
 * Who is signed in. Kept in memory only, by the digest of the cookie: after a restart everybody signs in again. A session
 * ends with its account, its role or its password.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #kept = new Map<string, KeptSession>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** @returns the cookie's value */
  open(account: Account): string {
    const token = randomBytes(32).toString('base64url');
    const nowMs = this.#options.clock.monotonicMs();
    this.#kept.set(digest(token), { account, openedAtMs: nowMs, usedAtMs: nowMs });
    if (this.#kept.size > SESSIONS_MAX) {
      const [oldest] = [...this.#kept].sort(([, a], [, b]) => a.usedAtMs - b.usedAtMs);
      if (oldest !== undefined) this.#kept.delete(oldest[0]);
    }
    return token;
  }

  /** @param isUse `false` for what a page does by itself, which keeps no session alive */
  get(token: string | null, isUse = true): Session | null {
    if (token === null) return null;
    const key = digest(token);
    const kept = this.#kept.get(key);
    if (kept === undefined) return null;
    if (!this.#isGood(kept)) {
      this.#kept.delete(key);
      return null;
    }
    if (isUse) kept.usedAtMs = this.#options.clock.monotonicMs();
    return { name: kept.account.name, role: kept.account.role };
  }

  close(token: string): void {
    this.#kept.delete(digest(token));
  }

  #isGood({ account, openedAtMs, usedAtMs }: KeptSession): boolean {
    const { accounts, clock, idleMs, longestMs } = this.#options;
    const nowMs = clock.monotonicMs();
    const now = accounts.find(account.name);
    return (
      nowMs - usedAtMs < idleMs &&
      nowMs - openedAtMs < longestMs &&
      now?.password === account.password &&
      now.role === account.role
    );
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
