import { describe, expect, it } from 'vitest';
import { Sqlite } from '../../../gateway/journal/sqlite.ts';
import { parseEvent } from '../../../shared/contract/events.ts';
import { room, seat, ticket } from '../access/told.ts';
import { code } from '../signing.ts';
import { EPOCH, LEASE_BASE } from '../../temporary.ts';
import { answerOf, said, Walk } from './walk.ts';

describe('a grant', () => {
  it('is on disk with its stay and its events before the lock is pulsed', async () => {
    const walk = await Walk.start();
    const other = new Sqlite(walk.path, { readonly: true });
    const found: unknown[] = [];
    walk.front.onPulse = () => {
      found.push(
        other.prepare('SELECT state FROM decisions').all(),
        other.prepare('SELECT id, state FROM stays').all(),
        other.prepare('SELECT count(*) AS events FROM events').all(),
      );
    };
    expect(said(await walk.show(walk.code(walk.pass([seat()]))))).toBe('check-in');
    other.close();
    expect(found).toEqual([[{ state: 'pending' }], [{ id: `${EPOCH}-1`, state: 'open' }], [{ events: 2 }]]);
  });

  it('is one lease of the door’s pulse, and a signal to the member', async () => {
    const walk = await Walk.start();
    await walk.show(walk.code(walk.pass([seat()])));
    expect(walk.front.leases).toEqual([{ id: LEASE_BASE + 2, durationMs: 3_000 }]);
    expect(walk.front.signals).toEqual(['granted']);
    expect(walk.journal.decisions.get(1)).toMatchObject({ state: 'released', leases: 1 });
  });

  it('is taken when the door opens, once', async () => {
    const walk = await Walk.start();
    await walk.show(walk.code(walk.pass([seat()])));
    await walk.clock.advance(2_000);
    walk.open();
    walk.open();
    await walk.clock.advance(60_000);
    expect(walk.names()).toEqual(['access.granted', 'stay.checked-in', 'access.taken']);
  });

  it('is taken in the transaction of the opening', async () => {
    const walk = await Walk.start();
    await walk.show(walk.code(walk.pass([seat()])));
    const { commits, lastSeq } = walk.journal;
    walk.open();
    const told = walk.journal.eventsAfter(lastSeq, 10).map(({ body }) => parseEvent(JSON.parse(body)));
    expect(told.map(({ name }) => name)).toEqual(['access.taken', 'door.opened']);
    expect(told.at(-1)?.data).toMatchObject({ grant: 1 });
    expect(walk.journal.commits).toBe(commits + 1);
  });

  it.each([
    [7_999, 'access.taken'],
    [8_000, 'access.not-taken'],
  ])('whose door opens %i ms after a pulse of 3 s and 5 s of grace: %s', async (afterMs, expected) => {
    const walk = await Walk.start();
    await walk.show(walk.code(walk.pass([seat()])));
    await walk.clock.advance(afterMs);
    walk.open();
    expect(walk.names().at(-1)).toBe(expected);
  });

  it('that nobody took is told and voids nothing: the lock was released', async () => {
    const walk = await Walk.start();
    await walk.show(walk.code(walk.pass([seat()])));
    await walk.clock.advance(8_000);
    expect(walk.events().at(-1)).toMatchObject({
      name: 'access.not-taken',
      data: { reason: 'not-opened', grant: 1 },
    });
    expect(walk.journal.stays.countOpen()).toBe(1);
  });
});

describe('the same code', () => {
  it('at the same reader within 10 seconds is ignored: no event, no signal, no lease', async () => {
    const walk = await Walk.start();
    const bytes = walk.code(walk.pass([seat()]));
    await walk.show(bytes);
    await walk.clock.advance(10_000);
    const before = walk.events().length;
    expect(said(await walk.show(bytes))).toBe('ignored');
    expect(walk.events()).toHaveLength(before);
    expect(walk.front.signals).toEqual(['granted']);
    expect(walk.front.leases).toHaveLength(1);
  });

  it('later is a replay', async () => {
    const walk = await Walk.start();
    const bytes = walk.code(walk.pass([seat()]));
    await walk.show(bytes);
    await walk.clock.advance(10_001);
    expect(said(await walk.show(bytes))).toBe('replay');
    expect(walk.events().at(-1)).toMatchObject({
      name: 'access.denied',
      data: { reason: 'replay', sub: 'u-1' },
    });
  });

  it.each([
    ['the other side', 'exit', 'front'],
    ['another door', 'entry', 'back'],
  ] as const)('at %s is a replay at once', async (_, side, door) => {
    const walk = await Walk.start();
    const bytes = walk.code(walk.pass([seat()]));
    await walk.show(bytes);
    expect(said(await walk.show(bytes, side, door))).toBe('replay');
  });

  it('is recognised by its jti: another proof with it is no other code', async () => {
    const walk = await Walk.start();
    const pass = walk.pass([seat()]);
    await walk.show(walk.code(pass, 'p-1'));
    await walk.clock.advance(11_000);
    expect(said(await walk.show(walk.code(pass, 'p-1')))).toBe('replay');
  });

  it('is still a replay after the process died', async () => {
    const walk = await Walk.start();
    const bytes = walk.code(walk.pass([seat()]));
    await walk.show(bytes);
    await walk.restart();
    expect(said(await walk.show(bytes, 'exit'))).toBe('replay');
  });

  it('replayed by somebody else does not speak for the member who comes next', async () => {
    const walk = await Walk.start();
    const pass = walk.pass([seat()]);
    const copied = walk.code(pass);
    await walk.show(copied);
    await walk.clock.advance(11_000);
    expect(said(await walk.show(copied))).toBe('replay');
    expect(said(await walk.show(walk.code(pass)))).toBe('re-entry');
  });

  it('shown too late does not speak for the fresh one after it', async () => {
    const walk = await Walk.start();
    const pass = walk.pass([seat()]);
    const stale = walk.code(pass);
    await walk.clock.advance(20_000);
    expect(said(await walk.show(stale))).toBe('proof-stale');
    expect(said(await walk.show(walk.code(pass)))).toBe('check-in');
  });
});

describe('a fresh proof', () => {
  it('within 10 seconds returns the first decision, with no second event, use or lease', async () => {
    const walk = await Walk.start();
    const pass = walk.pass([ticket()]);
    const first = await walk.show(walk.code(pass));
    await walk.clock.advance(2_000);
    expect(answerOf(await walk.show(walk.code(pass)))).toEqual(answerOf(first));
    expect(walk.names()).toEqual(['access.granted', 'stay.checked-in']);
    expect(walk.journal.stays.usesOf({ iss: walk.issuer.iss, id: 't-1' }, 0)).toHaveLength(1);
    expect(walk.front.leases).toHaveLength(1);
    expect(walk.front.signals).toEqual(['granted', 'granted']);
  });

  it('after 10 seconds is decided anew', async () => {
    const walk = await Walk.start();
    const pass = walk.pass([seat()]);
    await walk.show(walk.code(pass));
    await walk.clock.advance(10_001);
    expect(said(await walk.show(walk.code(pass)))).toBe('re-entry');
  });

  it('a second after a denial is decided anew: who was too early at 10:59:59 is checked in at 11:00:00', async () => {
    const walk = await Walk.start();
    const pass = walk.pass([seat({ from: '11:00' })]);
    await walk.clock.advance(3600_000 - 1_000);
    expect(said(await walk.show(walk.code(pass)))).toBe('too-early');
    await walk.clock.advance(1_000);
    expect(said(await walk.show(walk.code(pass)))).toBe('check-in');
    expect(walk.names()).toEqual(['access.denied', 'access.granted', 'stay.checked-in']);
  });

  it('at the exit closes no second stay, also when the pass has expired meanwhile', async () => {
    const walk = await Walk.start();
    const pass = walk.pass([seat(), room()], { exp: walk.nowS() + 30 });
    await walk.show(walk.code(pass));
    await walk.clock.advance(11_000);
    expect(said(await walk.show(walk.code(pass)))).toBe('check-in');
    await walk.clock.advance(60_000);
    expect(said(await walk.show(walk.code(pass), 'exit'))).toBe('check-out');
    expect(said(await walk.show(walk.code(pass), 'exit'))).toBe('check-out');
    expect(walk.journal.stays.countOpen()).toBe(1);
    expect(walk.names().filter((name) => name === 'charge.computed')).toHaveLength(1);
  });

  it('of another member is another wish', async () => {
    const walk = await Walk.start();
    await walk.show(walk.code(walk.pass([seat()])));
    expect(said(await walk.show(walk.code(walk.pass([seat({ id: 'r-8' })], { sub: 'u-2' }))))).toBe(
      'check-in',
    );
    expect(walk.journal.stays.countOpen()).toBe(2);
  });

  it('after a missed pulse sends exactly one more lease, with another id', async () => {
    const walk = await Walk.start();
    const pass = walk.pass([seat()]);
    await walk.show(walk.code(pass));
    for (const afterMs of [3_000, 3_500, 3_000]) {
      await walk.clock.advance(afterMs);
      await walk.show(walk.code(pass));
    }
    expect(walk.front.leases.map(({ id }) => id)).toEqual([LEASE_BASE + 2, LEASE_BASE + 3]);
    walk.open();
    expect(walk.names()).toEqual(['access.granted', 'stay.checked-in', 'access.taken']);
  });

  it('after the door was opened sends no other lease', async () => {
    const walk = await Walk.start();
    const pass = walk.pass([seat()]);
    await walk.show(walk.code(pass));
    walk.open();
    await walk.clock.advance(4_000);
    await walk.show(walk.code(pass));
    expect(walk.front.leases).toHaveLength(1);
  });
});

describe('a denial', () => {
  it('for bytes that nobody can read is journalled and pulses nothing', async () => {
    const walk = await Walk.start();
    expect(said(await walk.show(Buffer.from('https://example.com')))).toBe('unreadable');
    expect(walk.events()).toMatchObject([
      { name: 'access.denied', data: { reason: 'unreadable', sub: null, presentation: null } },
    ]);
    expect(walk.front).toMatchObject({ leases: [], signals: ['denied'] });
  });

  it('while the controller is offline is door-offline, and costs no use', async () => {
    const walk = await Walk.start();
    walk.front.online = false;
    expect(said(await walk.show(walk.code(walk.pass([ticket()]))))).toBe('door-offline');
    expect(walk.journal.stays.usesOf({ iss: walk.issuer.iss, id: 't-1' }, 0)).toEqual([]);
    expect(walk.front.leases).toEqual([]);
  });

  it('for a nonce is none: nothing is written, and the tap with the right one is decided', async () => {
    const walk = await Walk.start();
    const pass = walk.pass([seat()]);
    expect(said(await walk.tap(pass, walk.phone.dpop(pass, walk.nowS())))).toBe('nonce-needed');
    expect(walk.events()).toEqual([]);
    const nonce = walk.nonces.issue();
    expect(said(await walk.tap(pass, walk.phone.dpop(pass, walk.nowS(), { nonce })))).toBe('check-in');
    expect(walk.events()[0]).toMatchObject({ name: 'access.granted', data: { via: 'page' } });
  });
});

describe('a check-out', () => {
  it('with an expired pass charges and pulses; the same pass never enters', async () => {
    const walk = await Walk.start();
    const pass = walk.pass([seat()], { exp: walk.nowS() + 60 });
    await walk.show(walk.code(pass));
    await walk.clock.advance(30 * 60_000);
    expect(said(await walk.show(walk.code(pass)))).toBe('pass-expired');
    expect(answerOf(await walk.show(walk.code(pass), 'exit'))).toMatchObject({
      kind: 'check-out',
      yen: 2_000,
    });
    expect(walk.front.leases).toHaveLength(2);
  });

  it('whose lease nobody answers stands: the bill is closed, only the door was not', async () => {
    const walk = await Walk.start();
    const pass = walk.pass([seat()]);
    await walk.show(walk.code(pass));
    await walk.clock.advance(20_000);
    walk.front.outcome = 'unreachable';
    await walk.show(walk.code(pass), 'exit');
    await walk.clock.advance(11_000);
    expect(walk.names().slice(-2)).toEqual(['reservation.shortened', 'access.not-taken']);
    expect(walk.journal.stays.get(`${EPOCH}-1`)?.state).toBe('checked-out');
  });

  it('of a reservation over several days is the only one: coming back on the third day opens no second stay', async () => {
    const walk = await Walk.start({ hours: null });
    const ent = [seat({ to: '2025-10-23T12:00:00+09:00' })];
    await walk.show(walk.code(walk.pass(ent)));
    await walk.clock.advance(3600_000);
    walk.front.outcome = 'accepted';
    await walk.clock.advance(47 * 3600_000);
    expect(said(await walk.show(walk.code(walk.pass(ent)), 'exit'))).toBe('check-out');
    await walk.clock.advance(60_000);
    expect(said(await walk.show(walk.code(walk.pass(ent))))).toBe('re-entry');
  });
});

it('a mailed code of a guest opens the way in and the way out, and no second time while the guest is inside', async () => {
  const walk = await Walk.start();
  await walk.show(walk.code(walk.pass([room()], { sub: 'u-9' })));
  const guest = { kind: 'reservation', id: 'r-3', venue: 'shibuya-1', space: { id: 'room-1', kind: 'room' } };
  const times = { start: '2025-10-20T09:00:00+09:00', end: '2025-10-20T12:00:00+09:00' };
  const ent = [{ ...guest, ...times, yenPer30Min: 0, role: 'guest', host: 'u-9' }];
  const mailed = code(walk.pass(ent, { cnf: undefined }), null);
  expect(said(await walk.show(mailed))).toBe('check-in');
  await walk.clock.advance(11_000);
  expect(said(await walk.show(mailed))).toBe('passback');
  await walk.clock.advance(11_000);
  expect(said(await walk.show(mailed, 'exit'))).toBe('check-out');
});

it('a mailed code shown again within ten seconds is the same wish: one check-in', async () => {
  const walk = await Walk.start();
  await walk.show(walk.code(walk.pass([room()], { sub: 'u-9' })));
  const guest = { kind: 'reservation', id: 'r-3', venue: 'shibuya-1', space: { id: 'room-1', kind: 'room' } };
  const times = { start: '2025-10-20T09:00:00+09:00', end: '2025-10-20T12:00:00+09:00' };
  const ent = [{ ...guest, ...times, yenPer30Min: 0, role: 'guest', host: 'u-9' }];
  const mailed = code(walk.pass(ent, { cnf: undefined }), null);
  await walk.show(mailed);
  const before = walk.names().length;
  await walk.clock.advance(9_000);
  expect(said(await walk.show(mailed))).toBe('check-in');
  expect(walk.names().filter((name) => name === 'stay.checked-in')).toHaveLength(2);
  expect(walk.names().slice(before)).not.toContain('access.granted');
});
