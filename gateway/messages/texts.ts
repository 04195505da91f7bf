import type { DenialReason } from '../../shared/contract/denial.ts';
import type { GrantKind } from '../../shared/contract/events.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import type { AlarmKind, NoticeKind } from '../../shared/contract/alarm.ts';
import type { CodeRefusal } from '../../shared/contract/presence.ts';

/** Why a phone gets no presence ticket: the code, the network it comes from, or too much that was asked from there. */
export type PresenceProblem = CodeRefusal | 'not-on-lan' | 'busy';

/** Every text of the gateway in one language. A reason without a text does not compile. */
export interface Texts {
  readonly granted: Readonly<Record<GrantKind, string>>;
  /** Why the door stays shut, and what to do next. */
  readonly denied: Readonly<Record<DenialReason, string>>;
  /** Why the code at the door is not taken, and what to do next. */
  readonly presence: Readonly<Record<PresenceProblem, string>>;
  /** The screen at the door. */
  readonly display: Readonly<Record<Side | 'how' | 'left' | 'silent', string>>;
  /** The sheet at the door. `tap` names the button of the door page. */
  readonly sheet: Readonly<Record<'wifi' | 'scan' | 'first' | 'button' | 'help', string>> & {
    readonly tap: Readonly<Record<Side, string>>;
  };
  /** What was asked before the door could be opened; `passed` is a yes. For whoever explains a denial. */
  readonly checks: Readonly<Record<DenialReason, string>>;
  /** What operators are told by mail and webhook. */
  readonly notices: Readonly<Record<NoticeKind | 'gateway' | 'raisedAt' | 'endedAt' | 'times', string>>;
  readonly alarms: Readonly<Record<AlarmKind, string>>;
}
