import type Database from 'better-sqlite3';
import type { Alarm } from '../../shared/contract/alarm.ts';
import type { Store } from './store.ts';

/** An alarm as it is kept. */
export type StoredAlarm = Omit<Alarm, 'severity'>;

/** Alarms of a venue, as they are on disk. */
export interface AlarmReader {
  get(id: string): StoredAlarm | null;
  /** Those that are not closed, oldest first. */
  open(): readonly StoredAlarm[];
  /** The newest ones, closed ones too. */
  newest(limit: number): readonly StoredAlarm[];
}

/** Writes alarms, within a transaction of the journal. */
export interface AlarmWriter {
  /** Takes the place of the alarm as it was. */
  put(alarm: StoredAlarm): void;
}

interface AlarmRow {
  body: string;
}

const alarmOf = ({ body }: AlarmRow): StoredAlarm => JSON.parse(body) as StoredAlarm;

/** Prepares the statements on alarms once. */
export function prepareAlarms(db: Database.Database): Store<AlarmReader, AlarmWriter> {
  const put = db.prepare<[string, string, number, string]>(
    'INSERT OR REPLACE INTO alarms VALUES (?, ?, ?, ?)',
  );
  const get = db.prepare<[string], AlarmRow>('SELECT body FROM alarms WHERE id = ?');
  const open = db.prepare<[], AlarmRow>(`SELECT body FROM alarms WHERE state <> 'closed' ORDER BY raised_ms`);
  const newest = db.prepare<[number], AlarmRow>('SELECT body FROM alarms ORDER BY raised_ms DESC LIMIT ?');
  const reader: AlarmReader = {
    get: (id) => {
      const row = get.get(id);
      return row === undefined ? null : alarmOf(row);
    },
    open: () => open.all().map(alarmOf),
    newest: (limit) => newest.all(limit).map(alarmOf),
  };
  const writer: AlarmWriter = {
    put: (alarm) => {
      put.run(alarm.id, alarm.state, alarm.raisedMs, JSON.stringify(alarm));
    },
  };
  return { reader, writer };
}
