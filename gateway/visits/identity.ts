import type { VenueConfig } from '../../shared/contract/config.ts';
import type { DenialReason } from '../../shared/contract/denial.ts';
import type { Credential } from '../access/credential.ts';
import { blockingProblems } from '../access/decide.ts';
import type { DpopRequest, Gate } from '../credential/gate.ts';
import type { Journal } from '../journal/journal.ts';
import { withSynced } from '../journal/venue-state.ts';

/** Who asks about their own visits, or why that stays unknown. */
export type Identification =
  | { readonly kind: 'member'; readonly credential: Credential }
  | { readonly kind: 'denied'; readonly reason: DenialReason }
  | { readonly kind: 'nonce-needed' }
  | { readonly kind: 'too-many' };

/** Finds out whose request it is, by the rules of a check-out: identity, not entitlement. Changes nothing. */
export type Identify = (request: DpopRequest) => Promise<Identification>;

export interface IdentifyOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly gate: Gate;
}

/** Makes what tells a member by a pass and its proof, without a door. */
export function createIdentify({ venue, journal, gate }: IdentifyOptions): Identify {
  return async (request) => {
    const verdict = await gate.request(request);
    if (verdict.kind === 'nonce-needed' || verdict.kind === 'too-many') return verdict;
    if (verdict.kind === 'unreadable') return { kind: 'denied', reason: 'unreadable' };
    const credential = withSynced(venue, verdict.credential, journal.synced.ofMember(verdict.credential));
    const [problem] = blockingProblems({ credential, side: 'exit' });
    return problem === undefined ? { kind: 'member', credential } : { kind: 'denied', reason: problem };
  };
}
