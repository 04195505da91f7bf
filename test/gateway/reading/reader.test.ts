import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StorageFault } from '../../../gateway/journal/fault.ts';
import type { Journal } from '../../../gateway/journal/journal.ts';
import { LedgerReader, ReadingBusy } from '../../../gateway/reading/reader.ts';
import { Turns } from '../../../gateway/reading/turns.ts';
import { openJournal, temporaryFolder } from '../../temporary.ts';

const DAY = { sinceMs: 0, nowMs: 0, days: 1 };

/** A reader of a file, with what it told. */
function openReader(path: string) {
  const logged: string[] = [];
  const damaged: string[] = [];
  let idle: () => void = () => undefined;
  const reader = new LedgerReader({
    path,
    clock: { after: (_ms, task) => ((idle = task), () => undefined) },
    log: pino({ level: 'error' }, { write: (line) => void logged.push(line) }),
    onDamaged: (code, error) => (damaged.push(code), new StorageFault(code, error)),
  });
  onTestFinished(() => reader.close());
  const newest = async (): Promise<number | undefined> => {
    const page = JSON.parse((await reader.page({ beforeSeq: 1_000, limit: 1 })).toString()) as {
      events: { sequence: string }[];
    };
    return page.events[0] && Number(page.events[0].sequence);
  };
  return { reader, logged, damaged, newest, idle: () => idle() };
}

function write(journal: Journal, events: number): void {
  const data = { door: 'front', detail: 'x'.repeat(200) };
  journal.write((writer) => {
    for (let count = 0; count < events; count += 1)
      writer.append({ name: 'door.lock-fault', subject: 'front', data }, 0, 'trusted');
  });
}

/** A journal with so many events, open until the test ends. */
function journalOf(path: string, events: number): Journal {
  const journal = openJournal(path);
  onTestFinished(() => journal.close());
  write(journal, events);
  return journal;
}

/** The POSIX locks of this process on a file: where one of its handles is closed carelessly, all of them are gone. */
function locksOf(path: string): string[] {
  const owned = new RegExp(` ${process.pid} [0-9a-f:]+:${statSync(path).ino} `);
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .filter((line) => owned.test(line))
    .map((line) => line.replace(/^\d+: /, ''))
    .sort();
}

describe('reading a journal beside the loop', () => {
  it('sees what was committed a moment ago', async () => {
    const path = join(temporaryFolder(), 'journal');
    const journal = journalOf(path, 3);
    const { newest } = openReader(path);
    expect(await newest()).toBe(3);
    write(journal, 2);
    expect(await newest()).toBe(5);
  });

  it('is told and begun anew after its thread has failed; what was asked of it is refused, not left open', async () => {
    const path = join(temporaryFolder(), 'journal');
    journalOf(path, 3);
    const { reader, logged, newest } = openReader(path);
    const asked = [reader.statistics({ ...DAY, timeZone: 'Nowhere/At-All' }), newest()];
    const outcomes = await Promise.allSettled(asked);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { statusCode: 503, code: 'busy' } });
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('a read of the journal failed');
    expect(await newest()).toBe(3);
  });

  it('reads the file that lies there now, when another has taken its place', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'journal');
    journalOf(path, 3).close();
    const { newest } = openReader(path);
    expect(await newest()).toBe(3);
    journalOf(join(folder, 'other'), 7).close();
    renameSync(join(folder, 'other'), path);
    expect(await newest()).toBe(7);
  });

  it('tells the journal that its file is damaged', async () => {
    const path = join(temporaryFolder(), 'journal');
    writeFileSync(path, Buffer.alloc(8_192, 0x47));
    const { reader, damaged } = openReader(path);
    const asked = reader.page({ beforeSeq: 10, limit: 1 });
    await expect(asked).rejects.toMatchObject({ code: 'SQLITE_NOTADB', retry: 'anew' });
    expect(damaged).toEqual(['SQLITE_NOTADB']);
  });

  it('keeps to itself that the file is not there for a while', async () => {
    const path = join(temporaryFolder(), 'journal');
    const { damaged, newest } = openReader(path);
    await expect(newest()).rejects.toMatchObject({ code: 'SQLITE_CANTOPEN', retry: 'auto' });
    expect(damaged).toEqual([]);
    journalOf(path, 2);
    expect(await newest()).toBe(2);
  });

  it('answers what comes just as the thread ends for want of questions', async () => {
    const path = join(temporaryFolder(), 'journal');
    journalOf(path, 3);
    const { newest, idle } = openReader(path);
    const before = newest();
    idle();
    expect(await Promise.all([before, newest()])).toEqual([3, 3]);
    idle();
    expect(await newest()).toBe(3);
  });

  it('gives an export’s place back when its stream is destroyed, and takes nothing after the end', async () => {
    const path = join(temporaryFolder(), 'journal');
    journalOf(path, 2_000);
    const { reader } = openReader(path);
    const pages = await reader.export({}, 'json', 2_001);
    expect(reader.exports).toBe(1);
    pages.destroy();
    await expect.poll(() => reader.exports).toBe(0);
    await reader.close();
    await expect(reader.page({ beforeSeq: 10, limit: 1 })).rejects.toBeInstanceOf(ReadingBusy);
  });

  it('lets go of no lock that the journal itself has on its file', async () => {
    const path = join(temporaryFolder(), 'journal');
    journalOf(path, 3);
    const { newest } = openReader(path);
    const before = locksOf(path);
    expect(before.length).toBeGreaterThan(0);
    await newest();
    await newest();
    expect(locksOf(path)).toEqual(before);
  });

  it('leaves nothing of SQLite beside a journal that was closed after it', async () => {
    const path = join(temporaryFolder(), 'journal');
    const journal = journalOf(path, 3);
    const { reader, newest } = openReader(path);
    await newest();
    await reader.close();
    journal.close();
    expect(readdirSync(join(path, '..'))).toEqual(['journal']);
  });
});

describe('turns', () => {
  const full = () => new ReadingBusy('full');

  it('are two at a time; the third waits, and goes before the fourth', async () => {
    const turns = new Turns(2, 8);
    const order: string[] = [];
    const [first, second] = [await turns.take(full), await turns.take(full)];
    const later = ['third', 'fourth'].map(async (name) => {
      const done = await turns.take(full);
      order.push(name);
      return done;
    });
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    second();
    const third = await later[0];
    expect(order).toEqual(['third']);
    third?.();
    (await later[1])?.();
    first();
    expect(order).toEqual(['third', 'fourth']);
  });

  it('are refused where too many wait', async () => {
    const turns = new Turns(1, 1);
    const first = await turns.take(full);
    const second = turns.take(full);
    await expect(turns.take(full)).rejects.toBeInstanceOf(ReadingBusy);
    first();
    (await second)();
    await expect(turns.take(full)).resolves.toBeTypeOf('function');
  });
});
