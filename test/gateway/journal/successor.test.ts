import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { StorageFault } from '../../../gateway/journal/fault.ts';
import type { Journal } from '../../../gateway/journal/journal.ts';
import { Sqlite } from '../../../gateway/journal/sqlite.ts';
import { defectOf } from '../../../gateway/journal/defect.ts';
import { awaitedWords } from '../../../gateway/journal/inheritance.ts';
import { beginEpoch } from '../../../gateway/journal/successor.ts';
import { seat, stayOf } from '../access/told.ts';
import { EPOCH, openJournal, temporaryFolder } from '../../temporary.ts';

const AT_MS = Date.parse('2025-10-20T10:00:00+09:00');
const NEXT = '01JD1111111111111111111111';
const PAGE_BYTES = 4096;

let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), 'journal.db');
});

/** A journal with a member inside, forty events, of which the cloud has received ten. */
function lived(): void {
  const journal = openJournal(path);
  for (let n = 0; n < 40; n += 1)
    journal.write((writer) => {
      const data = { door: 'front', detail: 'x'.repeat(300) };
      writer.append({ name: 'door.lock-fault', subject: 'front', data }, AT_MS, 'trusted');
    });
  const stay = stayOf(seat());
  journal.write((writer) => {
    writer.stays.put(stay);
    writer.facts.put('trust', 'kept');
    writer.usedCommands.use('command-1', AT_MS);
  });
  journal.acceptCustody(10, journal.headAt(10) ?? '');
  journal.close();
}

/** Writes over the middle of the file, where the rows of the events are. */
function scribble(from: number, pages: number): void {
  const file = openSync(path, 'r+');
  const bytes = pages * PAGE_BYTES;
  writeSync(file, Buffer.alloc(bytes, 0xa5), 0, bytes, from);
  closeSync(file);
}

function begin(): { journal: Journal; aside: string; succession: ReturnType<typeof beginEpoch> } {
  const aside = `${path}.aside`;
  const succession = beginEpoch({ path, from: path, aside, birth: { epoch: NEXT, leaseBase: 77 } });
  const journal = openJournal(path);
  onTestFinished(() => journal.close());
  return { journal, aside, succession };
}

const sent = (journal: Journal) =>
  journal.carried.after(-1_000_000, 1_000).map(({ body }) => JSON.parse(body) as { id: string });

describe('a sound journal', () => {
  it('has no defect, however closely it is looked at', () => {
    expect(defectOf(path)).toBeNull();
    lived();
    expect(defectOf(path)).toBeNull();
    expect(defectOf(path, true)).toBeNull();
  });

  it('that gives way to a new epoch loses nothing: visits, facts, used commands, and what the cloud has not received', () => {
    lived();
    const { journal, succession, aside } = begin();
    expect(succession).toMatchObject({ previousEpoch: EPOCH, carriedEvents: 30, lost: null });
    expect(journal).toMatchObject({
      epoch: NEXT,
      previousEpoch: EPOCH,
      lastSeq: 0,
      leaseBase: 77,
      lost: [],
      isSuccessor: true,
    });
    expect(journal.stays.open()).toHaveLength(1);
    expect(journal.facts.get('trust')).toBe('kept');
    expect(journal.write((writer) => writer.usedCommands.use('command-1', AT_MS))).toBe(false);
    expect(sent(journal).map(({ id }) => id)).toEqual(
      Array.from({ length: 30 }, (_, index) => `shibuya-1:${EPOCH}:${index + 11}`),
    );
    expect(existsSync(aside)).toBe(true);
  });
});

describe('events of an earlier epoch', () => {
  it('leave on the receipt of their own epoch, as far as it goes, and on no other head', () => {
    lived();
    const old = new Sqlite(path, { readonly: true });
    const head = (seq: number) =>
      old
        .prepare<[number], Buffer>('SELECT head FROM events WHERE seq = ?')
        .pluck()
        .get(seq)
        ?.toString('hex') ?? '';
    const [at20, at40] = [head(20), head(40)];
    old.close();
    const { journal } = begin();
    expect(journal.releaseCarried({ epoch: EPOCH, seq: 20, head: at40, iat: 0 })).toBe(false);
    expect(sent(journal)).toHaveLength(30);
    expect(journal.releaseCarried({ epoch: EPOCH, seq: 20, head: at20, iat: 0 })).toBe(true);
    expect(sent(journal)).toHaveLength(20);
    expect(journal.releaseCarried({ epoch: EPOCH, seq: 40, head: at40, iat: 0 })).toBe(true);
    expect(journal.carried.first()).toBeNull();
  });

  it('are kept from a receipt for the 41st of an epoch that ended with the 40th: that is another ledger', () => {
    lived();
    const { journal } = begin();
    const head = 'a5'.repeat(32);
    expect(journal.releaseCarried({ epoch: EPOCH, seq: 41, head, iat: 0 })).toBe(false);
    expect(sent(journal)).toHaveLength(30);
  });

  it('are kept from it by a journal that takes over once more, too', () => {
    lived();
    begin().journal.close();
    const aside = `${path}.aside-2`;
    beginEpoch({ path, from: path, aside, birth: { epoch: '01JD2222222222222222222222', leaseBase: 78 } });
    const journal = openJournal(path);
    onTestFinished(() => journal.close());
    expect(journal.releaseCarried({ epoch: EPOCH, seq: 41, head: 'a5'.repeat(32), iat: 0 })).toBe(false);
    expect(sent(journal)).toHaveLength(30);
  });

  it('of a copy leave with a receipt for more than it knew, for its journal had gone on, once they were sent', () => {
    lived();
    const aside = `${path}.aside`;
    beginEpoch({ path, from: path, aside, birth: { epoch: NEXT, leaseBase: 77 }, isCopy: true });
    const journal = openJournal(path);
    onTestFinished(() => journal.close());
    const beyond = { epoch: EPOCH, seq: 60, head: 'a5'.repeat(32), iat: 0 };
    expect(journal.releaseCarried(beyond, false)).toBe(true);
    expect(sent(journal)).toHaveLength(30);
    expect(journal.releaseCarried(beyond, true)).toBe(true);
    expect(journal.carried.first()).toBeNull();
  });

  it('are carried on by a journal that takes over once more', () => {
    lived();
    begin().journal.close();
    renameSync(`${path}.aside`, `${path}.first`);
    const { journal } = begin();
    expect(sent(journal)).toHaveLength(30);
  });
});

describe('a damaged journal', () => {
  it('that is no database any more is one, and the new epoch begins with nothing', () => {
    lived();
    scribble(0, 1);
    expect(defectOf(path)).toBe('SQLITE_NOTADB');
    const { journal, succession } = begin();
    expect(succession).toMatchObject({ previousEpoch: null, carriedRows: 0, carriedEvents: 0 });
    expect(journal).toMatchObject({ epoch: NEXT, isSuccessor: true });
  });

  it('is found in a page that no start reads when it was not closed, and what can be read is taken over', () => {
    lived();
    // Where an event lies that the cloud has received long ago.
    const at = readFileSync(path).lastIndexOf(`${EPOCH}:4"`);
    scribble(at - (at % PAGE_BYTES), 1);
    expect(defectOf(path)).toBeNull();
    expect(defectOf(path, true)).not.toBeNull();
    const db = new Sqlite(path);
    db.exec("UPDATE meta SET value = 'yes' WHERE key = 'opened'");
    db.close();
    expect(defectOf(path)).not.toBeNull();
    const { journal, succession } = begin();
    expect(succession.previousEpoch).toBe(EPOCH);
    expect(journal.stays.open()).toHaveLength(1);
  });

  it('with one bit tipped in an event that the cloud has not is found by the chain; what is before it is sent, the rest is named', () => {
    lived();
    const bytes = readFileSync(path);
    const at = bytes.lastIndexOf(`${EPOCH}:25"`);
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.from('x'), 0, 1, bytes.indexOf('lock-fault', at));
    closeSync(file);
    expect(defectOf(path)).toBe('the chain of events is broken at 25');
    const { journal, succession } = begin();
    expect(succession).toMatchObject({ carriedEvents: 14, lost: { epoch: EPOCH, from: 25, to: 40 } });
    expect(journal.lost).toEqual([{ epoch: EPOCH, from: 25, to: 40 }]);
  });

  it('that gives way a second time before anybody was told still names what was lost the first time', () => {
    lived();
    const bytes = readFileSync(path);
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.from('x'), 0, 1, bytes.indexOf('lock-fault', bytes.lastIndexOf(`${EPOCH}:25"`)));
    closeSync(file);
    begin().journal.close();
    renameSync(`${path}.aside`, `${path}.first`);
    const { journal, succession } = begin();
    expect(succession.lost).toBeNull();
    expect(journal.lost).toEqual([{ epoch: EPOCH, from: 25, to: 40 }]);
  });

  it('whose reservations cannot all be read asks the cloud for them from version 0, and for its last word from event 40', () => {
    lived();
    const old = openJournal(path);
    old.write((writer) => {
      writer.synced.putReservation({
        ...{ iss: 'https://issuer.example', sub: 'u-1', version: 7, issuedMs: 0, cancelledAtMs: null },
        reservation: seat({ id: 'r-unreadable' }),
      });
      writer.synced.setVersion('reservations', 7);
    });
    old.close();
    const at = readFileSync(path).lastIndexOf('r-unreadable');
    scribble(at - (at % PAGE_BYTES), 1);
    const { journal } = begin();
    expect(journal.synced.version('reservations')).toBe(0);
    expect(awaitedWords(journal)).toEqual([{ epoch: EPOCH, seq: 40, before: journal.epoch }]);
  });

  it.each(Array.from({ length: 14 }, (_, index) => index + 1))(
    'with noise in page %i from its end, under a sound head, names no number as lost that was never given',
    (fromEnd) => {
      lived();
      scribble(statSync(path).size - fromEnd * PAGE_BYTES + 512, 0.5);
      const { succession } = begin();
      const { lost, carriedEvents, previousEpoch } = succession;
      // Without the epoch's name nothing can be said of its numbers.
      const first = previousEpoch === null ? 41 : carriedEvents + 11;
      expect(lost?.from ?? 41).toBe(first);
      expect(lost?.to ?? 40).toBeLessThanOrEqual(40);
    },
  );

  it('whose succession the power was cut in, between the two files, ends it at the next start', () => {
    lived();
    const old = openJournal(path);
    old.write((writer) => writer.facts.put('trust', 'written to the log only'));
    const log = readFileSync(`${path}-wal`);
    old.close();
    begin().journal.close();
    renameSync(path, `${path}.new`);
    // The log of the old file, which had not been moved yet.
    writeFileSync(`${path}-wal`, log);
    expect(defectOf(path, true)).toBeNull();
    const journal = openJournal(path);
    expect(journal.epoch).toBe(NEXT);
    journal.close();
  });

  it('is a fault where it is read, latched, and begun anew rather than tried again', () => {
    lived();
    const journal = openJournal(path);
    onTestFinished(() => journal.close());
    const pages = statSync(path).size / PAGE_BYTES;
    scribble(PAGE_BYTES * 2, pages - 2);
    let fault: unknown = null;
    try {
      for (let seq = 0; seq < 40; seq += 1) journal.eventsAfter(seq, 100);
      journal.stays.open();
      journal.presentations.get('nobody');
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(StorageFault);
    expect(journal.fault).toBe(fault);
    expect(journal.fault).toMatchObject({ retry: 'anew' });
    expect(() => journal.write(() => 0)).toThrow(StorageFault);
  });
});
