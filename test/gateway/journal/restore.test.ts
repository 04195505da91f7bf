import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { journalCommand } from '../../../gateway/cli/journal.ts';
import { lockJournal } from '../../../gateway/journal/lock.ts';
import { Sqlite } from '../../../gateway/journal/sqlite.ts';
import { EPOCH, openJournal, temporaryFolder } from '../../temporary.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'journal.db');
});

async function journal(...args: readonly string[]) {
  let [out, errors] = ['', ''];
  const stdout = (text: string) => void (out += text);
  const stderr = (text: string) => void (errors += text);
  const code = await journalCommand.run({ stdout, stderr } as Parameters<typeof journalCommand.run>[0], args);
  return { code, errors, said: out === '' ? null : (JSON.parse(out) as Record<string, unknown>) };
}

function append(count: number): void {
  const opened = openJournal(path);
  for (let n = 0; n < count; n += 1)
    opened.write((writer) =>
      writer.append({ name: 'door.secured', subject: 'front', data: { door: 'front' } }, 0, 'trusted'),
    );
  opened.close();
}

describe('a journal that is restored from a copy', () => {
  it('begins a new epoch that names the old one, sends what the copy had not sent, and keeps what lay there', async () => {
    append(5);
    const copy = join(folder, 'copy.db');
    expect(await journal('backup', path, '--to', copy)).toMatchObject({ code: 0, said: { events: 5 } });
    append(2);
    const { code, said } = await journal('restore', copy, '--to', path);
    expect(code).toBe(0);
    expect(said).toMatchObject({ previousEpoch: EPOCH, carriedEvents: 5, lost: null });
    const restored = openJournal(path);
    expect(restored.epoch).toBe(said?.['epoch']);
    expect(restored).toMatchObject({ previousEpoch: EPOCH, lastSeq: 0 });
    expect(restored.carried.after(-100, 100)).toHaveLength(5);
    restored.close();
    const replaced = new Sqlite(said?.['aside'] as string, { readonly: true });
    expect(replaced.prepare('SELECT max(seq) FROM events').pluck().get()).toBe(7);
    replaced.close();
    expect(readdirSync(folder).filter((name) => name.includes('restoring'))).toEqual([]);
  });

  it('is refused while a gateway has the journal open, and nothing is changed', async () => {
    append(1);
    const copy = join(folder, 'copy.db');
    await journal('backup', path, '--to', copy);
    const lock = lockJournal(path);
    const running = openJournal(path);
    const { code, errors } = await journal('restore', copy, '--to', path);
    expect({ code, errors }).toEqual({
      code: 2,
      errors: expect.stringMatching(
        new RegExp(`^--to: ${path}: in use by process ${process.pid} since [^;]+; stop it first\n$`),
      ) as string,
    });
    expect(running.lastSeq).toBe(1);
    running.close();
    lock.release();
  });

  it('names the option that is missing, and a copy that is no journal', async () => {
    append(1);
    expect(await journal('restore', path)).toMatchObject({ code: 2 });
    expect((await journal('restore', path)).errors).toContain('--to: missing');
    expect(await journal('restore', join(folder, 'nothing'), '--to', path)).toMatchObject({ code: 2 });
  });
});

describe('a migration that is rehearsed', () => {
  it('is done on a copy: the journal keeps its version, and every row is counted again', async () => {
    append(3);
    const db = new Sqlite(path);
    const now = db.pragma('user_version', { simple: true }) as number;
    // As it was before the newest step.
    db.exec('DROP INDEX stays_unreceived; ALTER TABLE stays DROP COLUMN told_seq');
    db.exec('ALTER TABLE stays DROP COLUMN received_ms');
    db.pragma(`user_version = ${now - 1}`);
    db.close();
    const { code, said } = await journal('rehearse', path);
    expect(code).toBe(0);
    expect(said).toMatchObject({ ok: true, before: now - 1, after: now, events: 3, check: 'ok' });
    const after = new Sqlite(path, { readonly: true });
    expect(after.pragma('user_version', { simple: true })).toBe(now - 1);
    after.close();
  });

  it('that fails says so and exits with 1', async () => {
    append(1);
    const db = new Sqlite(path);
    db.pragma('user_version = 99');
    db.close();
    expect(await journal('rehearse', path)).toMatchObject({ code: 1, said: { ok: false } });
    expect(existsSync(path)).toBe(true);
  });
});
