import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../gateway/journal/database.ts';
import { StorageFault } from '../../../gateway/journal/fault.ts';
import { forget } from '../../../gateway/journal/forgetting.ts';
import type { Journal, JournalWriter } from '../../../gateway/journal/journal.ts';
import { Sqlite } from '../../../gateway/journal/sqlite.ts';
import { parseEvent, type DomainEvent } from '../../../shared/contract/events.ts';
import { MEMBER, seat, stayOf, ticket } from '../access/told.ts';
import { EPOCH, LEASE_BASE, openJournal, temporaryFolder } from '../../temporary.ts';

const AT_MS = Date.parse('2025-10-20T10:00:00+09:00');

let path: string;
let journal: Journal;
beforeEach(() => {
  path = join(temporaryFolder(), 'journal.db');
  journal = openJournal(path);
  onTestFinished(() => journal.close());
});

const secured = (door: string): DomainEvent => ({ name: 'door.secured', subject: door, data: { door } });

function append(count: number): void {
  for (let n = 0; n < count; n += 1)
    journal.write((writer) => writer.append(secured('front'), AT_MS, 'trusted'));
}

function reopen(): void {
  journal.close();
  journal = openJournal(path);
}

const bodies = (): readonly string[] => journal.eventsAfter(0, 1_000).map(({ body }) => body);

/** The chain head over bodies, reckoned here and not by the code under test. */
function headOver(texts: readonly string[]): string {
  let head = createHash('sha256').update(`genkan-ledger-v1:${EPOCH}`).digest();
  for (const body of texts) {
    const hash = createHash('sha256').update(body, 'utf8').digest();
    head = createHash('sha256').update(head).update(hash).digest();
  }
  return head.toString('hex');
}

describe('a journal file', () => {
  it('keeps synchronous=FULL after a write and after it was opened again', () => {
    for (const name of ['once', 'again']) {
      const db = openDatabase(join(path, '..', 'other.db'));
      db.exec('CREATE TABLE IF NOT EXISTS t (x)');
      db.exec('INSERT INTO t VALUES (1)');
      expect(db.pragma('synchronous', { simple: true }), name).toBe(2);
      expect(db.pragma('journal_mode', { simple: true }), name).toBe('wal');
      db.close();
    }
  });

  it('keeps its epoch and its base of lease ids for ever', () => {
    expect(journal).toMatchObject({ epoch: EPOCH, leaseBase: LEASE_BASE, isNew: true });
    reopen();
    expect(journal).toMatchObject({ epoch: EPOCH, leaseBase: LEASE_BASE, isNew: false });
  });

  it('of a newer program is refused with words that say what to do', () => {
    journal.close();
    const db = new Sqlite(path);
    const version = db.pragma('user_version', { simple: true }) as number;
    db.pragma('user_version = 99');
    db.close();
    expect(() => openJournal(path)).toThrow(
      `the journal has version 99, this program knows ${version}: install a newer one`,
    );
    const after = new Sqlite(path);
    expect(after.pragma('user_version', { simple: true })).toBe(99);
    after.pragma(`user_version = ${version}`);
    after.close();
    journal = openJournal(path);
  });
});

describe('the ledger', () => {
  it('is numbered from 1 without gaps, also over a restart', () => {
    append(3);
    reopen();
    expect(journal.lastSeq).toBe(3);
    append(2);
    const events = bodies().map((body) => parseEvent(JSON.parse(body)));
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(events.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5].map((seq) => `shibuya-1:${EPOCH}:${seq}`));
  });

  it('chains every event to the one before, also over a restart', () => {
    append(2);
    reopen();
    append(2);
    const all = bodies();
    for (const seq of [1, 2, 3, 4]) expect(journal.headAt(seq)).toBe(headOver(all.slice(0, seq)));
    expect(journal.headAt(5)).toBeNull();
  });

  it('gives a page of what is above a number, oldest first', () => {
    append(5);
    expect(journal.eventsAfter(1, 2).map(({ seq }) => seq)).toEqual([2, 3]);
    expect(journal.eventsAfter(5, 2)).toEqual([]);
  });

  it('tells its listeners of commits that appended, once the caller is through, and of no others', async () => {
    const seen: number[] = [];
    const stop = journal.onAppend(() => seen.push(journal.lastSeq));
    append(1);
    append(1);
    expect(seen).toEqual([]);
    await Promise.resolve();
    journal.write((writer) =>
      writer.presentations.insert({ identity: 'i', door: 'd', side: 'entry', atMs: 1, expiresMs: 2 }),
    );
    expect(() => journal.write(failing)).toThrow('broken');
    await Promise.resolve();
    stop();
    append(1);
    await Promise.resolve();
    expect(seen).toEqual([2]);
  });
});

/** Writes a little of everything, then breaks. */
function failing(writer: JournalWriter): never {
  writer.append(secured('front'), AT_MS, 'trusted');
  writer.append(secured('back'), AT_MS, 'trusted');
  writer.presentations.insert({ identity: 'i', door: 'front', side: 'entry', atMs: 1, expiresMs: 2 });
  writer.stays.put(stayOf(seat()));
  throw new Error('broken');
}

describe('a transaction that fails', () => {
  it('leaves nothing, and the next event takes its number and its place in the chain', () => {
    append(1);
    expect(() => journal.write(failing)).toThrow('broken');
    expect(journal.lastSeq).toBe(1);
    expect(journal.fault).toBeNull();
    expect(journal.presentations.get('i')).toBeNull();
    expect(journal.stays.get('e-r-1')).toBeNull();
    append(1);
    expect(journal.headAt(2)).toBe(headOver(bodies()));
    expect(bodies()).toHaveLength(2);
  });

  it('by a mistake of ours is thrown as it is and no fault of the disk', () => {
    expect(() => journal.write(failing)).not.toThrow(StorageFault);
  });
});

describe('a presentation', () => {
  const presentation = {
    identity: 'i',
    door: 'front',
    side: 'entry',
    atMs: 1_000,
    expiresMs: 5_000,
  } as const;
  const insert = (over: object = {}) =>
    journal.write((writer) => writer.presentations.insert({ ...presentation, ...over }));

  it('is remembered once, as it first came, also over a restart', () => {
    expect(insert()).toBe(true);
    reopen();
    expect(insert({ door: 'back', atMs: 2_000 })).toBe(false);
    expect(journal.presentations.get('i')).toEqual(presentation);
  });

  it('is forgotten after its expiry and not at it', () => {
    insert();
    forget(journal, 5_000);
    expect(journal.presentations.get('i')).not.toBeNull();
    forget(journal, 5_001);
    expect(journal.presentations.get('i')).toBeNull();
  });
});

describe('a receipt of the cloud', () => {
  it('is accepted with our chain head, and kept over a restart', () => {
    append(3);
    const head = headOver(bodies().slice(0, 2));
    expect(journal.acceptCustody(2, head)).toBe(true);
    reopen();
    expect(journal.custody).toEqual({ seq: 2, head });
  });

  it('with another head, or for events that are still to come, is refused', () => {
    append(2);
    expect(journal.acceptCustody(2, headOver([]))).toBe(false);
    expect(journal.acceptCustody(3, headOver(bodies()))).toBe(false);
    expect(journal.custody).toEqual({ seq: 0, head: null });
  });

  it('never goes back', () => {
    append(3);
    const all = bodies();
    expect(journal.acceptCustody(3, headOver(all))).toBe(true);
    expect(journal.acceptCustody(1, headOver(all.slice(0, 1)))).toBe(true);
    expect(journal.acceptCustody(2, 'nonsense')).toBe(true);
    expect(journal.acceptCustody(3, 'nonsense')).toBe(false);
    expect(journal.custody).toEqual({ seq: 3, head: headOver(all) });
  });
});

describe('the decisions', () => {
  const decision = (id: number, atMs: number, over: object = {}) =>
    journal.write((writer) => {
      const answer = { granted: false, reason: 'full' } as const;
      writer.decisions.insert({
        id,
        atMs,
        door: 'front',
        side: 'entry',
        ...MEMBER,
        answer,
        stay: null,
        state: null,
        ...over,
      });
    });

  it('on a member are found by door and side, the newest of those that are recent', () => {
    decision(1, 1_000);
    decision(2, 2_000);
    decision(3, 3_000, { side: 'exit' });
    decision(4, 3_000, { door: 'back' });
    decision(5, 3_000, { sub: 'u-2' });
    decision(6, 3_000, { iss: 'https://second.example' });
    expect(journal.decisions.recent(MEMBER, 'front', 'entry', 999)?.id).toBe(2);
    expect(journal.decisions.recent(MEMBER, 'front', 'entry', 2_000)).toBeNull();
  });

  it('made after the clock was turned back are newer than those before', () => {
    decision(1, 9_000_000);
    decision(2, 2_000);
    expect(journal.decisions.recent(MEMBER, 'front', 'entry', 1_000)?.id).toBe(2);
  });

  it('that are grants without an end are found after a restart', () => {
    decision(1, 1_000, { state: 'pending' });
    decision(2, 1_000, { state: 'pending' });
    decision(3, 1_000, { state: 'pending' });
    decision(4, 1_000);
    journal.write((writer) => {
      writer.decisions.setGrant(1, 'taken', 1);
      writer.decisions.setGrant(2, 'released', 2);
    });
    reopen();
    expect(journal.decisions.unfinished().map(({ id, state, leases }) => [id, state, leases])).toEqual([
      [2, 'released', 2],
      [3, 'pending', 1],
    ]);
    expect(journal.write((writer) => writer.decisions.nextId())).toBe(5);
  });
});

describe('the stays', () => {
  const put = (...stays: readonly ReturnType<typeof stayOf>[]) =>
    journal.write((writer) => stays.forEach((stay) => writer.stays.put(stay)));

  it('come back as they were put', () => {
    const stay = stayOf(seat({ cap: { minutes: 60 } }), {
      flags: ['clock-untrusted'],
      checkOutMs: 5,
      endsAtMs: 6,
    });
    put(stay);
    expect(journal.stays.get(stay.id)).toEqual(stay);
  });

  it('of a member are the open ones of any age and the ended ones since an instant', () => {
    put(
      stayOf(seat(), { id: 'old-open', checkInMs: 1 }),
      stayOf(seat(), { id: 'old', checkInMs: 2, state: 'checked-out' }),
      stayOf(seat(), { id: 'recent', checkInMs: 10, state: 'checked-out' }),
      stayOf(seat(), { id: 'other', checkInMs: 10, sub: 'u-2' }),
      stayOf(seat(), { id: 'namesake', checkInMs: 10, iss: 'https://second.example' }),
    );
    expect(journal.stays.ofMember(MEMBER, 10).map(({ id }) => id)).toEqual(['recent', 'old-open']);
    expect(journal.stays.countOpen()).toBe(3);
    expect(journal.stays.isInside({ ...MEMBER, sub: 'u-2' })).toBe(true);
    expect(journal.stays.isInside({ ...MEMBER, sub: 'u-3' })).toBe(false);
  });

  it('of a ticket are uses, but for those that were voided', () => {
    put(
      stayOf(ticket(), { id: 'a', checkInMs: 10 }),
      stayOf(ticket(), { id: 'b', checkInMs: 11, state: 'voided' }),
      stayOf(ticket(), { id: 'c', checkInMs: 9 }),
      stayOf(seat({ id: 't-1' }), { id: 'd', checkInMs: 12 }),
      stayOf(ticket(), { id: 'namesake', checkInMs: 13, iss: 'https://second.example' }),
    );
    expect(journal.stays.usesOf({ iss: MEMBER.iss, id: 't-1' }, 10)).toEqual([{ atMs: 10, receivedMs: 10 }]);
  });
});
