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

/** SQLite's code of an error (`SQLITE_FULL`), or `null` for an error of ours. */
export function sqliteCode(error: unknown): string | null {
  return error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('SQLITE_')
    ? error.code
    : null;
}
