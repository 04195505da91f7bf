import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { StorageFault } from '../../../gateway/journal/fault.ts';
import type { Journal } from '../../../gateway/journal/journal.ts';
import { fillUp, openJournal, openNearlyFull, temporaryFolder } from '../../temporary.ts';

let path: string;
let journal: Journal;
beforeEach(() => {
  path = join(temporaryFolder(), 'journal.db');
  journal = openNearlyFull(path);
  onTestFinished(() => journal.close());
});

describe('a full disk', () => {
  it('is a fault that says what the operator can do', () => {
    const { fault } = fillUp(journal);
    expect(fault).toMatchObject({ code: 'SQLITE_FULL', retry: 'auto' });
    expect(fault.hint).toMatch(/^Check the disk/);
    expect(journal.fault).toBe(fault);
  });

  it('keeps what was committed before, and nothing of what was not', () => {
    const { kept } = fillUp(journal);
    expect(journal.lastSeq).toBe(kept);
    journal.close();
    journal = openJournal(path);
    expect(journal.lastSeq).toBe(kept);
    expect(journal.eventsAfter(0, 10_000)).toHaveLength(kept);
  });

  it('is latched: nothing is written any more, though it would fit', () => {
    const { fault } = fillUp(journal);
    let worked = false;
    const work = () => {
      worked = true;
    };
    expect(() => journal.write(work)).toThrow(fault);
    expect(() => journal.acceptCustody(1, journal.headAt(1) ?? '')).toThrow(StorageFault);
    expect(worked).toBe(false);
  });
});
