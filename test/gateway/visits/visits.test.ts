import { describe, expect, it } from 'vitest';
import { heldSeats } from '../../../gateway/journal/venue-state.ts';
import { at, guestOf, room, seat, ticket, venueOf } from '../access/told.ts';
import { Evening } from './evening.ts';

const EXIT_URL = 'https://shibuya.example/api/doors/front/exit';

describe('a guest', () => {
  const host = room({ id: 'r-2', from: '10:00', to: '12:00' });
  const guest = guestOf('u-9', { id: 'r-2', from: '10:00', to: '12:00' });

  it('comes within the reservation, not before it, also where users may come early', async () => {
    const evening = await Evening.begin({ earlyEntryMinutes: 30 });
    await evening.until('09:45');
    expect(await evening.scan('u-9', [host])).toBe('check-in');
    await evening.until('09:59');
    expect(await evening.scan('u-1', [guest])).toBe('too-early');
    await evening.until('10:00');
    expect(await evening.scan('u-2', [guest])).toBe('check-in');
  });

  it('comes while the host is there', async () => {
    const evening = await Evening.begin();
    await evening.until('10:00');
    expect(await evening.scan('u-1', [guest])).toBe('host-not-checked-in');
    await evening.scan('u-9', [host]);
    await evening.until('10:01');
    expect(await evening.scan('u-1', [guest])).toBe('check-in');
    await evening.until('12:00');
    expect(await evening.scan('u-2', [guest])).toBe('reservation-ended');
  });

  it('comes to the shortened end where the host has left the room and keeps a seat', async () => {
    const evening = await Evening.begin({ kind: 'h1t' });
    await evening.until('10:00');
    await evening.scan('u-9', [host]);
    await evening.until('10:10');
    await evening.scan('u-9', [seat({ from: '10:00', to: '15:00' })]);
    await evening.until('10:40');
    expect(await evening.scan('u-9', [], 'exit')).toBe('check-out');
    await evening.until('10:59');
    expect(await evening.scan('u-1', [guest])).toBe('check-in');
    await evening.until('11:00');
    expect(await evening.scan('u-2', [guest])).toBe('reservation-ended');
  });

  it.each([
    ['on a seat', {}, guestOf('u-9', { space: { id: 'seat-1', kind: 'seat' } })],
    ['where the venue takes none', { guests: false }, guestOf('u-9')],
  ])('%s has no reservation', async (_, venue, ent) => {
    const evening = await Evening.begin(venue);
    await evening.scan('u-9', [room()]);
    expect(await evening.scan('u-1', [ent])).toBe('no-reservation');
  });

  it('costs nothing, and its check-out charges nobody', async () => {
    const evening = await Evening.begin();
    await evening.until('10:00');
    await evening.scan('u-9', [host]);
    await evening.scan('u-1', [guest]);
    await evening.until('11:00');
    expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
    expect(evening.bill()).toEqual({});
    await evening.scan('u-9', [], 'exit');
    expect(evening.bill()).toEqual({ 'u-9': 2_000 });
  });
});

describe('a new reservation of the same kind', () => {
  const next = seat({ id: 'r-5', from: '12:00', to: '14:00' });

  it('takes over from the open one, which is charged to that instant', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-1', [seat(), next]);
    await evening.until('12:00:30');
    expect(await evening.scan('u-1', [seat(), next])).toBe('check-in');
    expect(evening.all('stay.checked-out')).toMatchObject([{ by: 'next-reservation', door: null }]);
    expect(evening.all('charge.computed')).toMatchObject([
      { reservation: 'r-1', charge: { rule: 'reserved', yen: 3_000, flags: [] } },
    ]);
  });

  it('that is checked in to late charges the time between in both, and says so', async () => {
    const evening = await Evening.begin();
    await evening.scan('u-1', [seat(), next]);
    await evening.until('12:10');
    await evening.scan('u-1', [seat(), next]);
    expect(evening.all('charge.computed')).toMatchObject([
      {
        reservation: 'r-1',
        charge: {
          rule: 'late-seat',
          yen: 3_500,
          flags: ['double-cover'],
          alternatives: [{ reading: 'no-double-charge', yen: 3_000 }],
        },
      },
    ]);
  });

  it.each([
    ['14:00', 'late-seat', 5_000, 3_000],
    ['12:00:59', 'reserved', 3_000, null],
    [null, 'forgotten-seat-to-closing', 9_000, 7_000],
  ])(
    'that nobody checked in to is charged beside the first, left at %s: %s, %s, and %s in the other reading',
    async (left, rule, yen, otherYen) => {
      const evening = await Evening.begin();
      evening.tell('u-1', next);
      await evening.scan('u-1', [seat(), next]);
      await evening.until(left ?? '18:02');
      if (left !== null) expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
      const charges = evening.all('charge.computed').filter(({ reservation }) => reservation === 'r-1');
      const [flags, alternatives] =
        otherYen === null ? [[], []] : [['double-cover'], [{ reading: 'no-double-charge', yen: otherYen }]];
      expect(charges).toMatchObject([{ charge: { rule, yen, flags } }]);
      expect(charges[0]?.charge.alternatives).toEqual(expect.arrayContaining(alternatives));
    },
  );

  it('of the other kind is charged beside it without a word', async () => {
    const evening = await Evening.begin();
    evening.tell('u-1', room({ from: '12:00', to: '14:00' }));
    await evening.scan('u-1', [seat()]);
    await evening.until('13:00');
    await evening.scan('u-1', [], 'exit');
    expect(evening.all('charge.computed')).toMatchObject([{ charge: { yen: 4_000, flags: [] } }]);
  });

  it('whose grant never reached the lock is voided; the old one stays ended, for its user stood at the door', async () => {
    const evening = await Evening.begin();
    const { walk } = evening;
    await evening.scan('u-1', [seat(), next]);
    await evening.until('12:00');
    walk.front.outcome = 'unreachable';
    expect(await evening.scan('u-1', [seat(), next])).toBe('check-in');
    await walk.clock.advance(11_000);
    expect(evening.all('stay.voided')).toHaveLength(1);
    expect(evening.all('access.not-taken').at(-1)).toMatchObject({ reason: 'pulse-failed' });
    walk.front.outcome = 'accepted';
    await evening.until('12:05');
    expect(await evening.scan('u-1', [seat(), next])).toBe('check-in');
    await evening.until('14:00');
    await evening.scan('u-1', [], 'exit');
    expect(
      evening.all('charge.computed').map(({ reservation, charge }) => [reservation, charge.yen]),
    ).toEqual([
      ['r-1', 3_000],
      ['r-5', 2_000],
    ]);
  });
});

describe('a seat and a room at once', () => {
  it('are charged each by itself, and one scan closes one of them: the one that ends first', async () => {
    const evening = await Evening.begin();
    const both = [
      seat({ to: '18:00', cap: { minutes: 150 } }),
      room({ from: '09:00', to: '11:00', yenPer30Min: 3_000 }),
    ];
    expect(await evening.scan('u-1', both)).toBe('check-in');
    await evening.until('09:10');
    expect(await evening.scan('u-1', both)).toBe('check-in');
    expect(evening.walk.journal.stays.countOpen()).toBe(2);
    await evening.until('11:00');
    await evening.scan('u-1', [], 'exit');
    expect(evening.all('charge.computed')).toMatchObject([{ reservation: 'r-2', charge: { yen: 12_000 } }]);
    await evening.until('17:00');
    await evening.scan('u-1', [], 'exit');
    expect(evening.all('charge.computed')[1]).toMatchObject({
      reservation: 'r-1',
      charge: { yen: 2_500, capApplied: true },
    });
  });
});

describe('a seat held together with a room', () => {
  const both = [seat({ cap: { minutes: 150 } }), room({ from: '10:00', to: '11:00' })];

  it.each([
    ['keeps its cap, and the other reading stands beside it', {}, 2_500, ['no-cap-on-simultaneous-use']],
    ['has none where the venue decided so', { policy: { capOnSimultaneousUse: 'none' } }, 3_000, []],
  ])('%s', async (_, venue, yen, readings) => {
    const evening = await Evening.begin(venue);
    for (const reservation of both) evening.tell('u-1', reservation);
    await evening.scan('u-1', both);
    await evening.until('12:00');
    await evening.scan('u-1', [], 'exit');
    const seated = evening.all('charge.computed').find(({ reservation }) => reservation === 'r-1');
    expect(seated?.charge.yen).toBe(yen);
    expect(seated?.charge.alternatives.map(({ reading }) => reading)).toEqual(readings);
  });
});

describe('a ticket’s vacancy', () => {
  it('counts reserved seats whose users have not come, and not those who sit there already', async () => {
    const evening = await Evening.begin({ capacity: 2 });
    evening.tell('u-2', seat({ id: 'r-2' }));
    evening.tell('u-3', room({ id: 'r-3' }));
    evening.tell('u-4', seat({ id: 'r-4', from: '10:00' }));
    evening.tell('u-5', seat({ id: 'r-5' }), { cancelledAtMs: 0 });
    expect(await evening.scan('u-1', [ticket()])).toBe('check-in');
    expect(await evening.scan('u-6', [ticket({ id: 't-6' })])).toBe('full');
    await evening.scan('u-2', [], 'entry');
    await evening.until('09:30');
    expect(await evening.scan('u-6', [ticket({ id: 't-6' })])).toBe('full');
    await evening.scan('u-1', [], 'exit');
    await evening.until('09:40');
    expect(await evening.scan('u-6', [ticket({ id: 't-6' })])).toBe('check-in');
  });

  it('gives a paid seat to nobody before its shortened end', async () => {
    const evening = await Evening.begin({ kind: 'h1t', capacity: 1 });
    evening.tell('u-1', seat());
    await evening.scan('u-1', []);
    await evening.until('10:05');
    await evening.scan('u-1', [], 'exit');
    expect(await evening.scan('u-2', [ticket()])).toBe('full');
    await evening.until('10:30');
    expect(await evening.scan('u-2', [ticket()])).toBe('check-in');
  });

  it('is not lessened by a meeting room', async () => {
    const evening = await Evening.begin({ capacity: 1 });
    await evening.scan('u-1', [room()]);
    expect(await evening.scan('u-2', [ticket()])).toBe('check-in');
  });
});

describe('a member with a ticket and a reservation', () => {
  it('takes one of two seats: by both at once, and before the reservation is checked in to', async () => {
    const evening = await Evening.begin({ capacity: 2 });
    evening.tell('u-1', seat({ from: '10:00', to: '12:00' }));
    expect(await evening.scan('u-1', [ticket()])).toBe('check-in');
    await evening.until('10:00');
    const { journal, clock } = evening.walk;
    expect(heldSeats(journal, venueOf(), clock.wallMs())).toEqual([]);
    expect(await evening.scan('u-1', [ticket()])).toBe('check-in');
    expect(evening.all('stay.checked-in').map(({ visit }) => visit.kind)).toEqual(['ticket', 'reservation']);
    expect([journal.stays.countOpen(), journal.stays.countSeated()]).toEqual([2, 1]);
    expect(await evening.scan('u-2', [ticket({ id: 't-2' })])).toBe('check-in');
    expect(await evening.scan('u-3', [ticket({ id: 't-3' })])).toBe('full');
  });

  it('who sits by the reservation in the last seat begins a ticket’s visit on it at its end', async () => {
    const evening = await Evening.begin({ capacity: 1 });
    await evening.scan('u-1', [seat()]);
    await evening.until('12:00');
    expect(await evening.scan('u-1', [seat(), ticket()])).toBe('check-in');
    expect(await evening.scan('u-2', [ticket({ id: 't-2' })])).toBe('full');
  });
});

describe('what a check-out has released at an H1T venue', () => {
  it('admits its own user again: out at 10:20, to 10:30, then 11–12 is booked, and costs 1,500 and 1,000', async () => {
    const evening = await Evening.begin({ kind: 'h1t' });
    evening.tell('u-1', seat());
    await evening.scan('u-1', []);
    await evening.until('10:20');
    expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
    evening.tell('u-1', seat({ id: 'r-9', from: '11:00' }), { version: 2 });
    await evening.until('11:00');
    expect(await evening.scan('u-1', [])).toBe('check-in');
    await evening.until('12:00');
    expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
    expect(evening.all('charge.computed').map(({ charge }) => charge.yen)).toEqual([1_500, 1_000]);
  });

  it('is charged as a no-show of 1,000 where its user does not come', async () => {
    const evening = await Evening.begin({ kind: 'h1t' });
    evening.tell('u-1', seat());
    await evening.scan('u-1', []);
    await evening.until('10:20');
    await evening.scan('u-1', [], 'exit');
    evening.tell('u-1', seat({ id: 'r-9', from: '11:00' }), { version: 2 });
    await evening.until('12:01');
    expect(evening.all('charge.computed').map(({ charge }) => [charge.rule, charge.yen])).toEqual([
      ['h1t-shortened', 1_500],
      ['no-show-reserved', 1_000],
    ]);
  });
});

describe('a reservation of 10:00 that is cancelled at 9:50, after its check-in at 9:45', () => {
  it('is billed 2,000, and lets its user come back at 10:30', async () => {
    const evening = await Evening.begin({ earlyEntryMinutes: 30 });
    const booked = seat({ from: '10:00' });
    evening.tell('u-1', booked);
    await evening.until('09:45');
    expect(await evening.scan('u-1', [])).toBe('check-in');
    await evening.until('09:50');
    evening.tell('u-1', booked, { version: 2, cancelledAtMs: at('09:50') });
    await evening.until('10:30');
    expect(await evening.scan('u-1', [])).toBe('re-entry');
    await evening.until('12:00');
    expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
    expect(evening.bill()).toEqual({ 'u-1': 2_000 });
  });
});

describe('a pass that is not yet valid', () => {
  it('checks its holder out, and does not let them in: the pass of an hour later ends a visit at 10:00 for 1,000', async () => {
    const evening = await Evening.begin({ kind: 'h1t' });
    const { walk } = evening;
    await evening.scan('u-1', [seat()]);
    await evening.until('09:59');
    const early = () => walk.code(walk.pass([seat()], { iat: walk.nowS() + 3_600 }));
    expect(await walk.show(early())).toMatchObject({ answer: { reason: 'pass-not-yet-valid' } });
    expect(await walk.show(early(), 'exit')).toMatchObject({ answer: { kind: 'check-out', yen: 1_000 } });
  });
});

describe('a check-out with a seat of 9–12 and a room of 9–10 open', () => {
  async function both() {
    const evening = await Evening.begin({ kind: 'h1t' });
    const { walk } = evening;
    const ents = [seat(), room({ to: '10:00' })];
    await evening.scan('u-1', ents);
    await evening.until('09:01');
    await evening.scan('u-1', ents);
    await evening.until('09:40');
    walk.front.signals.length = 0;
    return { evening, walk, show: () => walk.show(walk.code(walk.pass(ents)), 'exit') };
  }
  const stillOpen = (evening: Evening) =>
    evening.all('stay.checked-out').map(({ stay, stillOpen: rest }) => [stay, rest]);

  it('closes the room, tells that the seat is open, and the next scan within 10 seconds closes that', async () => {
    const { evening, walk, show } = await both();
    const [seatStay, roomStay] = evening.all('stay.checked-in').map(({ stay }) => stay);
    expect(await show()).toMatchObject({
      answer: { stay: roomStay, space: 'room-1', stillOpen: [{ stay: seatStay, space: 'seat-12' }] },
    });
    await walk.clock.advance(3_000);
    expect(await show()).toMatchObject({ answer: { stay: seatStay, yen: 1_000, stillOpen: [] } });
    await walk.clock.advance(3_000);
    expect(await show()).toMatchObject({ answer: { stay: seatStay, yen: 1_000, stillOpen: [] } });
    expect(stillOpen(evening)).toEqual([
      [roomStay, [seatStay]],
      [seatStay, []],
    ]);
    expect(walk.front.signals).toEqual(['wait', 'granted', 'granted']);
    expect(evening.bill()).toEqual({ 'u-1': 2_000 });
  });

  it('by the page closes the stay that is named, and a second tap that names none is the same wish', async () => {
    const { evening, walk } = await both();
    const [seatStay, roomStay] = evening.all('stay.checked-in').map(({ stay }) => stay);
    const tap = (stay?: string) => {
      const pass = walk.pass([]);
      const proof = walk.phone.dpop(pass, walk.nowS(), { htu: EXIT_URL, nonce: walk.nonces.issue() });
      const request = { pass, proof, method: 'POST', url: EXIT_URL };
      return walk.attendant.request('front', 'exit', request, {
        via: 'page',
        ticket: 'not-asked',
        ...(stay !== undefined && { stay }),
      });
    };
    expect(await tap(seatStay)).toMatchObject({
      answer: { stay: seatStay, stillOpen: [{ stay: roomStay }] },
    });
    expect(await tap()).toMatchObject({ answer: { stay: seatStay } });
    expect(await tap(seatStay)).toMatchObject({ answer: { stay: seatStay } });
    expect(evening.all('stay.checked-out')).toHaveLength(1);
    expect(await tap(roomStay)).toMatchObject({ answer: { stay: roomStay, stillOpen: [] } });
    await walk.clock.advance(11_000);
    await tap('another');
    expect(evening.all('stay.checked-out')).toHaveLength(2);
  });
});

describe('a member of a seat of 9–12 who went out for a break and comes back at 12:20', () => {
  const ENTRY_URL = 'https://shibuya.example/api/doors/front/entry';

  async function onBreak() {
    const evening = await Evening.begin();
    const { walk } = evening;
    await evening.scan('u-1', [seat()]);
    await evening.until('12:20:40');
    walk.front.signals.length = 0;
    walk.front.leases.length = 0;
    const [stay = ''] = evening.all('stay.checked-in').map((told) => told.stay);
    const tap = async (named?: string, over: Readonly<Record<string, unknown>> = {}) => {
      const pass = walk.pass([seat()], over);
      const proof = walk.phone.dpop(pass, walk.nowS(), { htu: ENTRY_URL, nonce: walk.nonces.issue() });
      const outcome = await walk.attendant.request(
        'front',
        'entry',
        { pass, proof, method: 'POST', url: ENTRY_URL },
        { via: 'page', ticket: 'not-asked', ...(named !== undefined && { stay: named }) },
      );
      return outcome.kind === 'answer' ? outcome.answer : outcome.kind;
    };
    return { evening, walk, stay, tap };
  }

  it('is told of the open stay and checks out at the entrance for 3,500 instead of 9,000; the door stays shut', async () => {
    const { evening, walk, stay, tap } = await onBreak();
    const stillOpen = [{ stay, space: 'seat-12' }];
    expect(await tap()).toEqual({ granted: false, reason: 'reservation-ended', stillOpen });
    expect(evening.all('access.denied').at(-1)).toMatchObject({ stillOpen: [stay] });
    expect(await tap(stay)).toMatchObject({ kind: 'check-out', stay, yen: 3_500, stillOpen: [] });
    expect(evening.all('stay.checked-out')).toMatchObject([
      { stay, by: 'member', door: 'front', grant: null },
    ]);
    expect(evening.all('charge.computed')).toMatchObject([{ charge: { yen: 3_500, rule: 'late-seat' } }]);
    expect(evening.all('access.granted')).toHaveLength(1);
    expect([walk.front.leases, walk.front.signals]).toEqual([[], ['denied']]);
    await evening.until('18:30');
    expect(evening.bill()).toEqual({ 'u-1': 3_500 });
  });

  it('is billed 3,500 once for two taps, at once or later, and no restart opens the door', async () => {
    const { evening, walk, stay, tap } = await onBreak();
    expect(await tap(stay)).toMatchObject({ kind: 'check-out', yen: 3_500 });
    expect(await tap(stay)).toMatchObject({ kind: 'check-out', yen: 3_500 });
    expect(await tap()).toEqual({ granted: false, reason: 'reservation-ended' });
    await evening.powerCutUntil('12:20:45');
    await evening.until('12:21');
    expect(await tap(stay)).toEqual({ granted: false, reason: 'no-open-stay' });
    expect(walk.front.leases).toEqual([]);
    expect(evening.all('stay.checked-out')).toHaveLength(1);
    await evening.until('18:30');
    expect(evening.bill()).toEqual({ 'u-1': 3_500 });
  });

  it('needs to be the same member, and no pass that is still good', async () => {
    const { evening, walk, stay, tap } = await onBreak();
    expect(await tap(stay, { sub: 'u-2' })).toEqual({ granted: false, reason: 'no-open-stay' });
    expect(await tap(undefined, { sub: 'u-2' })).toEqual({ granted: false, reason: 'reservation-ended' });
    const copied = walk.code(walk.pass([seat()]), 'copied');
    await walk.show(copied);
    await walk.clock.advance(20_000);
    expect(await walk.show(copied)).toEqual({ kind: 'answer', answer: { granted: false, reason: 'replay' } });
    const over = { iat: walk.nowS() - 3_600, exp: walk.nowS() - 60 };
    expect(await tap(undefined, over)).toMatchObject({ reason: 'pass-expired', stillOpen: [{ stay }] });
    expect(await tap(stay, over)).toMatchObject({ kind: 'check-out', yen: 3_500 });
    expect(evening.bill()).toEqual({ 'u-1': 3_500 });
  });

  it('is not let in by naming a stay: one that runs still is not closed at the entrance', async () => {
    const evening = await Evening.begin();
    const { walk } = evening;
    await evening.scan('u-1', [seat()]);
    await evening.until('10:00');
    const [stay = ''] = evening.all('stay.checked-in').map((told) => told.stay);
    walk.front.leases.length = 0;
    const pass = walk.pass([seat()]);
    const proof = walk.phone.dpop(pass, walk.nowS(), { htu: ENTRY_URL, nonce: walk.nonces.issue() });
    const request = { pass, proof, method: 'POST', url: ENTRY_URL };
    const arrival = { via: 'page', ticket: 'not-asked', stay } as const;
    expect(await walk.attendant.request('front', 'entry', request, arrival)).toEqual({
      kind: 'answer',
      answer: { granted: false, reason: 'no-open-stay' },
    });
    expect(walk.front.leases).toEqual([]);
    expect(evening.all('stay.checked-out')).toEqual([]);
  });

  it('who was let back in at 11:59:55 and checks out at 12:00:02 is given no second opening', async () => {
    const evening = await Evening.begin();
    const { walk } = evening;
    await evening.scan('u-1', [seat()]);
    await evening.until('11:59:55');
    const tap = async (named?: string) => {
      const pass = walk.pass([seat()]);
      const proof = walk.phone.dpop(pass, walk.nowS(), { htu: ENTRY_URL, nonce: walk.nonces.issue() });
      const outcome = await walk.attendant.request(
        'front',
        'entry',
        { pass, proof, method: 'POST', url: ENTRY_URL },
        { via: 'page', ticket: 'not-asked', ...(named !== undefined && { stay: named }) },
      );
      return outcome.kind === 'answer' ? outcome.answer : outcome.kind;
    };
    const [stay] = evening.all('stay.checked-in').map((told) => told.stay);
    expect(await tap()).toMatchObject({ kind: 're-entry' });
    await evening.until('12:00:02');
    walk.front.leases.length = 0;
    expect(await tap(stay)).toMatchObject({ kind: 'check-out', yen: 3_000 });
    expect(walk.front.leases).toEqual([]);
  });
});
