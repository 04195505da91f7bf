import type Database from 'better-sqlite3';

/** Remembers signed commands that were used, within a transaction of the journal. */
export interface UsedCommandWriter {
  /** `false` when the command was used before. */
  use(jti: string, expiresMs: number): boolean;
  /** Those that expired before an instant. */
  forget(expiredBeforeMs: number): void;
}

/** Prepares the statements on used commands once. */
export function prepareUsedCommands(db: Database.Database): { readonly writer: UsedCommandWriter } {
  const use = db.prepare<[string, number]>('INSERT INTO commands VALUES (?, ?) ON CONFLICT DO NOTHING');
  const forget = db.prepare<[number]>('DELETE FROM commands WHERE expires_ms < ?');
  return {
    writer: {
      use: (jti, expiresMs) => use.run(jti, expiresMs).changes === 1,
      forget(expiredBeforeMs) {
        forget.run(expiredBeforeMs);
      },
    },
  };
}
