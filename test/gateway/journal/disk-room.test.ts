import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { diskStep, DiskRoom } from '../../../gateway/journal/disk-room.ts';
import type { Journal } from '../../../gateway/journal/journal.ts';
import { ManualClock, settled } from '../manual-clock.ts';
import { fillUp, openNearlyFull, temporaryFolder } from '../../temporary.ts';

const MIB = 1024 * 1024;

describe('the room on the disk', () => {
  it.each([
    [1_000 * MIB, 'well'],
    [256 * MIB, 'well'],
    [256 * MIB - 1, 'warn'],
    [64 * MIB, 'warn'],
    [64 * MIB - 1, 'quiet'],
    [16 * MIB, 'quiet'],
    [16 * MIB - 1, 'no-entry'],
    [0, 'no-entry'],
  ])('of %i bytes is: %s', (free, step) => {
    expect(diskStep(free)).toBe(step);
  });

  let path: string;
  let journal: Journal;
  let clock: ManualClock;
  let free: number;
  let room: DiskRoom;
  const log = pino({ level: 'debug' }, { write: () => undefined });
  beforeEach(() => {
    path = join(temporaryFolder(), 'journal.db');
    journal = openNearlyFull(path);
    clock = new ManualClock('2025-10-20T10:00:00+09:00');
    free = 1_000 * MIB;
    log.level = 'debug';
    room = new DiskRoom({ journal, path, clock, log, freeBytes: () => free });
    room.start();
    onTestFinished(() => {
      room.close();
      journal.close();
    });
  });

  it('is looked at every ten seconds; debug data stops, and comes again', async () => {
    free = 20 * MIB;
    await clock.advance(9_999);
    expect(room.step).toBe('well');
    await clock.advance(1);
    expect(room.step).toBe('quiet');
    expect(log.level).toBe('info');
    free = 100 * MIB;
    await clock.advance(10_000);
    expect(room.step).toBe('warn');
    expect(log.level).toBe('debug');
  });

  it('holds a reserve of real bytes, which is given back when a write fails for want of room', async () => {
    const reserve = `${path}.reserve`;
    expect(statSync(reserve).blocks * 512).toBeGreaterThanOrEqual(8 * MIB);
    free = 0;
    fillUp(journal);
    await settled();
    expect(existsSync(reserve)).toBe(false);
    expect(room.step).toBe('no-entry');
    // Set aside again only when there is plenty.
    free = 32 * MIB;
    await clock.advance(10_000);
    expect(existsSync(reserve)).toBe(false);
    free = 300 * MIB;
    await clock.advance(10_000);
    expect(existsSync(reserve)).toBe(true);
  });
});
