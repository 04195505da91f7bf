import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { every, type Clock } from '../clock/clock.ts';
import type { Journal } from './journal.ts';

const MIB = 1024 * 1024;

/** Levels of the log that nobody needs for the running of a venue. */
const DEBUG_LEVELS: readonly string[] = ['debug', 'trace'];

/** How often the disk is looked at, in milliseconds. */
const LOOK_EVERY_MS = 10_000;

/** What is set aside: room for some ten thousand check-outs. */
const RESERVE_BYTES = 8 * MIB;

/**
 * What is given up as the disk fills, the first to go first. A visit writes about 4 kB, so that the last step begins with
 * room for thousands of check-outs and settlements.
 *
 * - `warn`: an alarm.
 * - `quiet`: no debug data in the log, which fills the same card on most venues' machines.
 * - `no-entry`: nobody is admitted any more; who is inside checks out and is billed.
 */
export const DISK_LADDER = [
  { step: 'no-entry', belowBytes: 16 * MIB },
  { step: 'quiet', belowBytes: 64 * MIB },
  { step: 'warn', belowBytes: 256 * MIB },
] as const;
/** What a shortage of room has come to, in order of gravity. */
export type DiskStep = (typeof DISK_LADDER)[number]['step'] | 'well';

/** The step that so much free room means. */
export function diskStep(freeBytes: number): DiskStep {
  return DISK_LADDER.find(({ belowBytes }) => freeBytes < belowBytes)?.step ?? 'well';
}

export interface DiskRoomOptions {
  readonly journal: Journal;
  /** The journal's file; the reserve lies beside it. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Free bytes for a user that is not root. Default: the file system's word. */
  readonly freeBytes?: () => number;
}

/**
 * Watches the room on the journal's disk, and keeps a reserve on it. When a write fails for want of room the reserve is
 * given back: then the journal recovers, entry is refused for the room that is left, and check-outs go on.
 */
export class DiskRoom {
  readonly #options: DiskRoomOptions;
  readonly #reserve: string;
  readonly #level: string;
  #step: DiskStep = 'well';
  #cancel: (() => void) | null = null;
  #stopListening: (() => void) | null = null;

  constructor(options: DiskRoomOptions) {
    this.#options = options;
    this.#reserve = `${options.path}.reserve`;
    this.#level = options.log.level;
  }

  get step(): DiskStep {
    return this.#step;
  }

  start(): void {
    const { journal, log } = this.#options;
    this.#stopListening = journal.onFault(({ code }) => {
      if (code !== 'SQLITE_FULL') return;
      rmSync(this.#reserve, { force: true });
      log.error('the disk is full: the reserve is given back for those who leave');
      this.look();
    });
    this.#cancel = every(this.#options.clock, LOOK_EVERY_MS, () => this.look());
    this.look();
  }

  close(): void {
    this.#stopListening?.();
    this.#cancel?.();
  }

  /** Looks at the disk now. */
  look(): void {
    const { log } = this.#options;
    const free = this.#free();
    if (free === null) return;
    const before = this.#step;
    this.#step = diskStep(free);
    if (this.#step === 'well' || this.#step === 'warn') this.#setAside();
    if (this.#step === before) return;
    log.warn({ step: this.#step, freeMiB: Math.floor(free / MIB) }, 'room on the disk');
    const isQuiet = this.#step === 'quiet' || this.#step === 'no-entry';
    log.level = isQuiet && DEBUG_LEVELS.includes(this.#level) ? 'info' : this.#level;
  }

  /** Where the file system says nothing, the journal's own faults tell. */
  #free(): number | null {
    const { path, freeBytes } = this.#options;
    return freeBytes === undefined ? freeBytesAt(dirname(path)) : freeBytes();
  }

  /** Real bytes: a file with holes would reserve nothing. */
  #setAside(): void {
    if (existsSync(this.#reserve)) return;
    try {
      const file = openSync(this.#reserve, 'w', 0o600);
      try {
        for (let written = 0; written < RESERVE_BYTES; written += MIB)
          writeSync(file, Buffer.alloc(MIB, 0x47));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      rmSync(this.#reserve, { force: true });
      this.#options.log.warn({ err: error }, 'no room is set aside');
    }
  }
}

/** Bytes that may still be written to the disk of a folder; `null` where its file system does not say. */
export function freeBytesAt(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
