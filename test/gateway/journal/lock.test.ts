import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { journalCommand } from '../../../gateway/cli/journal.ts';
import { JournalInUse, lockJournal, type JournalLock } from '../../../gateway/journal/lock.ts';
import { createSigner } from '../../venue/signer.ts';
import { runCommand } from '../cli/cli.ts';
import { openJournal, temporaryFolder } from '../../temporary.ts';

const at = (file: string) => fileURLToPath(new URL(`../../../gateway/${file}`, import.meta.url));

/** A process of the sources starts, on a machine that is busy with others. */
const START_MS_MAX = 100_000;

/** A user who owns nothing. */
const NOBODY = 65_534;

let folder: string;
let path: string;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'journal.db');
});

function locked(file = path): JournalLock {
  const lock = lockJournal(file);
  onTestFinished(() => lock.release());
  return lock;
}

/** A process that has the journal until it is killed. */
async function holder() {
  const script = `const { lockJournal } = await import(process.argv[1]); lockJournal(process.argv[2]); process.send('has it');
    setInterval(() => undefined, 1_000);`;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script, at('journal/lock.ts'), path],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { ...process.env, NODE_OPTIONS: '' } },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return {
    pid: child.pid,
    kill: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

describe('the lock on a journal', () => {
  it(
    'is one process’s: the next is told which and since when, and has it at once after a kill -9',
    async () => {
      const first = await holder();
      const refused = new RegExp(
        `^${path}: in use by process ${first.pid} since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+09:00; stop it first$`,
      );
      expect(() => lockJournal(path)).toThrow(JournalInUse);
      expect(() => lockJournal(path)).toThrow(refused);
      await first.kill();
      locked();
    },
    START_MS_MAX,
  );

  it('is refused to the same process as well until it is released, by whatever name the folder goes', () => {
    const real = join(folder, 'real');
    mkdirSync(real);
    symlinkSync(real, join(folder, 'other'));
    const lock = locked(join(real, 'journal.db'));
    expect(() => lockJournal(join(folder, 'other', 'journal.db'))).toThrow(
      `in use by process ${process.pid}`,
    );
    lock.release();
    locked(join(folder, 'other', 'journal.db'));
  });

  it('names nobody where nothing is told, and never one who is dead', () => {
    locked();
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(`${path}.holder`, JSON.stringify({ pid, since: '2026-01-01T00:00:00+09:00' }));
    expect(() => lockJournal(path)).toThrow(`${path}: in use by another process; stop it first`);
    rmSync(`${path}.holder`);
    expect(() => lockJournal(path)).toThrow(`${path}: in use by another process; stop it first`);
  });

  it('is not believed where its file may only be read, or not be opened: the start says which file it is', () => {
    writeFileSync(`${path}.lock`, '', { mode: 0o444 });
    chmodSync(folder, 0o777);
    const { geteuid, seteuid } = process;
    const isRoot = geteuid?.() === 0;
    // Root may write what it likes.
    if (isRoot) seteuid?.(NOBODY);
    try {
      expect(() => lockJournal(path)).toThrow(`${path}.lock: cannot be locked (SQLITE_READONLY)`);
    } finally {
      if (isRoot) seteuid?.(0);
    }
    rmSync(`${path}.lock`, { force: true });
    mkdirSync(`${path}.lock`);
    expect(() => lockJournal(path)).toThrow(`${path}.lock: cannot be locked (SQLITE_CANTOPEN)`);
  });

  it('is released also where its holder’s name cannot be taken away any more', () => {
    const lock = locked();
    rmSync(`${path}.holder`);
    mkdirSync(`${path}.holder`);
    lock.release();
    locked().release();
  });

  it('takes no room: what is locked is an empty file', () => {
    locked();
    expect(readFileSync(`${path}.lock`)).toHaveLength(0);
    expect(readdirSync(folder).sort()).toEqual(['journal.db.holder', 'journal.db.lock']);
  });
});

describe('while a gateway has the journal', () => {
  it(
    'a second start says who has it, exits with 2, and writes nothing: no key, no journal',
    async () => {
      const key = (await createSigner('key1')).publicKey;
      const config = join(folder, 'genkan.yaml');
      writeFileSync(
        config,
        stringify({
          venue: { id: 'shibuya-1', name: 'shibuya-1', kind: 'h1t', hours: null, capacity: 10 },
          gateway: { id: 'gw-1', journal: path },
          http: { port: 0, publicOrigin: 'http://localhost' },
          doors: [{ id: 'front', controller: { path: join(folder, 'board') } }],
          uplink: null,
          trust: { issuers: [{ iss: 'https://issuer.example', keys: [key] }], cloud: [key] },
          clock: { source: 'host' },
        }),
      );
      locked();
      const { status, stderr } = spawnSync(
        process.execPath,
        ['--import', 'tsx', at('cli/genkan.ts'), 'run', '--config', config],
        { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' }, timeout: START_MS_MAX },
      );
      expect(stderr).toContain(`${path}: in use by process ${process.pid} since `);
      expect(status).toBe(2);
      expect(readdirSync(folder).sort()).toEqual(['genkan.yaml', 'journal.db.holder', 'journal.db.lock']);
    },
    START_MS_MAX,
  );

  it('a restore is refused and names it, and a backup and the readers go on', async () => {
    const running = openJournal(path);
    const lock = locked();
    const copy = join(folder, 'copy.db');
    expect(await runCommand(journalCommand, ['backup', path, '--to', copy])).toMatchObject({ code: 0 });
    const before = readdirSync(folder).sort();
    const restore = ['restore', copy, '--to', path];
    const { code, err } = await runCommand(journalCommand, restore);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining(`--to: ${path}: in use by process ${process.pid} since `) as string,
    });
    const over = await runCommand(journalCommand, ['backup', copy, '--to', path]);
    expect(over).toMatchObject({ code: 2, err: expect.stringContaining('in use by process') as string });
    expect(readdirSync(folder).sort()).toEqual(before);
    for (const verb of ['stats', 'rehearse'])
      expect(await runCommand(journalCommand, [verb, path])).toMatchObject({ code: 0 });

    running.close();
    lock.release();
    expect(await runCommand(journalCommand, restore)).toMatchObject({ code: 0 });
    locked();
  });
});
