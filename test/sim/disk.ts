import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { Sqlite } from '../../gateway/journal/sqlite.ts';
import type { Seeded } from '../seeded.ts';

/** Bytes of a WAL's header, and of a frame's (SQLite file format, section 4.1). */
const WAL_HEADER = 32;
const FRAME_HEADER = 24;

/** Where the number of frames that a checkpoint has copied stands in the shared-memory file. */
const BACKFILLED_AT = 96;

/** How far a WAL is committed. A WAL that was begun anew has another salt. */
export interface WalEnd {
  readonly salt: number;
  readonly frames: number;
  readonly bytes: number;
}

const EMPTY: WalEnd = { salt: 0, frames: 0, bytes: 0 };

/**
 * The journal's file on a memory disk. A crash leaves a copy of it behind as it was at that instant, and with a power
 * cut whatever of the last write the disk had not been told to keep.
 */
export class Disk {
  readonly #folder: string;
  #generation = 0;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Where the journal is now. */
  get path(): string {
    return join(this.#folder, `journal-${this.#generation}.db`);
  }

  walEnd(): WalEnd {
    const path = `${this.path}-wal`;
    return existsSync(path) ? committedEnd(readWal(path)) : EMPTY;
  }

  /**
   * Goes on with a copy. Whoever still has the old file open writes into the void.
   *
   * @param tear what a power cut does to the last write: `before` is the WAL's end before it
   */
  cut(tear: { before: WalEnd; random: Seeded } | null): void {
    const from = this.path;
    const backfilled = backfilledFrames(from);
    this.#generation += 1;
    const to = this.path;
    copyFileSync(from, to);
    if (!existsSync(`${from}-wal`)) return;
    const log = readWal(`${from}-wal`);
    // SQLite reads one frame further than the last commit: by its salt it sees that what follows is of an earlier round.
    writeFileSync(`${to}-wal`, log.subarray(0, committedEnd(log).bytes + frameBytesOf(log)));
    if (tear !== null) tearWal(`${to}-wal`, tear.before, backfilled, tear.random);
  }

  /** Copies the journal as it is, for whoever restores it later. */
  backup(): void {
    for (const end of ['', '-wal'])
      if (existsSync(`${this.path}${end}`)) copyFileSync(`${this.path}${end}`, `${this.copyPath}${end}`);
  }

  /** Where the copy is. */
  get copyPath(): string {
    return join(this.#folder, 'copy.db');
  }

  get hasCopy(): boolean {
    return existsSync(this.copyPath);
  }

  /** Forgets the file that the last cut left behind. */
  forgetOld(): void {
    if (this.#generation === 0) return;
    const old = join(this.#folder, `journal-${this.#generation - 1}.db`);
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${old}${suffix}`, { force: true });
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Loses a part of the last transaction, or scribbles behind it. What was on disk before stays. */
function tearWal(path: string, before: WalEnd, backfilled: number, random: Seeded): void {
  const after = committedEnd(readWal(path));
  const isSame = after.salt === before.salt;
  const kept = isSame ? before.bytes : 0;
  // What a checkpoint has copied was on disk before: a power cut cannot take it.
  const canLose = after.bytes > kept && backfilled <= (isSame ? before.frames : 0);
  truncateSync(path, canLose ? random.between(kept, after.bytes) : after.bytes);
  const text = random.between(1, 0x7fffffff).toString(36);
  appendFileSync(path, Buffer.alloc(random.pick([0, 1, 24, 500, 4_120, 9_000]), text));
}

/** What the log was last read into: memory for megabytes costs more than to read them. */
let scratch = Buffer.alloc(0);

/** @returns the log as it stands, until the next one is read */
function readWal(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (scratch.length < size) scratch = Buffer.alloc(size * 2);
    return scratch.subarray(0, readSync(file, scratch, 0, size, 0));
  } finally {
    closeSync(file);
  }
}

/** Walks the frames up to the last commit. Checksums are SQLite's to verify; salts tell this WAL's frames from old ones. */
function committedEnd(wal: Buffer): WalEnd {
  if (wal.length < WAL_HEADER) return EMPTY;
  const frameBytes = frameBytesOf(wal);
  const salt = wal.readUInt32BE(16);
  let end: WalEnd = { salt, frames: 0, bytes: WAL_HEADER };
  for (let frame = 1, at = WAL_HEADER; at + frameBytes <= wal.length; frame += 1, at += frameBytes) {
    if (wal.readUInt32BE(at + 8) !== salt) break;
    if (wal.readUInt32BE(at + 4) !== 0) end = { salt, frames: frame, bytes: at + frameBytes };
  }
  return end;
}

/** @returns 0 where the log has no header yet */
function frameBytesOf(wal: Buffer): number {
  return wal.length < WAL_HEADER ? 0 : FRAME_HEADER + wal.readUInt32BE(8);
}

function backfilledFrames(path: string): number {
  const shm = `${path}-shm`;
  if (!existsSync(shm) || statSync(shm).size < BACKFILLED_AT + 4) return 0;
  return readFileSync(shm).readUInt32LE(BACKFILLED_AT);
}

const connections = new Map<string, Database.Database>();

/** Remembers every connection by its path, so that a simulation can fill the disk under it. For this process, for good. */
export function watchConnections(): void {
  const prepare = Object.getOwnPropertyDescriptor(Sqlite.prototype, 'prepare');
  if (prepare === undefined) throw new Error('better-sqlite3 has no prepare');
  const original = prepare.value as (sql: string) => unknown;
  Object.defineProperty(Sqlite.prototype, 'prepare', {
    ...prepare,
    value(this: Database.Database, sql: string): unknown {
      if (!this.readonly) connections.set(this.name, this);
      return original.call(this, sql);
    },
  });
}

/** From now on SQLite may not add a page to the file. It says so itself, with `SQLITE_FULL`. */
export function fillDisk(path: string): void {
  const db = connections.get(path);
  if (db?.open === true) db.pragma(`max_page_count = ${String(db.pragma('page_count', { simple: true }))}`);
}

export function forgetConnection(path: string): void {
  connections.delete(path);
}
