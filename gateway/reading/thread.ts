/**
 * The thread that reads the journal beside the loop of the doors: `workerData` is the file's path. It answers one question
 * after the other, in their order, until it is told `end`. An error of SQLite is an answer; anything else ends the thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { sqliteCode } from '../journal/fault.ts';
import { Sqlite } from '../journal/sqlite.ts';
import { prepareReads, type Answer, type Reads } from './reads.ts';

/** A read by its name, with its argument. */
export type Question = { [N in keyof Reads]: { name: N; ask: Parameters<Reads[N]>[0] } }[keyof Reads];

/** What comes back of one. */
export type Outcome = Answer | { readonly code: string; readonly message: string };

/** Of SQLite's cache, in KiB: each page is looked at once. */
const CACHE_KIB = 2_048;

const path = workerData as string;
const port = parentPort;
if (port === null) throw new Error('not a thread');
port.on('message', (message: Question | 'end') => {
  if (message === 'end') {
    port.close();
    return;
  }
  const outcome = outcomeOf(message);
  port.postMessage(outcome, 'bytes' in outcome ? [outcome.bytes.buffer] : []);
});

/**
 * Opened for each question, and nothing of it is held between two: no snapshot holds up a checkpoint while somebody's line
 * is slow, and after a fault the file is read that lies there then.
 */
function outcomeOf({ name, ask }: Question): Outcome {
  let db;
  try {
    db = new Sqlite(path, { readonly: true, fileMustExist: true });
    db.pragma(`cache_size = -${CACHE_KIB}`);
    const read = prepareReads(db)[name] as (ask: unknown) => Answer;
    return read(ask);
  } catch (error) {
    const code = sqliteCode(error);
    if (code === null || !(error instanceof Error)) throw error;
    return { code, message: error.message };
  } finally {
    db?.close();
  }
}
