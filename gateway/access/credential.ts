import type { DenialReason } from '../../shared/contract/denial.ts';
import type { PresentedVia } from '../../shared/contract/events.ts';
import type { Member } from '../../shared/contract/member.ts';
import type { Entitlement } from '../../shared/contract/pass.ts';

/** What is wrong with a credential whose signatures are good. */
export type CredentialProblem = Extract<
  DenialReason,
  | 'wrong-venue'
  | 'pass-expired'
  | 'pass-not-yet-valid'
  | 'pass-revoked'
  | 'proof-stale'
  | 'proof-missing'
  | 'not-present'
>;

/** A presented credential as facts. Both signatures verified; nothing decided yet. */
export interface Credential extends Member {
  readonly via: PresentedVia;
  /** SHA-256 in hexadecimal of who signed it and its `jti`: the identity for replay, never the token's text. */
  readonly identity: string;
  /** Epoch milliseconds after which the credential is refused for its age, so that its identity may be forgotten. */
  readonly identityExpiresMs: number;
  /** Whether the pass is bound to a device key that has just signed. A bearer pass can be copied. */
  readonly deviceBound: boolean;
  /**
   * Whether it may be presented once only. A guest's mailed QR is shown on the way in and on the way out; its copies
   * are answered by anti-passback.
   */
  readonly singleUse: boolean;
  /** Everything that is wrong with it: a door that overlooks one must still see the next. */
  readonly problems: readonly CredentialProblem[];
  readonly entitlements: readonly Entitlement[];
  /** When the pass was issued, in epoch milliseconds: of two words on one reservation the newer holds. */
  readonly issuedMs?: number;
}
