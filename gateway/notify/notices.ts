import { MINUTE_MS } from '../../shared/time.ts';
import { SEVERITY, type NoticeKind } from '../../shared/contract/alarm.ts';
import type { StoredAlarm } from '../journal/alarms.ts';

/** An alarm that flaps is told again at most so often, in milliseconds. */
const AGAIN_AFTER_MS = 5 * MINUTE_MS;

/** What was told of an alarm last, and how many times. */
export interface Told {
  readonly kind: NoticeKind;
  readonly atMs: number;
  readonly count: number;
}

/** Something to be told now. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly alarm: StoredAlarm;
}

/** What decides whether somebody is told now. */
export interface NoticeRules {
  /** Whether only critical alarms may disturb anybody now. */
  readonly isQuiet: boolean;
  /** How long an alarm that nobody has seen waits for its next reminder, in milliseconds; `null`: no reminders. */
  readonly remindAfterMs: number | null;
}

/**
 * What is to be told of an alarm now; `null`: nothing. Pure. It follows from what is and what was told, so that a notice
 * which could not be delivered is due for as long as it is true, and never after.
 */
export function noticeOf(
  alarm: StoredAlarm,
  told: Told | null,
  nowMs: number,
  rules: NoticeRules,
): Notice | null {
  const kind = kindOf(alarm, told, nowMs, rules);
  if (kind === null) return null;
  return rules.isQuiet && SEVERITY[alarm.kind] === 'warning' ? null : { kind, alarm };
}

function kindOf(
  { state }: StoredAlarm,
  told: Told | null,
  nowMs: number,
  { remindAfterMs }: NoticeRules,
): NoticeKind | null {
  // What somebody has seen before anybody was told needs no telling; a door that was forced for a minute does.
  if (told === null) return state === 'active' || state === 'ended' ? 'raised' : null;
  const sinceMs = nowMs - told.atMs;
  if (told.kind === 'ended') return state === 'active' && sinceMs >= AGAIN_AFTER_MS ? 'raised' : null;
  if (state === 'ended' || state === 'closed') return 'ended';
  const isUnseen = state === 'active' && remindAfterMs !== null && sinceMs >= remindAfterMs;
  return isUnseen ? 'reminder' : null;
}
