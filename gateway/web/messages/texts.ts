import type { DenialReason } from '../../../shared/contract/denial.ts';
import type { GrantKind } from '../../../shared/contract/events.ts';

/** Every text of the gateway in one language. A reason without a text does not compile. */
export interface Texts {
  readonly granted: Readonly<Record<GrantKind, string>>;
  /** Why the door stays shut, and what to do next. */
  readonly denied: Readonly<Record<DenialReason, string>>;
  /** What was asked before the door could be opened; `passed` is a yes. For whoever explains a denial. */
  readonly checks: Readonly<Record<DenialReason, string>>;
}
