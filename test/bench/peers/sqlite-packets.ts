import { Readable } from 'node:stream';
import type BetterSqlite3 from 'better-sqlite3';
import type { IStore } from 'mqtt';
import { Sqlite } from '../../../gateway/journal/sqlite.ts';

type Packet = Parameters<IStore['put']>[0];
type Named = Parameters<IStore['get']>[0];
type PacketCallback = Parameters<IStore['get']>[1];

/** Packets that are read from the file at once. */
const PAGE = 200;

/**
 * The best store that MQTT.js can be given: a packet is on the disk before its callback, and they come out in the order in
 * which they were put in. Its ids are 16 bits all the same.
 */
export class SqlitePackets implements IStore {
  readonly #db: BetterSqlite3.Database;
  /** Does not wait for the disk: a deletion that a power cut takes back costs a copy, and a put an event. */
  readonly #deletions: BetterSqlite3.Database;

  constructor(path: string) {
    this.#db = new Sqlite(path);
    this.#db.pragma('journal_mode = WAL');
    this.#db.exec(
      'CREATE TABLE IF NOT EXISTS packets (place INTEGER PRIMARY KEY AUTOINCREMENT, id INTEGER UNIQUE, packet TEXT)',
    );
    // After the first write: in WAL mode that sets it to NORMAL.
    this.#db.pragma('synchronous = FULL');
    this.#deletions = new Sqlite(path);
    this.#deletions.pragma('synchronous = NORMAL');
  }

  /** The ids of all packets that are still here. */
  ids(): readonly number[] {
    return this.#db.prepare<[], number>('SELECT id FROM packets').pluck().all();
  }

  put(packet: Packet, cb: () => void): this {
    const sql =
      'INSERT INTO packets (id, packet) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET packet = excluded.packet';
    this.#db.prepare(sql).run(packet.messageId, JSON.stringify(packet));
    cb();
    return this;
  }

  createStream(): ReturnType<IStore['createStream']> {
    // MQTT.js has the type of its own copy of Node's streams.
    const stream: unknown = Readable.from(this.#inOrder());
    return stream as ReturnType<IStore['createStream']>;
  }

  del(named: Named, cb: PacketCallback): this {
    return this.get(named, (error, packet) => {
      this.#deletions.prepare('DELETE FROM packets WHERE id = ?').run(named.messageId);
      cb(error, packet);
    });
  }

  get({ messageId }: Named, cb: PacketCallback): this {
    const text = this.#db
      .prepare<[unknown], string>('SELECT packet FROM packets WHERE id = ?')
      .pluck()
      .get(messageId);
    if (text === undefined) cb(new Error('missing packet'));
    else cb(undefined, JSON.parse(text) as Packet);
    return this;
  }

  close(cb: () => void): void {
    this.#deletions.close();
    this.#db.close();
    cb();
  }

  *#inOrder(): Generator<Packet> {
    const page = this.#db.prepare<[number, number], { place: number; packet: string }>(
      'SELECT place, packet FROM packets WHERE place > ? ORDER BY place LIMIT ?',
    );
    for (let rows = page.all(0, PAGE); rows.length > 0; rows = page.all(rows.at(-1)?.place ?? 0, PAGE))
      for (const { packet } of rows) yield JSON.parse(packet) as Packet;
  }
}
