/** Where a grant stands between the commit and the door. */
export const GRANT_STATES = ['pending', 'released', 'taken', 'not-opened', 'pulse-failed'] as const;
/** Where a grant stands between its commit and its end. */
export type GrantState = (typeof GRANT_STATES)[number];

/** What can happen to it. */
export const GRANT_EVENTS = ['acknowledged', 'door-opened', 'window-over', 'too-old'] as const;
/** What happens to a grant. */
export type GrantEvent = (typeof GRANT_EVENTS)[number];

/** How long the lease of a grant is offered to the controller, in milliseconds after the decision. */
export const GRANT_LIFETIME_MS = 10_000;

/** How long after a decision a further valid proof of the same member, door and side is the same wish. */
export const RETRY_WINDOW_MS = 10_000;

/** Leases that one grant may use: the first, and one more when the door was missed. */
export const LEASES_PER_GRANT = 2;

/**
 * The grant's life, every cell filled: `null` means that the event changes nothing.
 *
 * - `pending`: committed, no lease acknowledged. Ends as `pulse-failed` when too old: the lock never moved.
 * - `released`: the firmware acknowledged a lease; a second acknowledgement is that of the second lease.
 */
export const GRANT_TRANSITIONS: Readonly<
  Record<GrantState, Readonly<Record<GrantEvent, GrantState | null>>>
> = {
  pending: { acknowledged: 'released', 'door-opened': null, 'window-over': null, 'too-old': 'pulse-failed' },
  released: {
    acknowledged: 'released',
    'door-opened': 'taken',
    'window-over': 'not-opened',
    'too-old': null,
  },
  taken: { acknowledged: null, 'door-opened': null, 'window-over': null, 'too-old': null },
  // A second lease of the same grant, after the member missed the first.
  'not-opened': { acknowledged: 'released', 'door-opened': null, 'window-over': null, 'too-old': null },
  'pulse-failed': { acknowledged: null, 'door-opened': null, 'window-over': null, 'too-old': null },
};

/**
 * The lease id of a grant's n-th lease: unsigned 32-bit, counted from a random base of the journal so that the
 * leases of a new journal meet none that the controller has obeyed since its boot.
 *
 * @param attempt 0 or 1
 */
export function leaseIdOf(base: number, grant: number, attempt: number): number {
  return (base + grant * LEASES_PER_GRANT + attempt) >>> 0;
}

/** The `sub` under which an operator's unlock is recorded, without an issuer: nobody's credential. */
export function operatorSub(by: string): string {
  return `operator:${by}`.slice(0, 128);
}

/** Whether a grant is an operator's unlock: never sent again after a restart, and good during a lockdown. */
export function isOperators({ iss }: { readonly iss: string | null }): boolean {
  return iss === null;
}
