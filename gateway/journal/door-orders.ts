import type Database from 'better-sqlite3';
import type { DoorOrder, StandingOrder } from '../access/mode.ts';

/** What operators have ordered of doors. Reading is free; changes belong into a transaction of the journal. */
export interface DoorOrderStore {
  all(): readonly StandingOrder[];
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

export function prepareDoorOrders(db: Database.Database): DoorOrderStore {
  const all = db.prepare<[], OrderRow>('SELECT * FROM door_orders ORDER BY door');
  const put = db.prepare<[string, string, string, string, number, number | null]>(
    'INSERT OR REPLACE INTO door_orders VALUES (?, ?, ?, ?, ?, ?)',
  );
  const remove = db.prepare<[string]>('DELETE FROM door_orders WHERE door = ?');
  return {
    all: () =>
      all.all().map(({ door, ordered, by, reason, since_ms: sinceMs, until_ms: untilMs }) => {
        return { door, order: ordered, by, reason, sinceMs, untilMs };
      }),
    put: ({ door, order, by, reason, sinceMs, untilMs }) => {
      put.run(door, order, by, reason, sinceMs, untilMs);
    },
    remove: (door) => {
      remove.run(door);
    },
  };
}
