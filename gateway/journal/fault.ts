import type { Logger } from 'pino';

/** Who ends a storage fault: the gateway by trying again, or by beginning a new journal, or an operator. */
export type FaultRetry = 'auto' | 'anew' | 'operator';

interface FaultKind {
  readonly codes: RegExp;
  readonly retry: FaultRetry;
  readonly hint: string;
}

/** What SQLite's codes mean to an operator, the first that fits. */
const KINDS: readonly FaultKind[] = [
  {
    codes: /^SQLITE_FULL/,
    retry: 'auto',
    hint: 'Check the disk: it is full. Free space; the gateway goes on by itself.',
  },
  {
    codes: /^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/,
    retry: 'auto',
    hint: 'Check the disk: the journal cannot be written to. Mount it writable; the gateway goes on by itself.',
  },
  {
    codes: /^SQLITE_(IOERR|BUSY|LOCKED|PROTOCOL)/,
    retry: 'auto',
    hint: 'Check the disk: it failed to write. The gateway tries again; where it happens often, replace the card.',
  },
  {
    codes: /^SQLITE_(CORRUPT|NOTADB)/,
    retry: 'anew',
    hint: 'The journal’s file is damaged. The gateway sets it aside and begins a new one; keep the file, and replace the card.',
  },
  {
    codes: /^/,
    retry: 'operator',
    hint: 'Check the disk and the journal (genkan journal verify), then restart the gateway.',
  },
];

/** A commit that did not reach the disk, or a read that failed. The door says no to entry until it is over. */
export class StorageFault extends Error {
  readonly code: string;
  readonly retry: FaultRetry;
  readonly hint: string;

  constructor(code: string, cause: unknown) {
    super(`the journal cannot be used: ${code}`, { cause });
    this.name = 'StorageFault';
    this.code = code;
    const kind = KINDS.find(({ codes }) => codes.test(code));
    this.retry = kind?.retry ?? 'operator';
    this.hint = kind?.hint ?? '';
  }
}

/**
 * Does what needs the disk. The disk may fail at any time, so whoever writes says what becomes of it then.
 *
 * @param otherwise asked for a storage fault, which is latched and told by then
 * @throws whatever else `work` throws: a bug
 */
export function tryWrite<T>(work: () => T, otherwise: (fault: StorageFault) => T): T {
  try {
    return work();
  } catch (error) {
    return otherwise(storageFault(error));
  }
}

/** `tryWrite` for work that takes its time: a fault that it rejects with is answered as well. */
export async function tryWriteAsync<T>(
  work: () => Promise<T>,
  otherwise: (fault: StorageFault) => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    return otherwise(storageFault(error));
  }
}

/**
 * The log's line on something that the disk's failing cost.
 *
 * @param lost what was not done, as a clause: `a refusal is not recorded`
 * @param data where and to whom: `{ door }`
 * @returns for `tryWrite`, or to be called with the fault
 */
export function faultTold(
  log: Logger,
  lost: string,
  data: Readonly<Record<string, unknown>> = {},
): (fault: StorageFault) => void {
  return ({ code, hint }) => log.error({ ...data, code, hint }, `storage fault: ${lost}`);
}

function storageFault(error: unknown): StorageFault {
  if (!(error instanceof StorageFault)) throw error;
  return error;
}

/** SQLite's code of an error (`SQLITE_FULL`), or `null` for an error of ours. */
export function sqliteCode(error: unknown): string | null {
  return error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('SQLITE_')
    ? error.code
    : null;
}

/** Whether an error means that the file itself is bad, and no further attempt will mend it. */
export function isCorrupt(code: string): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(code);
}
