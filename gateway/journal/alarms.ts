import type Database from 'better-sqlite3';
import type { AlarmKind, AlarmState } from '../../shared/contract/alarm.ts';

/** What somebody wrote to an alarm. */
export interface AlarmNote {
  readonly by: string;
  readonly atMs: number;
  readonly text: string;
}

/** An alarm as it is kept. Instants are epoch milliseconds. */
export interface StoredAlarm {
  readonly id: string;
  readonly kind: AlarmKind;
  readonly subject: string;
  readonly state: AlarmState;
  readonly detail: string;
  readonly raisedMs: number;
  readonly endedMs: number | null;
  readonly acknowledgedMs: number | null;
  readonly acknowledgedBy: string | null;
  /** How often it was raised before it was seen. */
  readonly count: number;
  readonly notes: readonly AlarmNote[];
}

/** Alarms of a venue. Reading is free; `put` belongs into a transaction of the journal. */
export interface AlarmStore {
  put(alarm: StoredAlarm): void;
  get(id: string): StoredAlarm | null;
  /** Those that are not closed, oldest first. */
  open(): readonly StoredAlarm[];
  /** The newest ones, closed ones too. */
  newest(limit: number): readonly StoredAlarm[];
}

interface AlarmRow {
  body: string;
}

const alarmOf = ({ body }: AlarmRow): StoredAlarm => JSON.parse(body) as StoredAlarm;

export function prepareAlarms(db: Database.Database): AlarmStore {
  const put = db.prepare<[string, string, number, string]>(
    'INSERT OR REPLACE INTO alarms VALUES (?, ?, ?, ?)',
  );
  const get = db.prepare<[string], AlarmRow>('SELECT body FROM alarms WHERE id = ?');
  const open = db.prepare<[], AlarmRow>(`SELECT body FROM alarms WHERE state <> 'closed' ORDER BY raised_ms`);
  const newest = db.prepare<[number], AlarmRow>('SELECT body FROM alarms ORDER BY raised_ms DESC LIMIT ?');
  return {
    put: (alarm) => {
      put.run(alarm.id, alarm.state, alarm.raisedMs, JSON.stringify(alarm));
    },
    get: (id) => {
      const row = get.get(id);
      return row === undefined ? null : alarmOf(row);
    },
    open: () => open.all().map(alarmOf),
    newest: (limit) => newest.all(limit).map(alarmOf),
  };
}
