import { describe, expect, it } from 'vitest';
import { forget } from '../../../gateway/journal/forgetting.ts';
import { openJournal } from '../../temporary.ts';
import { TestPhone, code } from '../signing.ts';
import { said, Walk } from './walk.ts';

const seat = {
  kind: 'reservation',
  id: 'r-1',
  venue: 'shibuya-1',
  space: { id: 'seat-1', kind: 'seat' },
  start: '2025-10-20T09:00:00+09:00',
  end: '2025-10-20T12:00:00+09:00',
  yenPer30Min: 500,
  role: 'user',
};

const JUNK = Buffer.from('GK1.a~b');

const denials = (walk: Walk) =>
  walk.events().flatMap(({ name, data }) => (name === 'access.denied' ? [data] : []));

async function flood(walk: Walk, times: number): Promise<void> {
  for (let shown = 0; shown < times; shown += 1) await walk.show(JUNK);
}

describe('A reader that is held a thousand bad codes', () => {
  it('refuses all of them, records thirty, and tells with the next one how many it did not', async () => {
    const walk = await Walk.start();
    await flood(walk, 1_000);
    expect(walk.front.signals.filter((signal) => signal === 'denied')).toHaveLength(1_000);
    expect(denials(walk)).toHaveLength(30);

    await walk.clock.advance(60_000);
    await walk.show(JUNK);
    expect(denials(walk)).toHaveLength(31);
    expect(denials(walk).at(-1)).toMatchObject({ reason: 'unreadable', unrecorded: 970 });
  });

  it('lets the next member in at once, and records it', async () => {
    const walk = await Walk.start();
    await flood(walk, 1_000);

    expect(said(await walk.show(walk.code(walk.pass([seat]))))).toBe('check-in');
    expect(walk.names().slice(-2)).toEqual(['access.granted', 'stay.checked-in']);
    expect(walk.front.leases).toHaveLength(1);
  });

  it('still records who is refused there with a genuine pass', async () => {
    const walk = await Walk.start();
    await flood(walk, 1_000);

    expect(said(await walk.show(walk.code(walk.pass([]))))).toBe('no-reservation');
    expect(denials(walk).at(-1)).toMatchObject({ reason: 'no-reservation', sub: 'u-1' });
  });

  it('raises the alarm of its door, which ends five minutes after the last of them', async () => {
    const walk = await Walk.start();
    await flood(walk, 30);
    expect(walk.denials.floodedDoors()).toEqual([]);
    await flood(walk, 1);
    expect(walk.denials.floodedDoors()).toEqual(['front']);
    await walk.clock.advance(300_000);
    expect(walk.denials.floodedDoors()).toEqual([]);
  });
});

describe('A member with a genuine pass', () => {
  it('who is refused without end is recorded thirty times, and is in as soon as there is a reservation', async () => {
    const walk = await Walk.start();
    // Stale: each is decided on its own, where fresh ones within ten seconds would be one.
    const stale = () => {
      const pass = walk.pass([]);
      return code(pass, walk.phone.doorProof(pass, walk.nowS() - 60));
    };
    for (let shown = 0; shown < 100; shown += 1) expect(said(await walk.show(stale()))).toBe('proof-stale');
    expect(denials(walk)).toHaveLength(30);

    expect(said(await walk.show(walk.code(walk.pass([seat]))))).toBe('check-in');
  });

  it('who asks again and again within ten seconds of an entry is answered thirty times, and then no more', async () => {
    const walk = await Walk.start();
    const again = () => walk.show(walk.code(walk.pass([seat])));
    const answers = [];
    for (let shown = 0; shown < 40; shown += 1) answers.push(said(await again()));
    expect(answers).toEqual([...Array<string>(31).fill('check-in'), ...Array<string>(9).fill('too-many')]);

    const other = new TestPhone(walk.issuer);
    const pass = other.pass(walk.nowS(), { sub: 'u-2', ent: [{ ...seat, id: 'r-2' }] });
    expect(said(await walk.show(code(pass, other.doorProof(pass, walk.nowS()))))).toBe('check-in');
  });
});

describe('A member who fills the replay store', () => {
  const first = { iss: 'https://issuer.example', sub: 'u-1' };

  it('has 300 places of it: at the entrance there is none for the next code, and one two minutes later', async () => {
    const walk = await Walk.start();
    const show = () => walk.show(walk.code(walk.pass([seat])));
    expect(said(await show())).toBe('check-in');
    let left = 0;
    while (walk.denials.takePlace(first)) left += 1;
    expect(left).toBe(299);
    await walk.clock.advance(11_000);

    const before = walk.journal.presentations.count();
    expect(said(await show())).toBe('too-many');
    expect(walk.journal.presentations.count()).toBe(before);
    await walk.clock.advance(109_000);
    expect(said(await show())).toBe('re-entry');
  });

  it('keeps nobody else out, and is let out', async () => {
    const walk = await Walk.start();
    expect(said(await walk.show(walk.code(walk.pass([seat]))))).toBe('check-in');
    while (walk.denials.takePlace(first));
    const other = new TestPhone(walk.issuer);
    const pass = other.pass(walk.nowS(), { sub: 'u-2', ent: [{ ...seat, id: 'r-2' }] });
    expect(said(await walk.show(code(pass, other.doorProof(pass, walk.nowS()))))).toBe('check-in');

    const before = walk.journal.presentations.count();
    expect(said(await walk.show(walk.code(walk.pass([])), 'exit'))).toBe('check-out');
    expect(said(await walk.show(walk.code(walk.pass([])), 'exit'))).toBe('check-out');
    expect(walk.journal.presentations.count()).toBe(before);
  });
});

describe('A replay store that is full', () => {
  const small = (path: string) => openJournal(path, { presentationsMax: 1 });

  it('lets nobody in, forgets nothing that could be shown again, and lets everybody out', async () => {
    const walk = await Walk.start({}, small);
    const shown = walk.code(walk.pass([seat]));
    expect(said(await walk.show(shown))).toBe('check-in');
    await walk.clock.advance(11_000);

    expect(said(await walk.show(walk.code(walk.pass([seat]))))).toBe('storage-degraded');
    expect(said(await walk.show(shown, 'entry', 'back'))).toBe('replay');
    const pulsed = walk.front.leases.length;
    expect(said(await walk.show(walk.code(walk.pass([])), 'exit'))).toBe('check-out');
    expect(walk.front.leases.length).toBeGreaterThan(pulsed);
    expect(denials(walk).map(({ reason }) => reason)).toEqual(['storage-degraded', 'replay']);
  });

  it('lets in again when what it holds is refused for its age', async () => {
    const walk = await Walk.start({}, small);
    await walk.show(walk.code(walk.pass([seat])));
    await walk.clock.advance(60_000);
    expect(said(await walk.show(walk.code(walk.pass([seat]))))).toBe('storage-degraded');
    forget(walk.journal, walk.clock.wallMs());
    // Sooner it would be a retry of the denial.
    await walk.clock.advance(11_000);

    expect(said(await walk.show(walk.code(walk.pass([seat]))))).toBe('re-entry');
  });
});
