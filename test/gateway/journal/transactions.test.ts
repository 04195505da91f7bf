import { join } from 'node:path';
import { beforeEach, describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import type { Journal, JournalWriter } from '../../../gateway/journal/journal.ts';
import { openJournal, temporaryFolder } from '../../temporary.ts';

type Stored = keyof Journal & keyof JournalWriter;

let journal: Journal;

beforeEach(() => {
  journal = openJournal(join(temporaryFolder(), 'journal.db'));
  onTestFinished(() => journal.close());
});

const order = {
  door: 'front',
  order: 'hold-open',
  by: 'kana',
  reason: 'a fair',
  sinceMs: 0,
  untilMs: null,
} as const;

describe('the stores of a journal', () => {
  it('are these, and nothing that is read of them writes', () => {
    const stores = [
      'decisions',
      'presentations',
      'stays',
      'synced',
      'doorOrders',
      'alarms',
      'carried',
      'signedHeads',
      'facts',
    ] as const;
    expectTypeOf<Stored>().toEqualTypeOf<(typeof stores)[number]>();
    expectTypeOf<{ [S in Stored]: keyof Journal[S] & keyof JournalWriter[S] }[Stored]>().toBeNever();
    const shared = journal.write((writer) =>
      stores.flatMap((store) => Object.keys(writer[store]).filter((verb) => verb in journal[store])),
    );
    expect(shared).toEqual([]);
  });

  it('are written with the commit that caches go by, and not at all where the transaction is not committed', () => {
    const { commits } = journal;
    journal.write((writer) => writer.doorOrders.put(order));
    expect({ commits: journal.commits, orders: journal.doorOrders.all() }).toEqual({
      commits: commits + 1,
      orders: [order],
    });
    expect(() =>
      journal.write((writer) => {
        writer.doorOrders.remove('front');
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(journal.doorOrders.all()).toEqual([order]);
  });

  it('give the facts that are on disk: of a transaction that is not committed nothing, also where it read them', () => {
    journal.write(({ facts }) => facts.put('mark', 'kept'));
    expect(() =>
      journal.write(({ facts, synced }) => {
        facts.put('mark', 'lost');
        facts.put('other', 'lost');
        synced.setVersion('usage', 7);
        expect(journal.facts.get('mark')).toBe('lost');
        throw new Error('no');
      }),
    ).toThrow('no');
    const { facts, synced } = journal;
    expect([facts.get('mark'), facts.get('other'), synced.version('usage')]).toEqual(['kept', null, 0]);
  });
});
