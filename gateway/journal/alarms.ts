import type Database from 'better-sqlite3';
import type { Alarm } from '../../shared/contract/alarm.ts';

/** An alarm as it is kept. */
export type StoredAlarm = Omit<Alarm, 'severity'>;

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
