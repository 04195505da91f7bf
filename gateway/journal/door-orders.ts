import type Database from 'better-sqlite3';
import type { DoorOrder, StandingOrder } from '../access/mode.ts';
import type { Store } from './store.ts';

/** What operators have ordered of doors, as it is on disk. */
export interface DoorOrderReader {
  /** Standing orders, by door. */
  all(): readonly StandingOrder[];
}

/** Writes orders, within a transaction of the journal. */
export interface DoorOrderWriter {
  /** Takes the place of the door's order as it was. */
  put(order: StandingOrder): void;
  remove(door: string): void;
}

interface OrderRow {
  door: string;
  ordered: DoorOrder;
  by: string;
  reason: string;
  since_ms: number;
  until_ms: number | null;
}

/** Prepares the statements on orders once. */
export function prepareDoorOrders(db: Database.Database): Store<DoorOrderReader, DoorOrderWriter> {
  const all = db.prepare<[], OrderRow>('SELECT * FROM door_orders ORDER BY door');
  const put = db.prepare<[string, string, string, string, number, number | null]>(
    'INSERT OR REPLACE INTO door_orders VALUES (?, ?, ?, ?, ?, ?)',
  );
  const remove = db.prepare<[string]>('DELETE FROM door_orders WHERE door = ?');
  const reader: DoorOrderReader = {
    all: () =>
      all.all().map(({ door, ordered, by, reason, since_ms: sinceMs, until_ms: untilMs }) => {
        return { door, order: ordered, by, reason, sinceMs, untilMs };
      }),
  };
  const writer: DoorOrderWriter = {
    put: ({ door, order, by, reason, sinceMs, untilMs }) => {
      put.run(door, order, by, reason, sinceMs, untilMs);
    },
    remove: (door) => {
      remove.run(door);
    },
  };
  return { reader, writer };
}
