import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { Retention } from '../../../gateway/journal/retention.ts';
import { provisionGatewayKey } from '../../../gateway/tokens/signing-key.ts';
import { CHECKPOINT_TYPE } from '../../../shared/contract/checkpoint.ts';
import { EPOCH, temporaryFolder } from '../../temporary.ts';
import { at, guestOf, room, seat } from '../access/told.ts';
import { said } from '../door/walk.ts';
import { Evening } from './evening.ts';

describe('a reservation that nobody came for', () => {
  it('is charged as reserved at its end, once', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    await evening.until('11:59:59');
    expect(evening.bill()).toEqual({});
    await evening.until('12:01');
    expect(evening.all('stay.no-show')).toMatchObject([{ sub: 'u-1', reservation: 'r-1' }]);
    const [charged] = evening.all('charge.computed');
    expect(charged).toMatchObject({
      reservation: 'r-1',
      charge: { rule: 'no-show-reserved', yen: 3_000, flags: [] },
    });
    expect(charged?.stay).toBe(evening.all('stay.no-show')[0]?.stay);
    await evening.powerCutUntil('2025-10-20T17:00:00+09:00');
    await evening.until('18:30');
    expect(evening.all('charge.computed')).toHaveLength(1);
  });

  it('costs the same at an H1T venue', async () => {
    const evening = await Evening.begin({ kind: 'h1t' });
    evening.tell('u-1', seat());
    await evening.until('12:01');
    expect(evening.bill()).toEqual({ 'u-1': 3_000 });
  });

  it('is none where its user came and went, or is still there', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    evening.tell('u-2', seat({ id: 'r-2' }));
    await evening.scan('u-1', [seat()]);
    await evening.scan('u-2', [seat({ id: 'r-2' })]);
    await evening.until('11:00');
    await evening.scan('u-1', [seat()], 'exit');
    await evening.until('12:30');
    expect(evening.all('stay.no-show')).toEqual([]);
    expect(evening.bill()).toEqual({ 'u-1': 3_000 });
  });

  it.each([
    ['a minute before its start', '08:59', {}],
    ['at its start: too late', '09:00', { 'u-1': 3_000 }],
  ])('and that was cancelled %s', async (_, cancelled, bill) => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat(), { cancelledAtMs: at(cancelled) });
    await evening.until('12:01');
    expect(evening.bill()).toEqual(bill);
    const flags = evening.all('charge.computed').flatMap(({ charge }) => charge.flags);
    expect(flags).toEqual(cancelled === '09:00' ? ['cancel-rejected'] : []);
  });

  it('is none for a guest', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', guestOf('u-9'));
    await evening.until('12:01');
    expect(evening.all('stay.no-show')).toEqual([]);
  });

  it('and that may not be booked is not charged: off the grid, or at the same time as another', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat({ from: '09:10' }));
    evening.tell('u-2', seat(), { version: 1 });
    evening.tell('u-2', seat({ id: 'r-2', from: '11:00', to: '13:00' }), { version: 2 });
    evening.tell('u-2', room({ id: 'r-3', from: '11:00', to: '13:00' }), { version: 3 });
    await evening.until('13:01');
    expect(evening.all('stay.no-show').map(({ reservation }) => reservation)).toEqual(['r-1', 'r-3']);
  });

  it('from before the journal is not this journal’s to find', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat({ from: '2024-11-01T09:00:00+09:00', to: '2024-11-01T12:00:00+09:00' }));
    await evening.until('09:02');
    expect(evening.all('stay.no-show')).toEqual([]);
  });

  it('is for an operator to look at where the door did not answer when its user came', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    evening.walk.front.online = false;
    expect(await evening.scan('u-1', [seat()])).toBe('door-offline');
    await evening.until('12:01');
    expect(evening.all('charge.computed')[0]?.charge).toMatchObject({
      rule: 'no-show-reserved',
      flags: ['review'],
    });
  });

  it.each([
    ['h1t', '10:40', 'h1t-shortened', 2_000],
    ['standard', '10:40', 'early-checkout-reserved', 3_000],
  ])(
    'at a venue of kind %s, whose user was refused at the exit at %s, is charged by that scan: %s',
    async (kind, left, rule, yen) => {
      const evening = await Evening.begin({ kind });
      evening.tell('u-1', seat());
      await evening.until(left);
      expect(await evening.scan('u-1', [seat()], 'exit')).toBe('no-open-stay');
      expect(evening.bill()).toEqual({});
      await evening.until('12:01');
      expect(evening.all('stay.no-show')).toEqual([]);
      expect(evening.all('stay.checked-out')).toMatchObject([{ door: 'front', grant: null, by: 'member' }]);
      expect(evening.all('charge.computed')).toMatchObject([
        { charge: { rule, yen, flags: ['checkin-missing', 'tailgating-suspected'] } },
      ]);
      await evening.powerCutUntil('2025-10-20T17:00:00+09:00');
      expect(evening.bill()).toEqual({ 'u-1': yen });
    },
  );

  it('whose lock never moved is a no-show, whatever its user showed at the exit', async () => {
    const evening = await Evening.begin({ kind: 'h1t' });
    evening.tell('u-1', seat());
    evening.walk.front.outcome = 'unreachable';
    expect(await evening.scan('u-1', [seat()])).toBe('check-in');
    await evening.walk.clock.advance(11_000);
    expect(await evening.scan('u-1', [seat()], 'exit')).toBe('no-open-stay');
    await evening.until('12:01');
    expect(evening.all('charge.computed')).toMatchObject([
      { charge: { rule: 'no-show-reserved', yen: 3_000, flags: ['review'] } },
    ]);
  });

  it('and that was extended, told after the settlement, is entered and charged by the visit instead', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    await evening.until('12:10');
    expect(evening.bill()).toEqual({ 'u-1': 3_000 });
    evening.tell('u-1', seat({ to: '14:00' }), { version: 2 });
    expect(await evening.scan('u-1', [])).toBe('check-in');
    await evening.until('14:20');
    expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
    expect(evening.all('charge.computed')).toHaveLength(1);
    expect(evening.all('charge.superseded')).toMatchObject([{ after: { rule: 'late-seat', yen: 5_500 } }]);
    expect(evening.bill()).toEqual({ 'u-1': 5_500 });
  });

  it('and that was extended, whose user came and met a lock that never moved, is a no-show again, charged once', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    await evening.until('12:10');
    evening.tell('u-1', seat({ to: '14:00' }), { version: 2 });
    evening.walk.front.outcome = 'unreachable';
    expect(await evening.scan('u-1', [])).toBe('check-in');
    await evening.until('14:01');
    expect(evening.all('stay.voided')).toHaveLength(1);
    expect(evening.all('charge.computed')).toHaveLength(1);
    expect(evening.all('charge.superseded')).toMatchObject([
      { after: { rule: 'no-show-reserved', yen: 5_000, flags: ['review'] } },
    ]);
  });

  it('and that was extended, and nobody came for either, is charged to its new end', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    await evening.until('12:10');
    evening.tell('u-1', seat({ to: '14:00' }), { version: 2 });
    await evening.until('14:01');
    expect(evening.all('charge.computed')).toHaveLength(1);
    expect(evening.bill()).toEqual({ 'u-1': 5_000 });
  });
});

describe('whoever came in without a check-in and scans out after the end', () => {
  const inForce = (evening: Evening) =>
    [
      ...evening.all('charge.computed').map(({ charge }) => charge),
      ...evening.all('charge.superseded').map(({ after }) => after),
    ].at(-1);

  it.each([
    ['13:10', seat(), 'late-seat', 4_500],
    ['12:00:40', seat(), 'reserved', 3_000],
    ['13:10', room({ id: 'r-1' }), 'late-room-reserved', 3_000],
    ['18:30', seat(), 'forgotten-seat-to-closing', 9_000],
  ])('at %s is charged by that scan and flagged', async (left, booked, rule, yen) => {
    const evening = await Evening.begin();
    evening.tell('u-1', booked);
    await evening.until(left);
    expect(await evening.scan('u-1', [booked], 'exit')).toBe('no-open-stay');
    await evening.until('18:40');
    const after = left === '18:30' ? ['checkin-missing', 'checkout-after-closing'] : ['checkin-missing'];
    expect(inForce(evening)).toMatchObject({ rule, yen, flags: [...after, 'tailgating-suspected'] });
    expect(evening.all('charge.computed')).toHaveLength(1);
    expect(evening.bill()).toEqual({ 'u-1': yen });
  });

  it('twice, at 13:10 and at 13:40, is charged by the last: 5,000 and not 4,500', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    await evening.until('13:10');
    await evening.scan('u-1', [seat()], 'exit');
    await evening.until('13:40');
    expect(evening.bill()).toEqual({ 'u-1': 4_500 });
    await evening.scan('u-1', [seat()], 'exit');
    await evening.until('14:00');
    expect(evening.bill()).toEqual({ 'u-1': 5_000 });
  });

  it('and has another reservation since is charged for that one by it: 3,000 and 2,000', async () => {
    const evening = await Evening.begin();
    const second = seat({ id: 'r-9', from: '13:00', to: '15:00' });
    evening.tell('u-1', seat());
    evening.tell('u-1', second);
    await evening.until('14:50');
    expect(await evening.scan('u-1', [second], 'exit')).toBe('no-open-stay');
    await evening.until('15:10');
    expect(evening.all('charge.superseded')).toEqual([]);
    expect(evening.all('charge.computed').map(({ charge }) => [charge.rule, charge.yen])).toEqual([
      ['no-show-reserved', 3_000],
      ['early-checkout-reserved', 2_000],
    ]);
  });

  it('of a visit since, or on the next morning, is a no-show still: 3,000, and nothing is superseded', async () => {
    const evening = await Evening.begin();
    const second = seat({ id: 'r-9', from: '13:00', to: '15:00' });
    evening.tell('u-1', seat());
    evening.tell('u-2', seat({ id: 'r-2' }));
    await evening.until('13:00');
    await evening.scan('u-1', [second]);
    await evening.until('15:00');
    await evening.scan('u-1', [second], 'exit');
    await evening.until('15:20');
    expect(await evening.scan('u-1', [second], 'exit')).toBe('no-open-stay');
    await evening.until('2025-10-21T09:00:00+09:00');
    expect(await evening.scan('u-2', [], 'exit')).toBe('no-open-stay');
    await evening.until('2025-10-21T09:10:00+09:00');
    expect(evening.all('charge.superseded')).toEqual([]);
    expect(evening.bill()).toEqual({ 'u-1': 5_000, 'u-2': 3_000 });
  });

  it('keeps what is said of a cancellation that came too late', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat(), { cancelledAtMs: at('09:30') });
    await evening.until('13:10');
    await evening.scan('u-1', [seat()], 'exit');
    await evening.until('13:20');
    expect(inForce(evening)).toMatchObject({
      yen: 4_500,
      flags: ['checkin-missing', 'cancel-rejected', 'tailgating-suspected'],
    });
  });
});

describe('a reservation that is told again', () => {
  it('as somebody else’s after its no-show is not billed a second time: 3,000', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    await evening.until('12:10');
    evening.tell('u-2', seat(), { version: 2 });
    await evening.until('12:20');
    expect(evening.bill()).toEqual({ 'u-1': 3_000 });
  });

  it('as somebody else’s before its end is the no-show of whom it was told of last: 3,000', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    await evening.until('10:00');
    evening.tell('u-2', seat(), { version: 2 });
    await evening.until('12:10');
    expect(evening.bill()).toEqual({ 'u-2': 3_000 });
  });

  it('as somebody else’s while its user is inside costs the one visit: 3,000', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    await evening.scan('u-1', [seat()]);
    await evening.until('10:00');
    evening.tell('u-2', seat(), { version: 2 });
    await evening.until('12:00');
    await evening.scan('u-1', [seat()], 'exit');
    await evening.until('12:10');
    expect(evening.bill()).toEqual({ 'u-1': 3_000 });
  });

  it('after its stay has left the journal is not billed a second time: 3,000', async () => {
    const evening = await Evening.begin();
    const { journal, clock } = evening.walk;
    evening.tell('u-1', seat());
    await evening.scan('u-1', [seat()]);
    await evening.until('12:00');
    await evening.scan('u-1', [seat()], 'exit');
    await evening.until('2025-10-23T09:00:00+09:00');
    const { key } = provisionGatewayKey(join(temporaryFolder(), 'key'));
    const claims = { venue: 'shibuya-1', epoch: journal.epoch, seq: journal.lastSeq - 1, iat: 0 };
    const token = key.sign(CHECKPOINT_TYPE, { ...claims, head: journal.headAt(claims.seq) ?? '' });
    journal.write((writer) => writer.signedHeads.put({ seq: claims.seq, atMs: at('18:00'), token }));
    journal.acceptCustody(journal.lastSeq, journal.head);
    const retention = { venue: 'shibuya-1', journal, key, clock, days: 1, log: pino({ level: 'silent' }) };
    new Retention(retention).look();
    expect(journal.stays.get(`${journal.epoch}-1`)).toBeNull();
    evening.tell('u-1', seat({ yenPer30Min: 400 }), { version: 2 });
    await evening.until('2025-10-23T09:10:00+09:00');
    expect(evening.all('stay.no-show')).toEqual([]);
  });
});

describe('a grant that still hangs when its reservation ends, and then fails', () => {
  const charged = (evening: Evening) =>
    evening.all('charge.computed').map(({ charge: { rule, yen, flags } }) => ({ rule, yen, flags }));

  it('is a no-show of 3,000 after a power cut between commit and pulse at 10:00 that lasted until 12:30', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    await evening.until('10:00');
    evening.walk.front.outcome = 'unreachable';
    expect(await evening.scan('u-1', [seat()])).toBe('check-in');
    await evening.powerCutUntil('12:30');
    await evening.until('12:32');
    expect(evening.all('stay.voided')).toHaveLength(1);
    expect(charged(evening)).toEqual([
      { rule: 'no-show-reserved', yen: 3_000, flags: ['review', 'settled-late'] },
    ]);
  });

  it('is a no-show of 3,000 where nobody acknowledged the check-in of 11:59:55', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    await evening.until('11:59:55');
    evening.walk.front.outcome = 'unreachable';
    expect(await evening.scan('u-1', [seat()])).toBe('check-in');
    await evening.until('12:02');
    expect(charged(evening)).toEqual([{ rule: 'no-show-reserved', yen: 3_000, flags: ['review'] }]);
    await evening.powerCutUntil('13:00');
    await evening.until('18:30');
    expect(charged(evening)).toHaveLength(1);
  });

  it('is a no-show of 3,000 where its user has checked in to the next one by the other door before it failed', async () => {
    const evening = await Evening.begin();
    const next = seat({ id: 'r-2', from: '12:00', to: '13:00' });
    evening.tell('u-1', seat());
    evening.tell('u-1', next);
    await evening.until('11:59:55');
    evening.walk.front.outcome = 'unreachable';
    expect(await evening.scan('u-1', [seat()])).toBe('check-in');
    await evening.until('12:00:01');
    const { walk } = evening;
    expect(said(await walk.show(walk.code(walk.pass([seat(), next])), 'entry', 'back'))).toBe('check-in');
    await evening.until('12:02');
    expect(evening.all('stay.voided')).toMatchObject([{ stay: `${EPOCH}-1` }]);
    expect(evening.all('charge.superseded')).toMatchObject([
      { after: { rule: 'no-show-reserved', yen: 3_000, flags: ['review'] } },
    ]);
    expect(walk.journal.stays.get(`${EPOCH}-1`)).toMatchObject({ state: 'no-show', checkOutMs: null });
  });

  it('costs 3,000, not 9,000 as forgotten, where its user comes back the next morning before it is known to have failed', async () => {
    const evening = await Evening.begin();
    const next = seat({ id: 'r-2', from: '2025-10-21T09:00:00+09:00', to: '2025-10-21T12:00:00+09:00' });
    evening.tell('u-1', seat());
    evening.tell('u-1', next);
    await evening.until('10:00');
    evening.walk.front.outcome = 'unreachable';
    expect(await evening.scan('u-1', [seat()])).toBe('check-in');
    await evening.powerCutUntil('2025-10-21T09:00:00+09:00');
    const { walk } = evening;
    walk.back.online = true;
    expect(said(await walk.show(walk.code(walk.pass([seat(), next])), 'entry', 'back'))).toBe('check-in');
    walk.open(walk.back);
    await evening.until('2025-10-21T09:05:00+09:00');
    expect(evening.bill()).toEqual({ 'u-1': 3_000 });
  });

  it('is a visit where somebody acknowledged it in time after all: no no-show, 9,000 at closing', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    await evening.until('11:59:55');
    evening.walk.front.outcome = 'unreachable';
    await evening.scan('u-1', [seat()]);
    await evening.until('12:00:03');
    evening.walk.front.outcome = 'accepted';
    await evening.until('12:30');
    expect(evening.bill()).toEqual({});
    await evening.until('18:02');
    expect(evening.all('stay.no-show')).toEqual([]);
    expect(evening.bill()).toEqual({ 'u-1': 9_000 });
  });

  it('costs a no-show that was extended 5,000 and not 3,000', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', seat());
    await evening.until('12:10');
    evening.tell('u-1', seat({ to: '14:00' }), { version: 2 });
    await evening.until('13:59:55');
    evening.walk.front.outcome = 'unreachable';
    expect(await evening.scan('u-1', [])).toBe('check-in');
    await evening.until('14:02');
    expect(evening.all('charge.computed')).toHaveLength(1);
    expect(evening.bill()).toEqual({ 'u-1': 5_000 });
  });

  it('is a no-show of 500, and not forgotten, while the second door that was tried is silent still', async () => {
    const evening = await Evening.begin();
    const { walk } = evening;
    const booked = seat({ from: '17:30', to: '18:00' });
    evening.tell('u-1', booked);
    await evening.until('17:59:50');
    walk.front.outcome = 'unreachable';
    walk.back.outcome = 'unreachable';
    expect(await evening.scan('u-1', [booked])).toBe('check-in');
    await evening.until('17:59:55');
    expect(said(await walk.show(walk.code(walk.pass([booked])), 'entry', 'back'))).toBe('re-entry');
    walk.back.online = false;
    await evening.powerCutUntil('18:02');
    await evening.until('18:04');
    expect(evening.all('stay.forgotten')).toEqual([]);
    expect(charged(evening)).toMatchObject([{ rule: 'no-show-reserved', yen: 500 }]);
  });
});

describe('a power cut from 17:50 to 8:10 across a closing at 18:00', () => {
  /** Everybody of the day: what stays open at 17:50, and what ends while nobody is there to see it. */
  async function eveningOf(kind: string): Promise<Evening> {
    const evening = await Evening.begin({ kind });
    const booked = {
      seat: seat(),
      room: room({ from: '09:00', to: '11:00' }),
      late: seat({ id: 'r-4', from: '17:00', to: '18:00' }),
    };
    evening.tell('u-1', booked.seat);
    evening.tell('u-3', booked.late);
    // The next morning's, which nobody has missed yet.
    evening.tell(
      'u-4',
      seat({ id: 'r-5', from: '2025-10-21T08:00:00+09:00', to: '2025-10-21T10:00:00+09:00' }),
    );
    await evening.scan('u-1', [booked.seat]);
    await evening.scan('u-2', [booked.room]);
    await evening.until('17:50');
    expect(evening.bill()).toEqual({});
    await evening.powerCutUntil('2025-10-21T08:10:00+09:00');
    return evening;
  }

  it.each(['standard', 'h1t'])(
    'settles forgotten check-outs and no-shows once, at a venue of kind %s',
    async (kind) => {
      const evening = await eveningOf(kind);
      const bill = { 'u-1': 9_000, 'u-2': 2_000, 'u-3': 1_000 };
      expect(evening.bill()).toEqual(bill);
      await evening.powerCutUntil('2025-10-21T08:20:00+09:00');
      await evening.until('2025-10-21T09:00:00+09:00');
      expect(evening.bill()).toEqual(bill);
      expect(evening.all('charge.computed')).toHaveLength(3);
      expect(evening.all('charge.superseded')).toEqual([]);
    },
  );

  it('takes the closing of the day before, and says that it was late', async () => {
    const evening = await eveningOf('standard');
    expect(evening.all('stay.forgotten')).toMatchObject([
      { sub: 'u-1', closing: '2025-10-20T18:00:00+09:00' },
      { sub: 'u-2', closing: '2025-10-20T18:00:00+09:00' },
    ]);
    const charges = evening
      .all('charge.computed')
      .map(({ charge }) => [charge.rule, charge.chargedTo, charge.flags]);
    expect(charges).toEqual([
      ['forgotten-seat-to-closing', '2025-10-20T18:00:00+09:00', ['settled-late']],
      ['forgotten-room-reserved', '2025-10-20T11:00:00+09:00', ['settled-late']],
      ['no-show-reserved', '2025-10-20T18:00:00+09:00', ['settled-late']],
    ]);
  });

  it('leaves the next morning’s reservation alone: its user comes in', async () => {
    const evening = await eveningOf('standard');
    await evening.until('2025-10-21T08:10:01+09:00');
    expect(await evening.scan('u-4', [])).toBe('check-in');
    await evening.until('2025-10-21T10:30:00+09:00');
    expect(evening.all('stay.no-show').map(({ sub }) => sub)).toEqual(['u-3']);
  });
});
