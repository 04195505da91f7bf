import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';

/** Node-API of the addon that 13 is; Node 22.14 and newer have it. */
const NODE_API = 10;

/**
 * better-sqlite3. On Node 24.19 and newer its 12 aborts the process when a statement is collected (nodejs/node#65446);
 * its 13 is free of that and needs a Node-API that Node 20 does not have. So each runs where it runs well.
 */
export const Sqlite = createRequire(import.meta.url)(
  Number(process.versions['napi']) >= NODE_API ? 'better-sqlite3-13' : 'better-sqlite3',
) as typeof BetterSqlite3;
