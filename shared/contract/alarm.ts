/** What an operator is called for, the gravest first. */
export const ALARM_KINDS = [
  'fire',
  'forced-open',
  'tamper',
  'lock-fault',
  'exit-stuck',
  'storage',
  'second-gateway',
  'controller-lost',
  'billing-silent',
  'held-open',
  'scanner-lost',
  'supply-low',
  'many-refusals',
  'codes-taken',
  'clock',
  'trust',
  'certificate',
  'line-down',
  'billing-late',
  'events-refused',
  'subscription-refused',
  'no-scans',
  'past-closing',
] as const;
/** What an alarm is about. */
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** `critical`: somebody goes and looks now, quiet hours or not. */
export const SEVERITY: Readonly<Record<AlarmKind, 'critical' | 'warning'>> = {
  fire: 'critical',
  'forced-open': 'critical',
  tamper: 'critical',
  'lock-fault': 'critical',
  'exit-stuck': 'critical',
  storage: 'critical',
  'second-gateway': 'critical',
  'controller-lost': 'critical',
  'billing-silent': 'critical',
  'held-open': 'warning',
  'scanner-lost': 'warning',
  'supply-low': 'warning',
  'many-refusals': 'warning',
  'codes-taken': 'warning',
  clock: 'warning',
  trust: 'warning',
  certificate: 'warning',
  'line-down': 'warning',
  'billing-late': 'warning',
  'events-refused': 'warning',
  'subscription-refused': 'warning',
  'no-scans': 'warning',
  'past-closing': 'warning',
};

/**
 * - `active`: its cause is there, and nobody has said that they saw it.
 * - `acknowledged`: its cause is there, and somebody has.
 * - `ended`: its cause is gone, and nobody has said that they saw it: a door that was forced for a minute still matters.
 * - `closed`: gone and seen. The next time is another alarm.
 */
export const ALARM_STATES = ['active', 'acknowledged', 'ended', 'closed'] as const;
/** Where an alarm stands. */
export type AlarmState = (typeof ALARM_STATES)[number];

/** What happens to an alarm. */
export const ALARM_EVENTS = ['raise', 'clear', 'acknowledge'] as const;
/** What happens to an alarm. */
export type AlarmEvent = (typeof ALARM_EVENTS)[number];

/** The life of an alarm (after ISA-18.2, figure 3). `null`: the event changes nothing. */
export const ALARM_TABLE: Readonly<Record<AlarmState, Readonly<Record<AlarmEvent, AlarmState | null>>>> = {
  active: { raise: null, clear: 'ended', acknowledge: 'acknowledged' },
  acknowledged: { raise: null, clear: 'closed', acknowledge: null },
  ended: { raise: 'active', clear: null, acknowledge: 'closed' },
  closed: { raise: null, clear: null, acknowledge: null },
};

/** What is told of an alarm: that it is there, that it still is and nobody has seen it, or that its cause is gone. */
export const NOTICE_KINDS = ['raised', 'reminder', 'ended'] as const;
/** What somebody is told of who looks at no screen. */
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** What somebody wrote to an alarm. */
export interface AlarmNote {
  readonly by: string;
  readonly atMs: number;
  readonly text: string;
}

/** An alarm as the console is told of it. Instants are epoch milliseconds. */
export interface Alarm {
  readonly id: string;
  readonly kind: AlarmKind;
  readonly severity: (typeof SEVERITY)[AlarmKind];
  readonly subject: string;
  readonly state: AlarmState;
  readonly detail: string;
  /** When it was raised first. */
  readonly raisedMs: number;
  /** When it was raised last: where it came and went and came again, not the same. */
  readonly latestMs: number;
  readonly endedMs: number | null;
  readonly acknowledgedMs: number | null;
  readonly acknowledgedBy: string | null;
  /** How often it was raised before it was seen. */
  readonly count: number;
  readonly notes: readonly AlarmNote[];
}
