import { formatInstant } from '../../shared/time.ts';
import { SEVERITY } from '../../shared/contract/alarm.ts';
import { textsIn, type Language } from '../messages/catalogue.ts';
import type { Notice } from './notices.ts';

/** A notice in words. */
export interface NoticeMessage {
  /** The same at every attempt, so that a receiver recognises a repetition. At most 100 characters. */
  readonly id: string;
  readonly subject: string;
  readonly text: string;
  /** For machines: the body of the webhook. Instants are RFC 3339 in the venue's zone. */
  readonly body: {
    readonly type: `alarm.${Notice['kind']}`;
    readonly venue: string;
    readonly timestamp: string;
    readonly alarm: {
      readonly id: string;
      readonly kind: string;
      readonly severity: string;
      readonly subject: string;
      readonly detail: string;
      readonly state: string;
      readonly raisedAt: string;
      readonly endedAt: string | null;
      readonly count: number;
    };
    readonly text: string;
    readonly url: string;
  };
}

/** Where a notice is sent from. */
export interface NoticeContext {
  readonly venue: { readonly id: string; readonly name: string; readonly timeZone: string };
  readonly language: Language;
  /** The console's address. */
  readonly url: string;
  readonly nowMs: number;
  /** How many notices of this alarm came before. */
  readonly count: number;
}

/** Puts a notice into words. */
export function messageOf({ kind, alarm }: Notice, context: NoticeContext): NoticeMessage {
  const { venue, url, nowMs, count } = context;
  const { notices, alarms } = textsIn(context.language);
  const at = (ms: number) => formatInstant(ms, venue.timeZone);
  const where = alarm.subject === 'gateway' ? notices.gateway : alarm.subject;
  const what = `${alarms[alarm.kind]} (${where})`;
  const severity = SEVERITY[alarm.kind];
  const lines = [
    what,
    `${venue.name} (${venue.id})`,
    `${notices.raisedAt}: ${at(alarm.raisedMs)}`,
    ...(alarm.endedMs === null ? [] : [`${notices.endedAt}: ${at(alarm.endedMs)}`]),
    ...(alarm.count > 1 ? [`${notices.times}: ${alarm.count}`] : []),
    ...(alarm.detail === '' ? [] : [alarm.detail]),
    url,
  ];
  const text = lines.join('\n');
  return {
    id: `${alarm.id}.${kind}.${count}`,
    subject: `[${notices[kind]}] ${what} – ${venue.name}`,
    text,
    body: {
      type: `alarm.${kind}`,
      venue: venue.id,
      timestamp: at(nowMs),
      alarm: {
        id: alarm.id,
        kind: alarm.kind,
        severity,
        subject: alarm.subject,
        detail: alarm.detail,
        state: alarm.state,
        raisedAt: at(alarm.raisedMs),
        endedAt: alarm.endedMs === null ? null : at(alarm.endedMs),
        count: alarm.count,
      },
      text,
      url,
    },
  };
}
