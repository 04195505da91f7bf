import { describe, expect, it } from 'vitest';
import { room, seat, ticket } from '../access/told.ts';
import { beginEpoch } from '../../../gateway/journal/successor.ts';
import { EPOCH, fillUp, LEASE_BASE, openNearlyFull } from '../../temporary.ts';
import { DOOR_URL } from '../signing.ts';
import { answerOf, recordClock, said, Walk } from './walk.ts';

describe('a lease that nobody answers', () => {
  it('is offered with one id until the grant is 10 seconds old; then the stay is voided and the use given back', async () => {
    const walk = await Walk.start();
    walk.front.outcome = 'unreachable';
    const pass = walk.pass([ticket()]);
    await walk.show(walk.code(pass));
    await walk.clock.advance(9_999);
    expect(walk.names()).toEqual(['access.granted', 'stay.checked-in']);
    await walk.clock.advance(251);
    expect(walk.names()).toEqual(['access.granted', 'stay.checked-in', 'access.not-taken', 'stay.voided']);
    expect(walk.events().at(2)).toMatchObject({
      data: { reason: 'pulse-failed', grant: 1, stay: `${EPOCH}-1` },
    });
    expect(new Set(walk.front.leases.map(({ id }) => id))).toEqual(new Set([LEASE_BASE + 2]));
    expect(walk.journal.stays.usesOf({ iss: walk.issuer.iss, id: 't-1' }, 0)).toEqual([]);
    expect(walk.journal.stays.countOpen()).toBe(0);
  });

  it('is sent no more once it was voided', async () => {
    const walk = await Walk.start();
    walk.front.outcome = 'unreachable';
    await walk.show(walk.code(walk.pass([seat()])));
    await walk.clock.advance(10_250);
    const sent = walk.front.leases.length;
    walk.front.outcome = 'accepted';
    await walk.clock.advance(60_000);
    expect(walk.front.leases).toHaveLength(sent);
  });

  it('and is answered at last opens the door: nothing is voided', async () => {
    const walk = await Walk.start();
    walk.front.outcome = 'unreachable';
    await walk.show(walk.code(walk.pass([seat()])));
    await walk.clock.advance(5_000);
    walk.front.outcome = 'repeated';
    await walk.clock.advance(250);
    expect(walk.journal.decisions.get(1)?.state).toBe('released');
    walk.open();
    expect(walk.names()).toEqual(['access.granted', 'stay.checked-in', 'access.taken']);
  });

  it('but opened the door is taken when the controller says that it had it', async () => {
    const walk = await Walk.start();
    walk.front.outcome = 'unreachable';
    await walk.show(walk.code(walk.pass([seat()])));
    walk.open();
    walk.front.outcome = 'repeated';
    await walk.clock.advance(60_000);
    expect(walk.names()).toEqual(['access.granted', 'stay.checked-in', 'access.taken']);
  });

  it('voids no stay whose member came in by the other door', async () => {
    const walk = await Walk.start();
    walk.front.outcome = 'unreachable';
    const pass = walk.pass([seat()]);
    await walk.show(walk.code(pass));
    expect(said(await walk.show(walk.code(pass), 'entry', 'back'))).toBe('re-entry');
    walk.open(walk.back);
    await walk.clock.advance(11_000);
    expect(walk.names().slice(-1)).toEqual(['access.not-taken']);
    expect(walk.journal.stays.countOpen()).toBe(1);
  });

  it.each([
    ['accepted', ['access.not-taken'], 1],
    ['unreachable', ['access.not-taken', 'access.not-taken', 'stay.voided'], 0],
  ] as const)(
    'leaves a stay to the other door, at which its member has just shown a code: %s',
    async (outcome, names, open) => {
      const walk = await Walk.start();
      walk.front.outcome = 'unreachable';
      walk.back.outcome = 'unreachable';
      const pass = walk.pass([seat()]);
      await walk.show(walk.code(pass));
      await walk.clock.advance(9_900);
      expect(said(await walk.show(walk.code(pass), 'entry', 'back'))).toBe('re-entry');
      await walk.clock.advance(1_000);
      expect(walk.names().slice(-1)).toEqual(['access.not-taken']);
      walk.back.outcome = outcome;
      await walk.clock.advance(10_000);
      const after = walk.names().slice(walk.names().indexOf('access.not-taken'));
      expect(after.slice(0, names.length)).toEqual(names);
      expect(walk.journal.stays.countOpen()).toBe(open);
    },
  );

  it('voids a ticket’s visit that the next one, by the other door, has ended meanwhile: one use is given back, one stands', async () => {
    const walk = await Walk.start({ ticket: { reentry: false } });
    walk.front.outcome = 'unreachable';
    const pass = walk.pass([ticket()]);
    await walk.show(walk.code(pass));
    await walk.clock.advance(5_000);
    expect(said(await walk.show(walk.code(pass), 'entry', 'back'))).toBe('check-in');
    walk.open(walk.back);
    await walk.clock.advance(6_000);
    expect(walk.events().at(-1)).toMatchObject({ name: 'stay.voided', data: { stay: `${EPOCH}-1` } });
    expect(walk.journal.stays.usesOf({ iss: walk.issuer.iss, id: 't-1' }, 0)).toHaveLength(1);
    expect(walk.journal.stays.open().map(({ id }) => id)).toEqual([`${EPOCH}-2`]);
  });

  it('voids no visit whose member has scanned out: they were inside, whatever the board said', async () => {
    const walk = await Walk.start();
    walk.front.outcome = 'unreachable';
    const pass = walk.pass([ticket()]);
    await walk.show(walk.code(pass));
    await walk.clock.advance(5_000);
    expect(said(await walk.show(walk.code(pass), 'exit'))).toBe('check-out');
    await walk.clock.advance(11_000);
    expect(walk.names().slice(-2)).toEqual(['access.not-taken', 'access.not-taken']);
    expect(walk.journal.stays.usesOf({ iss: walk.issuer.iss, id: 't-1' }, 0)).toHaveLength(1);
  });

  it('voids no stay that no grant opened: an operator knows who is inside', async () => {
    const walk = await Walk.start();
    const pass = walk.pass([seat()]);
    await walk.show(walk.code(pass));
    walk.open();
    const [stay] = walk.journal.stays.open();
    if (stay === undefined) throw new Error('nobody is inside');
    walk.journal.write((writer) => {
      writer.stays.put({ ...stay, grant: null });
      writer.decisions.setGrant(1, 'pulse-failed', 1);
    });
    walk.back.outcome = 'unreachable';
    expect(said(await walk.show(walk.code(pass), 'entry', 'back'))).toBe('re-entry');
    await walk.clock.advance(11_000);
    expect(walk.names().slice(-1)).toEqual(['access.not-taken']);
    expect(walk.journal.stays.countOpen()).toBe(1);
  });

  it('is sent no more once the driver says that a secure superseded it', async () => {
    const walk = await Walk.start();
    walk.front.outcome = 'superseded';
    await walk.show(walk.code(walk.pass([seat()])));
    walk.front.outcome = 'accepted';
    await walk.clock.advance(11_000);
    expect(walk.front.leases).toHaveLength(1);
    expect(walk.names().at(-1)).toBe('stay.voided');
  });

  it('lets nobody in once other passes are revoked, unless a code is shown again; it still lets out', async () => {
    const walk = await Walk.start();
    const leaving = walk.pass([seat()]);
    await walk.show(walk.code(leaving));
    walk.open();
    await walk.clock.advance(20_000);
    walk.front.outcome = 'unreachable';
    walk.back.outcome = 'unreachable';
    const entering = walk.pass([ticket()], { sub: 'u-2' });
    await walk.show(walk.code(entering));
    await walk.show(walk.code(leaving), 'exit', 'back');
    walk.grants.withdrawEntries();
    walk.front.outcome = 'accepted';
    walk.back.outcome = 'accepted';
    const sent = { front: walk.front.leases.length, back: walk.back.leases.length };
    await walk.clock.advance(2_000);
    expect(walk.front.leases).toHaveLength(sent.front);
    expect(walk.back.leases).toHaveLength(sent.back + 1);
    await walk.show(walk.code(entering));
    await walk.clock.advance(250);
    expect(walk.front.leases).toHaveLength(sent.front + 1);
  });

  it('to a member who tries again meanwhile is no second grant', async () => {
    const walk = await Walk.start();
    walk.front.outcome = 'unreachable';
    const pass = walk.pass([seat()]);
    await walk.show(walk.code(pass));
    await walk.clock.advance(4_000);
    expect(said(await walk.show(walk.code(pass)))).toBe('check-in');
    await walk.clock.advance(7_000);
    expect(walk.names()).toEqual(['access.granted', 'stay.checked-in', 'access.not-taken', 'stay.voided']);
  });
});

describe('after a crash between the commit and the pulse', () => {
  const crashedWalk = async (): Promise<Walk> => {
    const walk = await Walk.start();
    walk.front.outcome = 'unreachable';
    await walk.show(walk.code(walk.pass([seat()])));
    walk.front.leases.length = 0;
    return walk;
  };

  it('a grant of 9.999 seconds is offered again, with the same lease id', async () => {
    const walk = await crashedWalk();
    walk.front.outcome = 'accepted';
    walk.crash();
    await walk.clock.advance(9_999);
    await walk.restart();
    expect(walk.front.leases).toEqual([{ id: LEASE_BASE + 2, durationMs: 3_000 }]);
    expect(walk.journal.decisions.get(1)?.state).toBe('released');
  });

  it('a member whose sub reads like an operator’s is a member: the grant of 9.999 seconds is offered again', async () => {
    const walk = await Walk.start();
    walk.front.outcome = 'unreachable';
    await walk.show(walk.code(walk.pass([seat()], { sub: 'operator:1' })));
    walk.front.leases.length = 0;
    walk.front.outcome = 'accepted';
    walk.crash();
    await walk.clock.advance(9_999);
    await walk.restart();
    expect(walk.front.leases).toHaveLength(1);
  });

  it('a grant of 10 seconds is voided and not offered', async () => {
    const walk = await crashedWalk();
    walk.front.outcome = 'accepted';
    walk.crash();
    await walk.clock.advance(10_000);
    await walk.restart();
    expect(walk.front.leases).toEqual([]);
    expect(walk.names().slice(-2)).toEqual(['access.not-taken', 'stay.voided']);
  });

  it('a grant of 10 seconds whose lease the controller obeyed last is no failed pulse', async () => {
    const walk = await crashedWalk();
    walk.front.report = { ...walk.front.report, lastLeaseId: LEASE_BASE + 2 };
    walk.crash();
    await walk.clock.advance(10_000);
    await walk.restart();
    expect(walk.front.leases).toEqual([]);
    expect(walk.journal.decisions.get(1)?.state).toBe('released');
    expect(walk.names()).not.toContain('stay.voided');
  });

  it('a grant of 10 seconds waits for a controller that is still silent before it is voided', async () => {
    const walk = await crashedWalk();
    walk.front.online = false;
    walk.crash();
    await walk.clock.advance(10_000);
    await walk.restart();
    await walk.clock.advance(9_000);
    expect(walk.journal.decisions.get(1)?.state).toBe('pending');
    walk.front.online = true;
    await walk.clock.advance(1_000);
    expect(walk.names().at(-1)).toBe('stay.voided');
  });

  it('a grant is not offered again by a clock that nobody vouches for, though it stands within ten seconds of it', async () => {
    const walk = await crashedWalk();
    walk.front.outcome = 'accepted';
    walk.crash();
    // The power was away for hours, and the clock goes on from where it was kept last.
    walk.clock.trusted = 'untrusted';
    await walk.clock.advance(5_000);
    await walk.restart();
    expect(walk.front.leases).toEqual([]);
    expect(walk.names().at(-1)).toBe('stay.voided');
  });

  it('a grant of 13 seconds is not offered again by a clock that was set back 11 seconds after it', async () => {
    const walk = await crashedWalk();
    walk.front.outcome = 'accepted';
    const record = recordClock(walk);
    walk.clock.set(new Date(walk.clock.wallMs() - 11_000).toISOString(), 'trusted');
    record.close();
    walk.crash();
    await walk.clock.advance(13_000);
    await walk.restart();
    expect(walk.front.leases).toEqual([]);
    expect(walk.names().at(-1)).toBe('stay.voided');
  });

  it('a grant that a new epoch took over keeps its lease id: one that the controller obeyed is no failed pulse', async () => {
    const walk = await crashedWalk();
    walk.front.report = { ...walk.front.report, lastLeaseId: LEASE_BASE + 2 };
    walk.crash();
    await walk.clock.advance(10_000);
    const birth = { epoch: '01JD1111111111111111111111', leaseBase: 77_000 };
    beginEpoch({ path: walk.path, from: walk.path, aside: `${walk.path}.aside`, birth });
    await walk.restart();
    expect(walk.journal.decisions.get(1)?.state).toBe('released');
    expect(walk.names()).not.toContain('stay.voided');
    walk.front.outcome = 'accepted';
    await walk.clock.advance(60_000);
    await walk.show(walk.code(walk.pass([ticket()], { sub: 'u-2' })));
    expect(walk.front.leases.map(({ id }) => id)).toEqual([77_000 + 4]);
  });

  it('a grant from the future, of a clock that was turned back, is voided', async () => {
    const walk = await crashedWalk();
    walk.front.outcome = 'accepted';
    walk.crash();
    walk.clock.jumpTo('2025-10-20T09:00:00+09:00');
    await walk.restart();
    expect(walk.front.leases).toEqual([]);
    expect(walk.names().at(-1)).toBe('stay.voided');
  });

  it('a door that was released is watched on, and its opening is the member’s', async () => {
    const walk = await Walk.start();
    await walk.show(walk.code(walk.pass([seat()])));
    await walk.restart();
    walk.open();
    expect(walk.names().at(-1)).toBe('access.taken');
    expect(walk.front.leases).toHaveLength(1);
  });

  it('a grant that was concluded is left alone', async () => {
    const walk = await crashedWalk();
    await walk.clock.advance(10_250);
    const before = walk.names();
    await walk.restart();
    await walk.clock.advance(60_000);
    expect(walk.names()).toEqual(before);
  });
});

describe('a disk that fails', () => {
  it('is a denial at the entry: nothing is granted, pulsed or written any more', async () => {
    const walk = await Walk.start({}, openNearlyFull);
    fillUp(walk.journal);
    expect(said(await walk.show(walk.code(walk.pass([seat()]))))).toBe('storage-degraded');
    expect(walk.front.leases).toEqual([]);
    expect(walk.events()).toEqual([]);
    expect(walk.front.signals).toEqual(['denied']);
  });

  it('keeps nobody in: the exit opens, and the check-out is committed at its own instant when it can be', async () => {
    const walk = await Walk.start({}, openNearlyFull);
    const pass = walk.pass([seat()]);
    await walk.show(walk.code(pass));
    fillUp(walk.journal);
    await walk.clock.advance(60_000);
    const leftAtMs = walk.clock.wallMs();
    const code = walk.code(pass);
    expect(said(await walk.show(code, 'exit'))).toBe('check-out');
    expect(said(await walk.show(code, 'exit'))).toBe('check-out');
    expect(new Set(walk.front.leases.map(({ id }) => id)).size).toBe(walk.front.leases.length);
    expect(walk.names()).not.toContain('stay.checked-out');
    await walk.clock.advance(600_000);
    walk.recover();
    expect(walk.names().filter((name) => name === 'stay.checked-out')).toHaveLength(1);
    expect(walk.names().filter((name) => name === 'charge.computed')).toHaveLength(1);
    expect(walk.journal.stays.get(`${EPOCH}-1`)).toMatchObject({
      state: 'checked-out',
      checkOutMs: leftAtMs,
    });
  });

  it('refuses a check-out at the entrance at 12:20, which is taken for 3,500 when it can be written again', async () => {
    const walk = await Walk.start({}, openNearlyFull);
    await walk.show(walk.code(walk.pass([seat()])));
    await walk.clock.advance(140 * 60_000);
    const sent = walk.front.leases.length;
    const checkOut = async () => {
      const pass = walk.pass([seat()]);
      const proof = walk.phone.dpop(pass, walk.nowS(), { nonce: walk.nonces.issue() });
      const request = { pass, proof, method: 'POST', url: DOOR_URL };
      const arrival = { via: 'page', ticket: 'not-asked', stay: `${EPOCH}-1` } as const;
      return answerOf(await walk.attendant.request('front', 'entry', request, arrival));
    };
    fillUp(walk.journal);
    expect(await checkOut()).toEqual({ granted: false, reason: 'storage-degraded' });
    walk.recover();
    expect(walk.journal.stays.get(`${EPOCH}-1`)).toMatchObject({ state: 'open' });
    expect(await checkOut()).toMatchObject({ kind: 'check-out', yen: 3_500 });
    expect(walk.front.leases).toHaveLength(sent);
  });

  it.each([
    ['while it fails still', 0],
    ['after a first that it still took', 1],
  ])('takes a second tap at the exit within ten seconds for the same wish, %s', async (_, kept) => {
    const walk = await Walk.start({}, openNearlyFull);
    const pass = walk.pass([seat(), room()]);
    await walk.show(walk.code(pass));
    await walk.clock.advance(11_000);
    expect(said(await walk.show(walk.code(pass)))).toBe('check-in');
    await walk.clock.advance(60_000);
    if (kept === 0) fillUp(walk.journal);
    expect(said(await walk.show(walk.code(pass), 'exit'))).toBe('check-out');
    if (kept === 1) fillUp(walk.journal);
    await walk.clock.advance(9_000);
    expect(said(await walk.show(walk.code(pass), 'exit'))).toBe('check-out');
    await walk.clock.advance(60_000);
    walk.recover();
    expect(walk.names().filter((name) => name === 'stay.checked-out')).toHaveLength(1);
    expect(walk.journal.stays.countOpen()).toBe(1);
  });

  it('opens no exit after the door was secured, unless a code is shown again', async () => {
    const walk = await Walk.start({}, openNearlyFull);
    const pass = walk.pass([seat()]);
    await walk.show(walk.code(pass));
    walk.back.outcome = 'unreachable';
    fillUp(walk.journal);
    await walk.clock.advance(60_000);
    await walk.show(walk.code(pass), 'exit', 'back');
    await walk.control.obey('back', null);
    walk.back.outcome = 'accepted';
    const sent = walk.back.leases.length;
    await walk.clock.advance(11_000);
    expect(walk.back.leases).toHaveLength(sent);
    await walk.show(walk.code(pass), 'exit', 'back');
    expect(walk.back.leases).toHaveLength(sent + 1);
  });

  it('opens the exit to no code that is not genuine and fresh', async () => {
    const walk = await Walk.start({}, openNearlyFull);
    fillUp(walk.journal);
    const code = walk.code(walk.pass([seat()]));
    await walk.clock.advance(120_000);
    expect(said(await walk.show(code, 'exit'))).toBe('storage-degraded');
    expect(walk.front.leases).toEqual([]);
  });

  it('after a grant leaves the door working: it opens and closes, and the process lives', async () => {
    const walk = await Walk.start({}, openNearlyFull);
    await walk.show(walk.code(walk.pass([seat()])));
    fillUp(walk.journal);
    walk.open();
    walk.front.emit({ kind: 'input', input: 'contact', active: false, atMs: 10 });
    walk.front.emit({ kind: 'input', input: 'exit-button', active: true, atMs: 20 });
    await walk.clock.advance(60_000);
    expect(walk.journal.decisions.get(1)?.state).toBe('released');
  });

  it('is overcome by a restart, which takes the grant up where it stood', async () => {
    const walk = await Walk.start({}, openNearlyFull);
    await walk.show(walk.code(walk.pass([seat()])));
    fillUp(walk.journal);
    await walk.restart();
    await walk.clock.advance(8_000);
    expect(walk.names().at(-1)).toBe('access.not-taken');
    await walk.clock.advance(3_000);
    expect(said(await walk.show(walk.code(walk.pass([seat()]))))).toBe('re-entry');
  });
});
