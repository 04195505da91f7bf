import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { faultTold, StorageFault, tryWrite, tryWriteAsync } from '../../../gateway/journal/fault.ts';

const full = new StorageFault('SQLITE_FULL', null);
const bug = new TypeError('no such thing');

function failing(error: Error): () => string {
  return () => {
    throw error;
  };
}

describe('work that needs the disk', () => {
  it('gives its result where the disk does not fail', () => {
    expect(tryWrite(() => 'kept', failing(bug))).toBe('kept');
  });

  it('gives what its caller says where the disk fails', () => {
    expect(tryWrite(failing(full), ({ code }) => code)).toBe('SQLITE_FULL');
  });

  it('throws a bug', () => {
    expect(() => tryWrite(failing(bug), () => 'lost')).toThrow(bug);
  });

  it('gives what its caller says where the disk fails later', async () => {
    expect(
      await tryWriteAsync(
        () => Promise.reject(full),
        ({ code }) => code,
      ),
    ).toBe('SQLITE_FULL');
    await expect(
      tryWriteAsync(
        () => Promise.reject(bug),
        () => 'lost',
      ),
    ).rejects.toBe(bug);
  });

  it('is told as lost in one line with its code, its hint, and where it was', () => {
    const lines: string[] = [];
    const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(line) });
    tryWrite<unknown>(failing(full), faultTold(log, 'a refusal is not recorded', { door: 'front' }));
    const { hint, code } = full;
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: 50, door: 'front', code, hint, msg: 'storage fault: a refusal is not recorded' },
    ]);
  });
});
