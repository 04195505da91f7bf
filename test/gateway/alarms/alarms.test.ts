import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { Alarms } from '../../../gateway/alarms/alarms.ts';
import { MINUTE_MS } from '../../../shared/time.ts';
import { ManualClock } from '../manual-clock.ts';
import { openJournal, temporaryFolder } from '../../temporary.ts';
import { WELL, door } from './well.ts';

/** The alarms of a venue whose facts are set by hand. */
function bench() {
  const journal = openJournal(join(temporaryFolder(), 'journal.db'));
  onTestFinished(() => journal.close());
  const clock = new ManualClock('2026-11-24T12:00:00+09:00');
  const log = pino({ level: 'silent' });
  let facts = WELL;
  const open = () => new Alarms({ journal, clock, facts: () => facts, log });
  let alarms = open();
  return {
    clock,
    open: () => alarms.open(),
    set: (over: Partial<typeof WELL>) => {
      facts = { ...WELL, ...over };
      alarms.look();
    },
    restart: () => {
      alarms = open();
    },
  };
}

const forced = { doors: door({ alarms: ['forced-open'] }) };

it('what comes, goes and comes again before anybody saw it is one alarm, with its first time and its latest', async () => {
  const { clock, open, set, restart } = bench();
  const firstMs = clock.wallMs();
  set(forced);
  expect(open()).toMatchObject([{ state: 'active', raisedMs: firstMs, latestMs: firstMs, count: 1 }]);
  await clock.advance(MINUTE_MS);
  set({});
  await clock.advance(MINUTE_MS);
  set(forced);
  const again = { state: 'active', raisedMs: firstMs, latestMs: firstMs + 2 * MINUTE_MS, count: 2 };
  expect(open()).toMatchObject([again]);
  restart();
  expect(open()).toMatchObject([again]);
});

it('the gravest stands first, however old it is, and of one kind whichever was raised last', async () => {
  const { clock, open, set } = bench();
  const doors = (...names: string[]) =>
    names.flatMap((name) => door({ door: name, alarms: ['forced-open'] }));
  set({ doors: doors('front') });
  await clock.advance(MINUTE_MS);
  set({ doors: doors('front', 'back') });
  await clock.advance(MINUTE_MS);
  set({ doors: doors('front', 'back'), clock: 'untrusted' });
  expect(open().map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
    'forced-open back',
    'forced-open front',
    expect.stringMatching(/^clock /),
  ]);
});
