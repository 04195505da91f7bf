import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type Database from 'better-sqlite3';
import { ulid } from 'ulid';
import { receiptClaimsSchema } from '../../shared/contract/receipt.ts';
import { problemLines } from '../../shared/contract/problem.ts';
import { KeyError, readPublicKey } from '../tokens/signing-key.ts';
import { parseStrictJson } from '../tokens/strict-json.ts';
import { openDatabase } from '../journal/database.ts';
import { lockJournal } from '../journal/lock.ts';
import { Sqlite } from '../journal/sqlite.ts';
import { journalStats } from '../journal/stats.ts';
import { beginEpoch } from '../journal/successor.ts';
import { openReadOnly, verifyLedger, type ReceivedHead } from '../journal/verify.ts';
import type { Command, CommandIo, ExitCode } from './command.ts';
import { InputError } from './records.ts';

const USAGE = `journal verify FILE --key KEY [--receipt RECEIPT]
       journal export FILE [--from SEQ] [--to SEQ]
       journal stats FILE
       journal backup FILE --to COPY
       journal restore COPY --to FILE
       journal rehearse FILE

verify  checks the ledger against the gateway's signatures and the cloud's last receipt; exit code 1 names the first bad
        row. KEY is the file of the gateway's key or of its public half (PEM or JWK), RECEIPT a file that holds the
        receipt as the cloud sent it, or its claims as JSON. Without it a truncated end is not found.
export  prints the events, one a line, as they are published.
stats   prints what the journal holds and what it has written.
backup  copies a journal that is in use, whole and consistent.
restore puts a new journal at FILE that takes over from COPY: a new epoch, which the cloud is told at the next start, with
        the visits, the decisions and what the cloud has not received. A journal that lies at FILE is kept beside it; one
        that a gateway has is left alone: stop the gateway first. What came after the copy is not in it: the gateway
        asks the cloud for what that had received of it, before it settles any visit from before.
rehearse brings a copy of the journal to this program's version and throws it away: whether an upgrade will go well, and
        how long the door will be without a gateway for it.

All but restore open the file for reading only.

  genkan journal verify genkan.sqlite --key genkan.sqlite.key --receipt receipt.jwt`;

/** Events read at a time by `export`. */
const PAGE = 500;

interface Arguments {
  readonly file: string;
  readonly options: {
    readonly key?: string;
    readonly receipt?: string;
    readonly from?: string;
    readonly to?: string;
  };
}

const VERBS: Readonly<Record<string, (io: CommandIo, args: Arguments) => ExitCode | Promise<ExitCode>>> = {
  verify,
  export: exportEvents,
  stats: (io, { file }) => {
    reading(file, (db) => io.stdout(`${JSON.stringify(journalStats(db, file))}\n`));
    return 0;
  },
  backup,
  restore,
  rehearse,
};

/** `genkan journal`: what an operator or an auditor asks of a journal's file. */
export const journalCommand: Command = {
  name: 'journal',
  summary: 'verifies, exports, counts, backs up and restores a journal',
  usage: USAGE,
  async run(io, [verb, ...args]) {
    try {
      const known = verb === undefined ? undefined : VERBS[verb];
      if (known === undefined)
        throw new InputError(`journal: expected one of ${Object.keys(VERBS).join(', ')}`);
      return await known(io, argumentsOf(args));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      io.stderr(`${error.message}\n`);
      return 2;
    }
  },
};

function argumentsOf(args: readonly string[]): Arguments {
  try {
    const text = { type: 'string' } as const;
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { key: text, receipt: text, from: text, to: text },
    });
    const [file, ...rest] = positionals;
    if (file === undefined) throw new InputError('FILE: missing, the journal');
    if (rest.length > 0) throw new InputError(`argument "${rest[0] ?? ''}": expected one file`);
    return { file, options: values };
  } catch (error) {
    throw error instanceof InputError
      ? error
      : new InputError(`journal: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function verify(io: CommandIo, { file, options }: Arguments): ExitCode {
  if (options.key === undefined) throw new InputError('--key: missing, the gateway’s key or its public half');
  let key;
  try {
    key = readPublicKey(options.key);
  } catch (error) {
    throw error instanceof KeyError ? new InputError(`--key: ${error.message}`) : error;
  }
  const receipt = options.receipt === undefined ? null : readReceipt(options.receipt);
  const verdict = reading(file, (db) => verifyLedger(db, { key, receipt }));
  io.stdout(`${JSON.stringify(verdict)}\n`);
  return verdict.ok ? 0 : 1;
}

/** The receipt is the operator's to vouch for: it came from the cloud, not out of the file that is verified. */
function readReceipt(path: string): ReceivedHead {
  let text;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new InputError(`--receipt: ${error instanceof Error ? error.message : String(error)}`);
  }
  const json = text.startsWith('{') ? Buffer.from(text) : Buffer.from(text.split('.')[1] ?? '', 'base64url');
  const schema = receiptClaimsSchema.pick({ epoch: true, seq: true, head: true });
  const claims = parseStrictJson(json);
  const lines = problemLines(schema, claims);
  if (lines.length > 0) throw new InputError(lines.map((line) => `--receipt: ${line}`).join('\n'));
  return schema.parse(claims);
}

function exportEvents(io: CommandIo, { file, options }: Arguments): ExitCode {
  const from = numberOf('--from', options.from, 1);
  const to = numberOf('--to', options.to, Number.MAX_SAFE_INTEGER);
  reading(file, (db) => {
    const page = db.prepare<[number, number, number], { seq: number; body: string }>(
      'SELECT seq, body FROM events WHERE seq >= ? AND seq <= ? ORDER BY seq LIMIT ?',
    );
    let next = from;
    for (let rows = page.all(next, to, PAGE); rows.length > 0; rows = page.all(next, to, PAGE)) {
      io.stdout(rows.map(({ body }) => `${body}\n`).join(''));
      next = (rows.at(-1)?.seq ?? next) + 1;
    }
  });
  return 0;
}

async function backup(io: CommandIo, { file, options }: Arguments): Promise<ExitCode> {
  const { to } = options;
  if (to === undefined) throw new InputError('--to: missing, the file of the copy');
  // What lies there is written over, and may be the journal of a gateway that runs.
  return existsSync(to) ? lockedFor('--to', to, () => copy(io, file, to)) : copy(io, file, to);
}

async function copy(io: CommandIo, file: string, to: string): Promise<ExitCode> {
  const db = opened(file);
  try {
    await db.backup(to);
  } catch (error) {
    throw new InputError(`--to: ${to}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    db.close();
  }
  reading(to, (copy) => io.stdout(`${JSON.stringify({ backup: to, ...journalStats(copy, to) })}\n`));
  return 0;
}

/** A copy may be of an older program, and stays as it is: so a copy of the copy is taken over. */
async function restore(io: CommandIo, { file, options }: Arguments): Promise<ExitCode> {
  const { to } = options;
  if (to === undefined) throw new InputError('--to: missing, where the gateway’s journal lies');
  reading(file, (db) => journalStats(db, file));
  return lockedFor('--to', to, () => putInPlace(io, file, to));
}

async function putInPlace(io: CommandIo, file: string, to: string): Promise<ExitCode> {
  const between = `${to}.restoring`;
  const removeBetween = () => {
    for (const end of ['', '-wal', '-shm']) rmSync(`${between}${end}`, { force: true });
  };
  const db = opened(file);
  try {
    removeBetween();
    await db.backup(between);
    openDatabase(between).close();
    const birth = { epoch: ulid(), leaseBase: (randomBytes(4).readUInt32BE() >>> 1) + 1 };
    const succession = beginEpoch({
      path: to,
      from: between,
      aside: `${to}.replaced-${birth.epoch}`,
      birth,
      isCopy: true,
    });
    io.stdout(`${JSON.stringify({ restored: to, epoch: birth.epoch, ...succession })}\n`);
    return 0;
  } catch (error) {
    throw new InputError(`--to: ${to}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    db.close();
    removeBetween();
  }
}

async function rehearse(io: CommandIo, { file }: Arguments): Promise<ExitCode> {
  const folder = mkdtempSync(join(tmpdir(), 'genkan-rehearsal-'));
  const copy = join(folder, 'journal');
  const db = opened(file);
  try {
    const before = db.pragma('user_version', { simple: true });
    const { events, stays } = journalStats(db, file);
    await db.backup(copy);
    const startedMs = performance.now();
    const migrated = openDatabase(copy);
    const ms = Math.round(performance.now() - startedMs);
    const found = migrated.pragma('quick_check(1)', { simple: true });
    const after = migrated.pragma('user_version', { simple: true });
    const kept = journalStats(migrated, copy);
    migrated.close();
    const ok = found === 'ok' && kept.events === events && kept.stays === stays;
    io.stdout(`${JSON.stringify({ ok, before, after, ms, events, stays, check: found })}\n`);
    return ok ? 0 : 1;
  } catch (error) {
    io.stdout(
      `${JSON.stringify({ ok: false, error: error instanceof Error ? error.message : String(error) })}\n`,
    );
    return 1;
  } finally {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Does what writes to a journal: a gateway that runs, or another such command, keeps it out. */
async function lockedFor<T>(option: string, journal: string, work: () => Promise<T>): Promise<T> {
  let lock;
  try {
    lock = lockJournal(journal);
  } catch (error) {
    throw new InputError(`${option}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return work().finally(() => lock.release());
}

function numberOf(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InputError(`${option}: must be a number from 1`);
  return number;
}

function reading<T>(file: string, work: (db: Database.Database) => T): T {
  const db = opened(file);
  try {
    return work(db);
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error;
    throw new InputError(`${file}: not a journal (${error.message})`);
  } finally {
    db.close();
  }
}

function opened(file: string): Database.Database {
  try {
    return openReadOnly(file);
  } catch (error) {
    throw new InputError(
      `${file}: cannot be opened (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}
