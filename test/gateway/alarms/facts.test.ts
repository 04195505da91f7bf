import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { conditionsOf } from '../../../gateway/alarms/conditions.ts';
import { alarmFacts } from '../../../gateway/alarms/facts.ts';
import { NO_LINE, type CloudLine } from '../../../gateway/uplink/cloud-line.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../shared/time.ts';
import { exampleConfig } from '../example.ts';
import { FakeController } from '../fake-controller.ts';
import { ManualClock } from '../manual-clock.ts';
import { openJournal, temporaryFolder } from '../../temporary.ts';

/** Facts of a venue with one board, whose inputs and supply are set by hand, as is the line where none is given. */
function bench(fitted?: CloudLine) {
  const journal = openJournal(join(temporaryFolder(), 'journal.db'));
  onTestFinished(() => journal.close());
  const clock = new ManualClock('2026-11-24T12:00:00+09:00');
  const controller = new FakeController('front');
  const report = (exit: boolean, supplyMv: number | null) => {
    const inputs = { contact: false, bolt: true, fire: false, tamper: false, 'relay-readback': false };
    controller.report = { ...controller.report, inputs: { ...inputs, 'exit-button': exit }, supplyMv };
  };
  let line = true;
  const trust: { staleHours: number | null } = { staleHours: null };
  const facts = alarmFacts({
    config: exampleConfig(),
    journal,
    clock,
    doors: { health: () => [] },
    readers: { health: () => [] },
    controllers: [controller],
    trust,
    certificate: null,
    denials: { floodedDoors: () => [], doorsWithoutCodes: () => [] },
    line: fitted ?? {
      isFitted: true,
      get isOnline() {
        return line;
      },
      refusal: null,
      refusedTopics: [],
    },
  });
  const kinds = () => conditionsOf(facts()).map(({ kind }) => kind);
  return { clock, journal, report, trust, kinds, setLine: (up: boolean) => (line = up) };
}

it('an exit button that is pressed for a minute without a break is stuck, and a pressed one is not', async () => {
  const { clock, report, kinds } = bench();
  report(true, 5_000);
  expect(kinds()).toEqual([]);
  await clock.advance(MINUTE_MS - 1);
  expect(kinds()).toEqual([]);
  report(false, 5_000);
  expect(kinds()).toEqual([]);
  report(true, 5_000);
  expect(kinds()).toEqual([]);
  await clock.advance(MINUTE_MS);
  expect(kinds()).toEqual(['exit-stuck']);
  report(false, 5_000);
  expect(kinds()).toEqual([]);
});

it('a supply below 4.6 V for ten seconds is low; a dip, and one that nobody knows, is not', async () => {
  const { clock, report, kinds } = bench();
  for (const [supplyMv, expected] of [
    [4_600, []],
    [null, []],
    [4_599, ['supply-low']],
  ] as const) {
    report(false, supplyMv);
    expect(kinds()).toEqual([]);
    await clock.advance(10 * SECOND_MS);
    expect(kinds()).toEqual(expected);
  }
});

it('a venue without a cloud is never without a line, and its events wait for no receipt', async () => {
  const { clock, journal, kinds } = bench(NO_LINE);
  journal.write((writer) => {
    const event = { name: 'door.secured', subject: 'front', data: { door: 'front' } } as const;
    writer.append(event, clock.wallMs(), 'trusted');
  });
  expect(kinds()).toEqual([]);
  await clock.advance(DAY_MS);
  expect(kinds()).toEqual([]);
});

it('a line that comes back within its minutes is no alarm, and the next cut counts anew', async () => {
  const { clock, setLine, kinds } = bench();
  for (let cut = 0; cut < 3; cut += 1) {
    setLine(false);
    kinds();
    await clock.advance(10 * MINUTE_MS - 1);
    expect(kinds()).toEqual([]);
    setLine(true);
    expect(kinds()).toEqual([]);
  }
  setLine(false);
  kinds();
  await clock.advance(10 * MINUTE_MS);
  expect(kinds()).toEqual(['line-down']);
});

it('old keys are an alarm for as long as they are old', () => {
  const { trust, kinds } = bench();
  trust.staleHours = 25;
  expect(kinds()).toEqual(['trust']);
  trust.staleHours = null;
  expect(kinds()).toEqual([]);
});

it('billing is late by what the gateway has run: an event from before a week without power calls nobody yet', async () => {
  const { clock, journal, kinds } = bench();
  const event = { name: 'door.secured', subject: 'front', data: { door: 'front' } } as const;
  journal.write((writer) => writer.append(event, clock.wallMs() - 7 * DAY_MS, 'trusted'));
  await clock.advance(15 * MINUTE_MS - 1);
  expect(kinds()).toEqual([]);
  await clock.advance(1);
  expect(kinds()).toEqual(['billing-late']);
  journal.acceptCustody(1, journal.head);
  expect(kinds()).toEqual([]);
});
