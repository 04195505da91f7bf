import type Database from 'better-sqlite3';
import {
  anchorHeaderSchema,
  checkpointClaimsSchema,
  checkpointHeaderSchema,
  type CheckpointClaims,
} from '../../shared/contract/checkpoint.ts';
import type { PublicKey } from '../../shared/contract/config.ts';
import { readToken } from '../tokens/jws.ts';
import { isSignedBy } from '../tokens/signing-key.ts';
import { parseStrictJson } from '../tokens/strict-json.ts';
import { beginningOf, walkChain, type ChainPlace } from './chain.ts';
import { Sqlite } from './sqlite.ts';

/** What the cloud holds, as its receipt says. */
export interface ReceivedHead {
  readonly epoch: string;
  readonly seq: number;
  /** Hexadecimal. */
  readonly head: string;
}

export interface VerifyOptions {
  /** The public half of the gateway's key. */
  readonly key: PublicKey;
  /** The last receipt; without it nothing is found that was cut off after the last signed head. */
  readonly receipt: ReceivedHead | null;
}

/**
 * What is wrong with a ledger.
 *
 * - `changed`: a row is not the one that was chained. `reordered`: and says another number of itself.
 * - `missing`: a row is not there, and later ones are. `truncated`: the end is not there.
 * - `forked`: a ledger that is well chained and not the one that was signed or received.
 * - `checkpoint`: a signed head that is not good itself. `corrupt`: the file cannot be read.
 */
export type LedgerFault =
  'changed' | 'reordered' | 'missing' | 'truncated' | 'forked' | 'checkpoint' | 'corrupt';

/** What a verification found. */
export type LedgerVerdict =
  | {
      readonly ok: true;
      readonly epoch: string;
      /** First and last number; `to` below `from` for an empty ledger. */
      readonly from: number;
      readonly to: number;
      readonly head: string;
      /** Up to where the gateway's signature vouches, and the cloud's receipt. */
      readonly signedTo: number;
      readonly receivedTo: number;
    }
  | {
      readonly ok: false;
      readonly fault: LedgerFault;
      /** The first row that is bad, or at the latest the one at which it shows. */
      readonly seq: number;
      /** Every row up to this one is vouched for by a signature: the first bad one is above it and at most `seq`. */
      readonly after: number;
      readonly detail: string;
    };

/** Opens a journal for reading only. */
export function openReadOnly(path: string): Database.Database {
  return new Sqlite(path, { readonly: true, fileMustExist: true });
}

/**
 * Verifies the ledger of a journal against the gateway's signatures and the cloud's receipt. Needs nothing but the file,
 * and changes nothing in it.
 */
export function verifyLedger(db: Database.Database, options: VerifyOptions): LedgerVerdict {
  const walk = new Walk(db, options);
  try {
    return walk.run();
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error;
    return walk.bad('corrupt', walk.seq + 1, `${error.code}: ${error.message}`);
  }
}

/** A head that somebody vouches for. */
interface Mark {
  readonly seq: number;
  readonly head: string;
  /** The checkpoint; `null` for the receipt. */
  readonly token: string | null;
}

/** One walk along the chain, from its anchor to its end. */
class Walk {
  readonly #db: Database.Database;
  readonly #options: VerifyOptions;
  readonly #epoch: string;
  /** Heads that are still to be met, the next one first. */
  #ahead: readonly Mark[] = [];
  /** Heads that were met, the newest last. */
  readonly #met: Mark[] = [];
  #anchor: CheckpointClaims | null = null;
  /** The newest row that was walked. */
  seq = 0;

  constructor(db: Database.Database, options: VerifyOptions) {
    this.#db = db;
    this.#options = options;
    this.#epoch = this.#meta('epoch') ?? '';
  }

  bad(fault: LedgerFault, seq: number, detail: string): LedgerVerdict {
    // The chain up to a met head is the one that was signed, if it was signed at all.
    const vouched = this.#met.findLast(({ token }) => token === null || this.#isSigned(token));
    return { ok: false, fault, seq, after: vouched?.seq ?? this.#anchor?.seq ?? 0, detail };
  }

  run(): LedgerVerdict {
    const { receipt } = this.#options;
    if (receipt !== null && receipt.epoch !== this.#epoch)
      return this.bad('forked', 1, `the receipt is of epoch ${receipt.epoch}, the journal of ${this.#epoch}`);
    const token = this.#meta('anchor');
    this.#anchor = token === null ? null : this.#signedClaims(token, anchorHeaderSchema);
    if (token !== null && this.#anchor === null)
      return this.bad('checkpoint', 1, 'the anchor is not signed by this gateway for this epoch');
    this.seq = this.#anchor?.seq ?? 0;
    return this.#markAhead() ?? this.#walkRows();
  }

  /** Lists the heads to be met. The newest signature is verified here: with the chain it vouches for all before it. */
  #markAhead(): LedgerVerdict | null {
    const { receipt } = this.#options;
    const marks: Mark[] = [];
    for (const { seq, token } of this.#checkpoints()) {
      const claims = claimsOf(token);
      if (claims?.seq !== seq)
        return this.bad('checkpoint', seq, 'a checkpoint says another number of itself');
      marks.push({ seq, head: claims.head, token });
    }
    const newest = marks.at(-1);
    if (newest !== undefined && !this.#isSigned(newest.token ?? ''))
      return this.bad('checkpoint', newest.seq, 'the newest checkpoint is not signed by this gateway');
    if (receipt !== null && receipt.seq === this.#anchor?.seq && receipt.head !== this.#anchor.head)
      return this.bad('forked', receipt.seq, 'the cloud holds another ledger than the anchor');
    if (receipt !== null && receipt.seq > this.seq) marks.push({ ...receipt, token: null });
    this.#ahead = marks.sort((a, b) => a.seq - b.seq);
    return null;
  }

  #walkRows(): LedgerVerdict {
    const from = this.seq + 1;
    let last: ChainPlace =
      this.#anchor === null
        ? beginningOf(this.#epoch)
        : { seq: this.#anchor.seq, head: Buffer.from(this.#anchor.head, 'hex') };
    for (const step of walkChain(this.#rows(), last)) {
      const { row, seq, head, is } = step;
      if (is === 'missing') return this.bad('missing', seq, `the next row there is ${row.seq}`);
      if (is === 'broken') return this.#broken(seq, row.body);
      this.seq = seq;
      last = step;
      const other = this.#meet(head);
      if (other !== null) return other;
    }
    const ahead = this.#ahead[0];
    if (ahead !== undefined)
      return this.bad('truncated', this.seq + 1, `${nameOf(ahead)} answers for events up to ${ahead.seq}`);
    return {
      ok: true,
      epoch: this.#epoch,
      from,
      to: this.seq,
      head: Buffer.from(last.head).toString('hex'),
      signedTo: this.#met.findLast(({ token }) => token !== null)?.seq ?? from - 1,
      receivedTo: this.#options.receipt?.seq ?? 0,
    };
  }

  /** Compares the chain with what was signed or received at this number. */
  #meet(head: Uint8Array): LedgerVerdict | null {
    for (const mark of this.#ahead) {
      if (mark.seq !== this.seq) break;
      if (Buffer.from(head).toString('hex') !== mark.head)
        return this.bad('forked', this.seq, `${nameOf(mark)} at ${mark.seq} has another head`);
      this.#met.push(mark);
      this.#ahead = this.#ahead.slice(1);
    }
    return null;
  }

  /** A row that does not chain: is it the one that was there? */
  #broken(seq: number, body: Buffer): LedgerVerdict {
    const told = /"sequence":"0*(\d+)"/.exec(body.toString('latin1'))?.[1];
    return told !== undefined && Number(told) !== seq
      ? this.bad('reordered', seq, `the row says that it is ${told}`)
      : this.bad('changed', seq, 'the row is not the one that was chained');
  }

  #isSigned(token: string): boolean {
    return this.#signedClaims(token, checkpointHeaderSchema) !== null;
  }

  #signedClaims(
    token: string,
    headerSchema: typeof checkpointHeaderSchema | typeof anchorHeaderSchema,
  ): CheckpointClaims | null {
    const { key } = this.#options;
    if (readToken(token, headerSchema)?.header.kid !== key.kid || !isSignedBy(token, key)) return null;
    const claims = claimsOf(token);
    return claims?.epoch === this.#epoch ? claims : null;
  }

  #meta(key: string): string | null {
    const sql = this.#db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?');
    return sql.get(key)?.value ?? null;
  }

  #checkpoints(): readonly { readonly seq: number; readonly token: string }[] {
    const sql = 'SELECT seq, token FROM checkpoints WHERE seq > ? ORDER BY seq';
    return this.#db.prepare<[number], { seq: number; token: string }>(sql).all(this.seq);
  }

  #rows(): IterableIterator<{ readonly seq: number; readonly body: Buffer; readonly head: Buffer }> {
    const sql = 'SELECT seq, CAST(body AS BLOB) AS body, head FROM events ORDER BY seq';
    return this.#db.prepare<[], { seq: number; body: Buffer; head: Buffer }>(sql).iterate();
  }
}

function nameOf({ token }: Mark): string {
  return token === null ? 'the receipt' : 'a checkpoint';
}

/** What a checkpoint or an anchor says; whether it is signed is another question. */
function claimsOf(token: string): CheckpointClaims | null {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url');
  const claims = checkpointClaimsSchema.safeParse(parseStrictJson(payload));
  return claims.success ? claims.data : null;
}
