import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { StorageFault } from '../../../gateway/journal/fault.ts';
import type { Journal } from '../../../gateway/journal/journal.ts';
import { Recovery } from '../../../gateway/journal/recovery.ts';
import { Sqlite } from '../../../gateway/journal/sqlite.ts';
import { parseEvent } from '../../../shared/contract/events.ts';
import { ManualClock, settled } from '../manual-clock.ts';
import { fillUp, openJournal, openNearlyFull, temporaryFolder } from '../../temporary.ts';

let path: string;
let journal: Journal;
let recovery: Recovery;
beforeEach(() => {
  path = join(temporaryFolder(), 'journal.db');
  journal = openNearlyFull(path);
  onTestFinished(() => journal.close());
});

/** The name of the file leads nowhere for a while: what was read from the open file is still read. */
function takeAway(): void {
  renameSync(path, `${path}.away`);
  mkdirSync(path);
}

function bringBack(): void {
  rmSync(path, { recursive: true });
  renameSync(`${path}.away`, path);
}

function recovering(clock: ManualClock): { recovered: number; damaged: number } {
  const seen = { recovered: 0, damaged: 0 };
  const onRecovered = () => {
    seen.recovered += 1;
  };
  recovery = new Recovery({
    journal,
    gateway: 'gw-1',
    clock,
    onRecovered,
    onDamaged: () => {
      seen.damaged += 1;
    },
    log: pino({ level: 'silent' }),
  });
  recovery.start();
  onTestFinished(() => recovery.close());
  return seen;
}

const newest = () => {
  const row = journal.eventsAfter(journal.lastSeq - 1, 1)[0];
  return row === undefined ? null : parseEvent(JSON.parse(row.body));
};

describe('a journal whose disk can be written again', () => {
  it('goes on where it stood: nothing acknowledged is lost, and the next event takes the next number', () => {
    const { kept } = fillUp(journal);
    journal.recover();
    expect(journal).toMatchObject({ fault: null, lastSeq: kept });
    journal.write((writer) =>
      writer.append({ name: 'door.secured', subject: 'front', data: { door: 'front' } }, 0, 'trusted'),
    );
    journal.close();
    journal = openJournal(path);
    expect(journal.lastSeq).toBe(kept + 1);
  });

  it('has all of it in the file itself: no page waits in a log that a failed fsync may have lost', () => {
    const { kept } = fillUp(journal);
    journal.recover();
    copyFileSync(path, `${path}.copy`);
    const copy = new Sqlite(`${path}.copy`, { readonly: true });
    onTestFinished(() => void copy.close());
    expect(copy.prepare('SELECT max(seq) AS seq FROM events').get()).toEqual({ seq: kept });
  });

  it('is tried after 1, 2 and 4 seconds, says so in the ledger, and tells who waits', async () => {
    const clock = new ManualClock('2025-10-20T10:00:00+09:00');
    const seen = recovering(clock);
    const { kept, fault } = fillUp(journal);
    await settled();
    takeAway();
    await clock.advance(3_000);
    expect(journal.fault?.code).toBe('SQLITE_CANTOPEN');
    expect(journal.eventsAfter(0, 1_000)).toHaveLength(kept);
    expect(seen.recovered).toBe(0);
    bringBack();
    await clock.advance(3_999);
    expect(seen.recovered).toBe(0);
    await clock.advance(1);
    expect(seen.recovered).toBe(1);
    expect(newest()).toMatchObject({ name: 'gateway.storage-degraded', data: { code: fault.code } });
  });
});

/** The process is told to end, and something waits for the disk. */
function finish(): { isWaiting: boolean; isOver: boolean } {
  const end = { isWaiting: true, isOver: false };
  const record = () => {
    end.isWaiting = false;
  };
  void recovery
    .finish(() => end.isWaiting, record)
    .then(() => {
      end.isOver = true;
    });
  return end;
}

describe('a process that is told to end while something waits for the disk', () => {
  let clock: ManualClock;
  let seen: ReturnType<typeof recovering>;
  beforeEach(async () => {
    clock = new ManualClock('2025-10-20T10:00:00+09:00');
    seen = recovering(clock);
    fillUp(journal);
    await settled();
  });

  it('writes it as soon as the disk can be written, and ends', async () => {
    takeAway();
    const end = finish();
    await clock.advance(2_400);
    expect(end).toEqual({ isWaiting: true, isOver: false });
    bringBack();
    await clock.advance(100);
    await settled();
    expect(end).toEqual({ isWaiting: false, isOver: true });
    expect(newest()?.name).toBe('gateway.storage-degraded');
    // The doors are closed by now: nothing of what goes on at them is taken up.
    expect(seen.recovered).toBe(0);
  });

  it('waits for the disk for 8 s and no longer', async () => {
    takeAway();
    const end = finish();
    await clock.advance(7_999);
    await settled();
    expect(end.isOver).toBe(false);
    await clock.advance(1);
    await settled();
    expect(end).toEqual({ isWaiting: true, isOver: true });
    bringBack();
  });
});

describe('a journal whose file is damaged', () => {
  it('is given up after a second, and never tried again', async () => {
    const file = openSync(path, 'r+');
    const { size } = statSync(path);
    writeSync(file, Buffer.alloc(size - 4 * 4096, 0xa5), 0, size - 4 * 4096, 4 * 4096);
    closeSync(file);
    const clock = new ManualClock('2025-10-20T10:00:00+09:00');
    const seen = recovering(clock);
    expect(() => journal.synced.ofMember({ iss: 'https://issuer.example', sub: 'nobody' })).toThrow(
      StorageFault,
    );
    await settled();
    expect(journal.fault).toMatchObject({ code: 'SQLITE_CORRUPT', retry: 'anew' });
    await clock.advance(999);
    expect(seen.damaged).toBe(0);
    await clock.advance(600_000);
    expect(seen).toEqual({ recovered: 0, damaged: 1 });
  });
});

describe('a journal whose file is an older copy', () => {
  it('is not taken up: acknowledged events are missing, and only an operator can say why', () => {
    new Sqlite(path).pragma('wal_checkpoint(TRUNCATE)');
    copyFileSync(path, `${path}.old`);
    fillUp(journal);
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    renameSync(`${path}.old`, path);
    expect(() => journal.recover()).toThrow(StorageFault);
    expect(journal.fault).toMatchObject({ code: 'LEDGER_LOST', retry: 'operator' });
    expect(() => journal.write(() => 0)).toThrow(StorageFault);
  });
});
