import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { instantTextSchema, slugSchema } from '../../shared/contract/primitives.ts';

/** What an operator may do. Each may do what the one before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
/** What an operator may do, from little to all. */
export const roleSchema = z.enum(ROLES);
/** What an operator may do. */
export type Role = z.infer<typeof roleSchema>;

/** Whether a role reaches as far as another. */
export function reaches(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

const accountSchema = z.strictObject({
  name: slugSchema,
  role: roleSchema,
  /** PHC text of `hashPassword`. */
  password: z.string().startsWith('$scrypt$'),
  /** The password was made by a machine and read by somebody: it opens only the choice of another. */
  oneTime: z.literal(true).exactOptional(),
  createdAt: instantTextSchema,
});
/** Somebody who may sign in at the console. */
export type Account = z.infer<typeof accountSchema>;

const fileSchema = z.strictObject({ version: z.literal(1), operators: z.array(accountSchema) });

/**
 * The operators' accounts: one small file of its own, mode 0600, that `genkan operator` changes while the gateway runs.
 * It is read again whenever it has changed.
 */
export class Accounts {
  readonly path: string;
  #stamp = '';
  #known: readonly Account[] = [];

  constructor(path: string) {
    this.path = path;
  }

  /** @throws Error naming the file and the field when it is there and cannot be used */
  list(): readonly Account[] {
    const stamp = this.#stampNow();
    if (stamp !== this.#stamp) {
      this.#known = stamp === '' ? [] : this.#read();
      this.#stamp = stamp;
    }
    return this.#known;
  }

  find(name: string): Account | null {
    return this.list().find((account) => account.name === name) ?? null;
  }

  /** Puts an account in, or in the place of the one of that name. On disk when it returns. */
  put(account: Account): void {
    this.#write([...this.list().filter(({ name }) => name !== account.name), account]);
  }

  /** `false` where there was none. */
  remove(name: string): boolean {
    const others = this.list().filter((account) => account.name !== name);
    if (others.length === this.list().length) return false;
    this.#write(others);
    return true;
  }

  #stampNow(): string {
    const stats = statSync(this.path, { throwIfNoEntry: false, bigint: true });
    return stats === undefined ? '' : `${stats.ino}:${stats.mtimeNs}:${stats.size}`;
  }

  #read(): readonly Account[] {
    const parsed = fileSchema.safeParse(JSON.parse(readFileSync(this.path, 'utf8')));
    if (parsed.success) return parsed.data.operators;
    throw new Error(`${this.path}: ${z.prettifyError(parsed.error)}`);
  }

  /** Whole or not at all: a power cut must not leave nobody who can sign in. */
  #write(operators: readonly Account[]): void {
    const next = `${this.path}.new`;
    writeFileSync(next, `${JSON.stringify({ version: 1, operators }, null, 2)}\n`, { mode: 0o600 });
    const file = openSync(next, 'r+');
    fsyncSync(file);
    closeSync(file);
    renameSync(next, this.path);
  }
}
