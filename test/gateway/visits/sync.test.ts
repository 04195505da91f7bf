import { describe, expect, it } from 'vitest';
import { at, guestOf, room, seat, ticket } from '../access/told.ts';
import { newSigner } from '../signing.ts';
import { change, Cloud, takeAll, use } from '../cloud.ts';

const told = (clock: string) => `2025-10-20T${clock}:00+09:00`;

describe('a booking of five minutes ago', () => {
  it('opens the door offline after its delta, with a pass that does not know it', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    expect(await evening.scan('u-1', [])).toBe('no-reservation');
    await cloud.reservations(cloud.delta(0, 1, [change(1, seat())]));
    await evening.until('09:05');
    expect(await evening.scan('u-1', [])).toBe('check-in');
    expect(evening.all('stay.checked-in')).toMatchObject([{ visit: { reservation: 'r-1' } }]);
  });

  it('is still known after a restart', async () => {
    const cloud = await Cloud.over();
    await cloud.reservations(cloud.delta(0, 1, [change(1, seat())]));
    await cloud.restart(told('09:30'));
    await cloud.evening.until('09:30:01');
    expect(await cloud.evening.scan('u-1', [])).toBe('check-in');
    expect(cloud.sync.question('reservations')).toEqual({ need: 'reservations', have: 1 });
  });

  it('is nobody else’s', async () => {
    const cloud = await Cloud.over();
    await cloud.reservations(cloud.delta(0, 1, [change(1, seat())]));
    expect(await cloud.evening.scan('u-2', [])).toBe('no-reservation');
  });

  it('as a guest opens it once the host is there', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    await cloud.reservations(
      cloud.delta(0, 2, [
        change(1, room(), { sub: 'u-9' }),
        change(2, guestOf('u-9', { id: 'r-2' }), { sub: 'u-1' }),
      ]),
    );
    expect(await evening.scan('u-1', [])).toBe('host-not-checked-in');
    expect(await evening.scan('u-9', [])).toBe('check-in');
    await evening.until('09:01');
    expect(await evening.scan('u-1', [])).toBe('check-in');
  });
});

describe('what the cloud told and what the pass says', () => {
  it('a pass alone is enough where nothing was synchronised', async () => {
    const cloud = await Cloud.over();
    expect(await cloud.evening.scan('u-1', [seat()])).toBe('check-in');
  });

  it('a reservation cancelled before its start is none, whatever the pass says', async () => {
    const cloud = await Cloud.over();
    await cloud.reservations(
      cloud.delta(0, 1, [change(1, seat({ from: '10:00' }), { cancelledAt: told('08:30') })]),
    );
    await cloud.evening.until('10:00');
    expect(await cloud.evening.scan('u-1', [seat({ from: '10:00' })])).toBe('no-reservation');
  });

  it('one cancelled at its start stands, and its charge says so', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    await cloud.reservations(cloud.delta(0, 1, [change(1, seat())]));
    expect(await evening.scan('u-1', [seat()])).toBe('check-in');
    await cloud.reservations(cloud.delta(1, 2, [change(2, seat(), { cancelledAt: told('09:30') })]));
    await evening.until('12:00');
    await evening.scan('u-1', [seat()], 'exit');
    expect(evening.all('charge.computed')[0]?.charge).toMatchObject({
      yen: 3_000,
      flags: ['cancel-rejected'],
    });
  });

  it('a newer end beats the pass: an extended reservation admits, and is charged to its new end', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    const pass = evening.walk.pass([seat()]);
    await evening.until('11:00');
    await cloud.reservations(cloud.delta(0, 1, [change(1, seat({ to: '14:00' }))]));
    await evening.until('12:30');
    expect((await evening.walk.show(evening.walk.code(pass))).kind).toBe('answer');
    expect(evening.all('stay.checked-in')).toMatchObject([{ visit: { end: told('14:00') } }]);
    await evening.until('14:00');
    await evening.scan('u-1', [], 'exit');
    expect(evening.all('charge.computed')[0]?.charge).toMatchObject({ rule: 'reserved', yen: 5_000 });
  });

  it('a pass that was issued after the word of the cloud beats it', async () => {
    const cloud = await Cloud.over();
    await cloud.reservations(cloud.delta(0, 1, [change(1, seat())]));
    await cloud.evening.until('12:30');
    expect(await cloud.evening.scan('u-1', [])).toBe('reservation-ended');
    await cloud.evening.until('12:31');
    expect(await cloud.evening.scan('u-1', [seat({ to: '14:00' })])).toBe('check-in');
  });

  it('an extension while the visit lasts is charged as reserved, and not as late', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    await evening.scan('u-1', [seat()]);
    await cloud.reservations(cloud.delta(0, 1, [change(1, seat({ to: '14:00' }))]));
    await evening.until('13:10');
    await evening.scan('u-1', [], 'exit');
    expect(evening.all('charge.computed')[0]?.charge).toMatchObject({
      rule: 'early-checkout-reserved',
      yen: 5_000,
    });
  });

  it('an extension that only a newer pass knows is charged as reserved too', async () => {
    const { evening } = await Cloud.over();
    await evening.scan('u-1', [seat({ to: '11:00' })]);
    await evening.until('11:20');
    await evening.scan('u-1', [seat()], 'exit');
    expect(evening.all('charge.computed')[0]?.charge).toMatchObject({
      rule: 'early-checkout-reserved',
      yen: 3_000,
    });
  });

  it('a pass from before the check-in takes no extension back', async () => {
    const { evening } = await Cloud.over();
    const older = evening.walk.pass([seat()], { sub: 'u-1' });
    await evening.until('09:05');
    await evening.scan('u-1', [seat({ to: '14:00' })]);
    await evening.until('11:50');
    await evening.walk.show(evening.walk.code(older), 'exit');
    expect(evening.all('charge.computed')[0]?.charge).toMatchObject({
      rule: 'early-checkout-reserved',
      yen: 5_000,
    });
  });

  it('a change after the check-out changes nothing', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    await evening.scan('u-1', [seat()]);
    await evening.until('12:00');
    await evening.scan('u-1', [seat()], 'exit');
    await cloud.reservations(cloud.delta(0, 1, [change(1, seat({ to: '11:00' }))]));
    await evening.until('18:30');
    expect(evening.bill()).toEqual({ 'u-1': 3_000 });
    expect(evening.all('charge.superseded')).toEqual([]);
  });

  it('a cancellation that came too late is said of the charge after a late scan too', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    await cloud.reservations(cloud.delta(0, 1, [change(1, seat())]));
    await evening.scan('u-1', []);
    await evening.until('18:10');
    await cloud.reservations(cloud.delta(1, 2, [change(2, seat(), { cancelledAt: told('09:30') })]));
    expect(evening.all('charge.superseded').at(-1)?.after.flags).toEqual(['cancel-rejected']);
    await evening.until('18:20');
    expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
    expect(evening.all('charge.superseded').at(-1)?.after).toMatchObject({
      yen: 9_000,
      flags: ['checkout-after-closing', 'cancel-rejected'],
    });
  });

  it('a cancellation in time that was told after the no-show takes its charge back', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    await cloud.reservations(cloud.delta(0, 1, [change(1, seat())]));
    await evening.until('12:10');
    expect(evening.bill()).toEqual({ 'u-1': 3_000 });
    await cloud.reservations(cloud.delta(1, 2, [change(2, seat(), { cancelledAt: told('08:00') })]));
    expect(evening.all('charge.superseded')).toMatchObject([
      {
        before: { rule: 'no-show-reserved', yen: 3_000 },
        after: { rule: 'cancelled', yen: 0 },
        reason: 'reservation-changed',
      },
    ]);
    await evening.until('18:30');
    expect(evening.bill()).toEqual({ 'u-1': 0 });
  });

  it('and of a visit that nothing but a refused code at the exit spoke for', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    await cloud.reservations(cloud.delta(0, 1, [change(1, seat())]));
    await evening.until('10:40');
    expect(await evening.scan('u-1', [seat()], 'exit')).toBe('no-open-stay');
    await evening.until('12:10');
    expect(evening.all('charge.computed')).toMatchObject([
      { charge: { flags: ['checkin-missing', 'tailgating-suspected'] } },
    ]);
    await cloud.reservations(cloud.delta(1, 2, [change(2, seat(), { cancelledAt: told('08:00') })]));
    expect(evening.all('charge.superseded')).toMatchObject([{ after: { rule: 'cancelled', yen: 0 } }]);
    expect(evening.bill()).toEqual({ 'u-1': 0 });
  });

  it('what may not be booked is kept, not used, and costs nothing', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    const changes = [
      change(1, seat({ id: 'r-0', from: '09:10' })),
      change(2, seat(), { sub: 'u-2' }),
      change(3, seat({ id: 'r-3', from: '11:30', to: '13:00' }), { sub: 'u-2' }),
      change(4, seat({ id: 'r-4', role: 'guest', host: 'u-2' }), { sub: 'u-3' }),
    ];
    expect(await cloud.reservations(cloud.delta(0, 4, changes))).toBe('applied');
    await evening.until('09:20');
    expect(await evening.scan('u-1', [])).toBe('no-reservation');
    expect(await evening.scan('u-3', [])).toBe('no-reservation');
    // Counted from its start where a pass brings it.
    await evening.until('09:21');
    expect(await evening.scan('u-1', [seat({ id: 'r-0', from: '09:10' })])).toBe('check-in');
    await evening.until('13:30');
    expect(evening.all('stay.no-show').map(({ reservation }) => reservation)).toEqual(['r-1']);
  });
});

describe('deltas', () => {
  it('that come twice are applied once', async () => {
    const cloud = await Cloud.over();
    const delta = cloud.delta(0, 1, [change(1, seat())]);
    expect(await cloud.reservations(delta)).toBe('applied');
    expect(await cloud.reservations(delta)).toBe('old');
  });

  it('that come late change nothing back', async () => {
    const cloud = await Cloud.over();
    const first = cloud.delta(0, 1, [change(1, seat())]);
    await cloud.reservations(cloud.delta(0, 2, [change(2, seat({ to: '14:00' }))]));
    expect(await cloud.reservations(first)).toBe('old');
    await cloud.evening.until('13:00');
    expect(await cloud.evening.scan('u-1', [])).toBe('check-in');
  });

  it('that overlap what is there are applied, and an older change in them changes nothing back', async () => {
    const cloud = await Cloud.over();
    await cloud.reservations(cloud.delta(0, 3, [change(3, seat({ to: '14:00' }))]));
    const overlapping = cloud.delta(1, 4, [
      change(2, seat()),
      change(4, seat({ id: 'r-4' }), { sub: 'u-4' }),
    ]);
    expect(await cloud.reservations(overlapping)).toBe('applied');
    await cloud.evening.until('11:00');
    expect(await cloud.evening.scan('u-4', [])).toBe('check-in');
    await cloud.evening.until('13:00');
    expect(await cloud.evening.scan('u-1', [])).toBe('check-in');
  });

  it('that name a reservation of another venue are refused as a whole, and the field is told', async () => {
    const cloud = await Cloud.over();
    const here = change(1, seat());
    const delta = cloud.delta(0, 2, [here, change(2, seat({ id: 'r-2', venue: 'ginza-1' }))]);
    expect(await cloud.reservations(delta)).toBe('refused');
    expect(cloud.said()).toContain('changes[1].reservation.venue: ginza-1 is not this venue');
    expect(cloud.sync.question('reservations')).toEqual({ need: 'reservations', have: 0 });
    expect(await cloud.evening.scan('u-1', [])).toBe('no-reservation');
    expect(await cloud.reservations(cloud.delta(0, 1, [here]))).toBe('applied');
    expect(await cloud.evening.scan('u-1', [])).toBe('check-in');
  });

  it('that name no issuer are refused as a whole where two serve the venue, and the field is told', async () => {
    const cloud = await Cloud.over();
    cloud.issuerKeys.issuers = ['https://issuer.example', 'https://second.example'];
    const named = change(1, seat(), { iss: 'https://second.example' });
    expect(await cloud.reservations(cloud.delta(0, 2, [named, change(2, seat({ id: 'r-2' }))]))).toBe(
      'refused',
    );
    expect(cloud.said()).toContain('changes[1].iss: missing, and 2 issuers serve this venue');
    expect(await cloud.uses(cloud.usage(0, 1, [use(1, at('08:00'))]))).toBe('refused');
    expect(cloud.said()).toContain('changes[0].iss: missing');
    const { evening } = cloud;
    expect(await evening.scanSecond('u-1', [])).toBe('no-reservation');
    expect(await cloud.reservations(cloud.delta(0, 1, [named]))).toBe('applied');
    await evening.until('09:01');
    expect(await evening.scan('u-1', [])).toBe('no-reservation');
    expect(await evening.scanSecond('u-1', [])).toBe('check-in');
  });

  it('with a gap before them are not applied: what is missing is asked for, once in five seconds', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    expect(await cloud.reservations(cloud.delta(2, 3, [change(3, seat())]))).toBe('gap');
    expect(await cloud.reservations(cloud.delta(3, 4, [change(4, seat())]))).toBe('gap');
    expect(cloud.asked).toEqual([{ need: 'reservations', have: 0 }]);
    expect(await evening.scan('u-1', [])).toBe('no-reservation');
    await evening.walk.clock.advance(5_000);
    expect(cloud.asked).toHaveLength(2);
    expect(await cloud.reservations(cloud.delta(0, 4, [change(4, seat())]))).toBe('applied');
    await evening.walk.clock.advance(60_000);
    expect(cloud.asked).toHaveLength(2);
    expect(await evening.scan('u-1', [])).toBe('check-in');
  });

  it('with a gap before them are not asked for after the end, when the journal is closed', async () => {
    const cloud = await Cloud.over();
    await cloud.reservations(cloud.delta(2, 3, [change(3, seat())]));
    await cloud.reservations(cloud.delta(3, 4, [change(4, seat())]));
    cloud.sync.close();
    await cloud.evening.walk.clock.advance(60_000);
    expect(cloud.asked).toHaveLength(1);
  });

  it('that come at once and in any order end in the same state', async () => {
    const cloud = await Cloud.over();
    const texts = [1, 2, 3].map((to) => cloud.delta(to - 1, to, [change(to, seat({ to: `1${to + 1}:00` }))]));
    const [first = '', second = '', third = ''] = texts;
    const taken = await takeAll([third, first, second, third], (text) => cloud.reservations(text));
    expect(taken).toEqual(['gap', 'applied', 'applied', 'applied']);
    await cloud.evening.until('13:59');
    expect(await cloud.evening.scan('u-1', [])).toBe('check-in');
  });

  it.each<[string, (cloud: Cloud) => string]>([
    [
      'signed by somebody else',
      (cloud) => cloud.sign('reservation-delta+jwt', claims(cloud), newSigner('EdDSA')),
    ],
    [
      'of a key that is not the cloud’s',
      (cloud) => cloud.sign('reservation-delta+jwt', claims(cloud), cloud.signer, { kid: 'issuer-1' }),
    ],
    ['of another type', (cloud) => cloud.sign('usage-delta+jwt', claims(cloud))],
    [
      'for another venue',
      (cloud) => cloud.sign('reservation-delta+jwt', { ...claims(cloud), venue: 'ginza-1' }),
    ],
    ['whose change is outside its versions', (cloud) => cloud.delta(0, 1, [change(2, seat())])],
    ['that goes nowhere', (cloud) => cloud.delta(1, 1, [])],
    ['that is no token', () => 'reservations'],
  ])('%s are refused', async (_, text) => {
    const cloud = await Cloud.over();
    expect(await cloud.reservations(text(cloud))).toBe('refused');
    expect(cloud.sync.question('reservations').have).toBe(0);
    expect(await cloud.evening.scan('u-1', [])).toBe('no-reservation');
  });
});

function claims(cloud: Cloud): object {
  return { venue: 'shibuya-1', from: 0, to: 1, iat: cloud.evening.walk.nowS(), changes: [change(1, seat())] };
}

describe('uses of a ticket elsewhere', () => {
  const almost = ticket({ used: 29 });

  it('count here: after one more elsewhere the 31st is allowed and the 32nd refused', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    await cloud.uses(cloud.usage(0, 1, [use(1, at('08:00'))]));
    expect(await evening.scan('u-1', [almost])).toBe('check-in');
    expect(evening.all('stay.checked-in')).toMatchObject([{ visit: { used: 31, remaining: 0 } }]);
    await evening.until('09:30');
    await evening.scan('u-1', [almost], 'exit');
    await evening.until('10:00');
    expect(await evening.scan('u-1', [almost])).toBe('limit-31');
  });

  it('count once, however often they are told, and those before the pass knew not at all', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    await cloud.uses(cloud.usage(0, 1, [use(1, at('05:00'))]));
    await cloud.uses(cloud.usage(0, 2, [use(1, at('05:00')), use(2, at('08:00'))]));
    await cloud.uses(cloud.usage(1, 3, [use(3, at('08:00'), { stay: 'elsewhere-2' })]));
    await evening.scan('u-1', [almost]);
    expect(evening.all('stay.checked-in')).toMatchObject([{ visit: { used: 31 } }]);
  });

  it('that were taken back do not count', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    await cloud.uses(cloud.usage(0, 1, [use(1, at('08:00'))]));
    await cloud.uses(cloud.usage(1, 2, [use(2, at('08:00'), { stay: 'elsewhere-1', counts: false })]));
    await evening.scan('u-1', [almost]);
    expect(evening.all('stay.checked-in')).toMatchObject([{ visit: { used: 30 } }]);
  });

  it('told back from here are not counted twice', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    await evening.scan('u-1', [ticket()]);
    const [first] = evening.all('stay.checked-in');
    await cloud.uses(
      cloud.usage(0, 1, [use(1, at('09:00'), { stay: first?.stay ?? '', venue: 'shibuya-1' })]),
    );
    await evening.until('09:30');
    await evening.scan('u-1', [ticket()], 'exit');
    await evening.until('10:00');
    await evening.scan('u-1', [ticket()]);
    expect(evening.all('stay.checked-in').map(({ visit }) => visit)).toMatchObject([
      { used: 13 },
      { used: 14 },
    ]);
  });
});
