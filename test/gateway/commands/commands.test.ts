import { describe, expect, it } from 'vitest';
import { at, guestOf, room, seat, ticket } from '../access/told.ts';
import { newSigner } from '../signing.ts';
import { Cloud } from '../cloud.ts';

const told = (clock: string) => `2025-10-20T${clock}:00+09:00`;

/** A venue where u-1 is in the seat of 9:00 to 12:00, and the id of that stay. */
async function withStay(
  venue: Readonly<Record<string, unknown>> = {},
): Promise<{ cloud: Cloud; stay: string }> {
  const cloud = await Cloud.over(venue);
  await cloud.evening.scan('u-1', [seat()]);
  const stay = cloud.evening.all('stay.checked-in')[0]?.stay ?? '';
  return { cloud, stay };
}

describe('the operator’s check-out', () => {
  it('of an open stay ends it at the instant that is told, and charges it', async () => {
    const { cloud, stay } = await withStay({ kind: 'h1t' });
    const { evening } = cloud;
    await evening.until('11:40');
    const result = await cloud.command({ cmd: 'check-out', stay, at: told('10:30') });
    expect(result).toMatchObject({ outcome: 'executed', detail: 'checked-out', yen: 2_000 });
    expect(evening.all('stay.checked-out')).toMatchObject([
      { by: 'operator', door: null, checkOut: told('10:30') },
    ]);
    expect(evening.all('stay.corrected')).toMatchObject([
      { stay, by: 'operator-7', reason: 'the member called', checkIn: null, checkOut: told('10:30') },
    ]);
    expect(evening.all('charge.computed')).toMatchObject([{ charge: { rule: 'h1t-shortened', yen: 2_000 } }]);
    expect(evening.all('reservation.shortened')).toMatchObject([
      { freeFrom: told('11:00'), freeUntil: told('12:00') },
    ]);
    expect(evening.all('command.executed')).toEqual([
      {
        command: result.command,
        cmd: 'check-out',
        via: 'cloud',
        by: 'operator-7',
        reason: 'the member called',
        target: stay,
        effect: 'checked-out',
      },
    ]);
    await evening.until('18:30');
    expect(evening.bill()).toEqual({ 'u-1': 2_000 });
  });

  it('of a forgotten stay supersedes its charge, with who asked for it and why', async () => {
    const { cloud, stay } = await withStay();
    const { evening } = cloud;
    await evening.until('18:30');
    expect(evening.bill()).toEqual({ 'u-1': 9_000 });
    expect(await cloud.command({ cmd: 'check-out', stay, at: told('12:10') })).toMatchObject({
      outcome: 'executed',
      yen: 3_500,
    });
    expect(evening.all('charge.computed')).toHaveLength(1);
    expect(evening.all('charge.superseded')).toMatchObject([
      {
        before: { rule: 'forgotten-seat-to-closing', yen: 9_000 },
        after: { rule: 'late-seat', yen: 3_500 },
        reason: 'the member called',
      },
    ]);
    expect(evening.all('stay.corrected')).toHaveLength(1);
    expect(evening.bill()).toEqual({ 'u-1': 3_500 });
  });

  it('of a ticket’s visit and of a guest’s ends it without a charge', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    await evening.scan('u-2', [ticket()]);
    await evening.scan('u-9', [room()]);
    await evening.scan('u-3', [guestOf('u-9')]);
    await evening.until('09:30');
    for (const { stay } of evening.all('stay.checked-in')) {
      expect(await cloud.command({ cmd: 'check-out', stay, at: told('09:20') })).toMatchObject({
        outcome: 'executed',
      });
    }
    expect(evening.walk.journal.stays.countOpen()).toBe(0);
    expect(evening.bill()).toEqual({ 'u-9': 3_000 });
  });

  it.each<[string, (stay: string) => object, string]>([
    ['a stay that is not there', () => ({ stay: 'nobody-1', at: told('10:00') }), 'no such stay'],
    ['an instant to come', (stay) => ({ stay, at: told('12:01') }), 'an instant is in the future'],
    [
      'an instant before the check-in',
      (stay) => ({ stay, at: told('08:59') }),
      'the check-out is before the check-in',
    ],
  ])('for %s is refused', async (_, over, detail) => {
    const { cloud, stay } = await withStay();
    await cloud.evening.until('12:00');
    const result = await cloud.command({ cmd: 'check-out', ...over(stay) });
    expect(result).toMatchObject({ outcome: 'refused', detail });
    expect(cloud.evening.all('command.refused')).toMatchObject([
      { command: result.command, via: 'cloud', by: 'operator-7', detail },
    ]);
    expect(cloud.evening.bill()).toEqual({});
  });

  it('of a stay that is checked out already is refused: that is for correct-stay', async () => {
    const { cloud, stay } = await withStay();
    await cloud.evening.until('12:00');
    await cloud.evening.scan('u-1', [], 'exit');
    expect(await cloud.command({ cmd: 'check-out', stay, at: told('10:00') })).toMatchObject({
      outcome: 'refused',
    });
    expect(cloud.evening.all('charge.superseded')).toEqual([]);
  });
});

describe('correct-stay', () => {
  it('of a check-out supersedes the charge', async () => {
    const { cloud, stay } = await withStay({ kind: 'h1t' });
    const { evening } = cloud;
    await evening.until('12:40');
    await evening.scan('u-1', [], 'exit');
    expect(evening.bill()).toEqual({ 'u-1': 4_000 });
    expect(await cloud.command({ cmd: 'correct-stay', stay, checkOut: told('11:29') })).toMatchObject({
      yen: 2_500,
    });
    expect(evening.bill()).toEqual({ 'u-1': 2_500 });
    expect(evening.all('stay.corrected')).toMatchObject([{ checkIn: null, checkOut: told('11:29') }]);
  });

  it('of the check-in of an open stay leaves it open, and its charge is to come', async () => {
    const { cloud, stay } = await withStay();
    const { evening } = cloud;
    await evening.until('12:00');
    expect(await cloud.command({ cmd: 'correct-stay', stay, checkIn: told('08:55') })).toMatchObject({
      outcome: 'executed',
      detail: 'open',
    });
    await evening.scan('u-1', [], 'exit');
    expect(evening.all('charge.computed')[0]?.charge.stamps.checkIn?.raw).toBe(told('08:55'));
  });

  it('of a no-show makes it a visit', async () => {
    const cloud = await Cloud.over({ kind: 'h1t' });
    const { evening } = cloud;
    evening.tell('u-1', seat());
    await evening.until('12:10');
    const stay = evening.all('stay.no-show')[0]?.stay ?? '';
    const result = await cloud.command({
      cmd: 'correct-stay',
      stay,
      checkIn: told('09:00'),
      checkOut: told('09:40'),
    });
    expect(result).toMatchObject({ detail: 'checked-out', yen: 1_000 });
    expect(evening.bill()).toEqual({ 'u-1': 1_000 });
  });

  it.each([
    ['a check-out at 12:40: 4,000', '12:40', 4_000],
    ['closing time: 9,000', null, 9_000],
  ])(
    'of the check-in alone of a no-show opens it, and charges nothing more before %s',
    async (_, out, yen) => {
      const cloud = await Cloud.over();
      const { evening } = cloud;
      evening.tell('u-1', seat());
      await evening.until('12:10');
      const stay = evening.all('stay.no-show')[0]?.stay ?? '';
      const result = await cloud.command({ cmd: 'correct-stay', stay, checkIn: told('09:00') });
      expect(result).toMatchObject({ outcome: 'executed', detail: 'open' });
      expect(evening.bill()).toEqual({ 'u-1': 3_000 });
      await evening.until(out ?? '18:02');
      if (out !== null) expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
      expect(evening.bill()).toEqual({ 'u-1': yen });
      expect(evening.all('charge.computed')).toHaveLength(1);
    },
  );

  it('of the check-in alone of a no-show whose closing has come is a forgotten check-out: 9,000', async () => {
    const cloud = await Cloud.over();
    const { evening } = cloud;
    evening.tell('u-1', seat());
    await evening.until('18:30');
    const stay = evening.all('stay.no-show')[0]?.stay ?? '';
    const result = await cloud.command({ cmd: 'correct-stay', stay, checkIn: told('09:00') });
    expect(result).toMatchObject({ outcome: 'executed', detail: 'forgotten', yen: 9_000 });
  });

  it('of nothing is refused', async () => {
    const { cloud, stay } = await withStay();
    expect(await cloud.command({ cmd: 'correct-stay', stay })).toMatchObject({ outcome: 'refused' });
  });
});

describe('a command', () => {
  it('is carried out once, also when it comes again after a restart', async () => {
    const { cloud, stay } = await withStay();
    const { evening } = cloud;
    await evening.until('12:40');
    const text = cloud.sign(
      'door-command+jwt',
      cloud.claims({ cmd: 'correct-stay', stay, checkOut: told('12:10'), exp: evening.walk.nowS() + 3_600 }),
    );
    expect(await cloud.deliver(text)).toMatchObject({ outcome: 'executed', yen: 3_500 });
    expect(await cloud.deliver(text)).toMatchObject({ outcome: 'refused', detail: 'used before' });
    await cloud.restart(told('12:45'));
    expect(await cloud.deliver(text)).toMatchObject({ outcome: 'refused', detail: 'used before' });
    expect(evening.all('stay.corrected')).toHaveLength(1);
    expect(evening.all('command.refused')).toHaveLength(2);
    expect(evening.bill()).toEqual({ 'u-1': 3_500 });
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['for another venue', { aud: 'ginza-1' }, 'for another venue'],
    ['that has expired', { iat: at('11:00') / 1000, exp: at('11:59') / 1000 }, 'expired'],
    ['that expires now', { iat: at('11:00') / 1000, exp: at('12:00') / 1000 }, 'expired'],
    ['from the future', { iat: at('12:00') / 1000 + 6 }, 'issued in the future'],
    ['that never ends', { exp: at('12:00') / 1000 + 86_401 }, 'lives too long'],
    ['that ends before it begins', { exp: at('12:00') / 1000 - 1 }, 'lives too long'],
    [
      'to unlock that lives for a minute',
      { cmd: 'unlock', door: 'front', stay: undefined, at: undefined },
      'lives too long',
    ],
    [
      'to replay what is still to come',
      { cmd: 'replay', fromSeq: 1_000, stay: undefined, at: undefined },
      'fromSeq: the newest event is 7',
    ],
  ])('%s is refused, journalled and answered', async (_, over, detail) => {
    const { cloud, stay } = await withStay();
    await cloud.evening.until('12:00');
    const result = await cloud.command({ cmd: 'check-out', stay, at: told('11:00'), ...over });
    expect(result).toMatchObject({ outcome: 'refused', detail });
    expect(cloud.evening.all('command.refused')).toMatchObject([{ command: result.command, detail }]);
    expect(cloud.answers.map(({ body }) => JSON.parse(body) as unknown)).toEqual([result]);
    expect(cloud.evening.walk.journal.stays.get(stay)).toMatchObject({ state: 'open' });
  });

  it('that the broker kept is refused', async () => {
    const { cloud, stay } = await withStay();
    const text = cloud.sign('door-command+jwt', cloud.claims({ cmd: 'check-out', stay, at: told('09:00') }));
    expect(await cloud.deliver(text, { retained: true })).toMatchObject({ outcome: 'refused' });
    expect(cloud.evening.walk.journal.stays.get(stay)).toMatchObject({ state: 'open' });
  });

  it.each([
    ['unlock', 2_000, 'refused', 'older than the connection: send it again'],
    ['unlock', 4_000, 'refused', 'no such door'],
    ['sync', 2_000, 'executed', 'asked'],
  ])(
    'to %s that is 4 s old, over a connection of %i ms, is %s: %s',
    async (cmd, connectedForMs, outcome, detail) => {
      const { cloud } = await withStay();
      cloud.uplink.connectedForMs = connectedForMs;
      const iat = cloud.evening.walk.nowS() - 4;
      const over = { cmd, iat, exp: iat + 10, ...(cmd === 'unlock' && { door: 'nowhere' }) };
      expect(await cloud.command(over)).toMatchObject({ outcome, detail });
    },
  );

  it('that is forged is refused without an answer, and journalled once a minute at most', async () => {
    const { cloud, stay } = await withStay();
    const forged = () =>
      cloud.sign(
        'door-command+jwt',
        cloud.claims({ cmd: 'check-out', stay, at: told('09:00') }),
        newSigner('EdDSA'),
      );
    for (const text of [forged(), forged(), 'no token']) {
      expect(await cloud.deliver(text, { responseTopic: 'mine' })).toMatchObject({
        command: null,
        outcome: 'refused',
      });
    }
    expect(cloud.evening.all('command.refused')).toEqual([
      { command: null, cmd: null, via: 'cloud', by: null, detail: 'not signed by a key of the cloud' },
    ]);
    await cloud.evening.walk.clock.advance(60_000);
    await cloud.deliver(forged());
    expect(cloud.evening.all('command.refused')).toHaveLength(2);
    expect(cloud.answers).toEqual([]);
    expect(cloud.evening.walk.journal.stays.get(stay)).toMatchObject({ state: 'open' });
  });

  it.each([
    [
      'where its sender wants it',
      'genkan/v1/shibuya-1/command-results/7',
      'genkan/v1/shibuya-1/command-results/7',
    ],
    [
      'on command-results where it names another venue',
      'genkan/v1/ueno-1/command-results/7',
      'genkan/v1/shibuya-1/command-results',
    ],
    [
      'on command-results where it names nothing of the venue',
      'operators/7/answers',
      'genkan/v1/shibuya-1/command-results',
    ],
    ['on command-results where it names nothing', null, 'genkan/v1/shibuya-1/command-results'],
    [
      'on command-results where it names what others say there',
      'genkan/v1/shibuya-1/receipts',
      'genkan/v1/shibuya-1/command-results',
    ],
    [
      'on command-results where it names a wildcard',
      'genkan/v1/shibuya-1/command-results/#',
      'genkan/v1/shibuya-1/command-results',
    ],
  ])('is answered %s', async (_, responseTopic, topic) => {
    const { cloud, stay } = await withStay();
    const correlationData = Buffer.from('c-1');
    const text = cloud.sign('door-command+jwt', cloud.claims({ cmd: 'check-out', stay, at: told('09:00') }));
    await cloud.deliver(text, { responseTopic, correlationData });
    expect(cloud.answers).toMatchObject([{ topic, correlationData }]);
  });
});

describe('a command about the line', () => {
  it('asks for everything again, once', async () => {
    const { cloud } = await withStay();
    const result = await cloud.command({ cmd: 'sync' });
    expect(result).toMatchObject({ outcome: 'executed', detail: 'asked' });
    expect(cloud.line).toEqual(['sync']);
    expect(cloud.evening.all('command.executed')).toMatchObject([
      { cmd: 'sync', target: null, effect: 'asked' },
    ]);
  });

  it('replays from a number on, after it is journalled', async () => {
    const { cloud } = await withStay();
    expect(await cloud.command({ cmd: 'replay', fromSeq: 2 })).toMatchObject({ detail: 'from 2' });
    expect(cloud.line).toEqual(['replay 2']);
    expect(cloud.evening.all('gateway.gap')).toEqual([]);
  });

  it.each([{ cmd: 'sync' }, { cmd: 'replay', fromSeq: 1 }])(
    '$cmd is refused without a line',
    async (order) => {
      const { cloud } = await withStay();
      cloud.uplink.isOnline = false;
      const result = await cloud.command(order);
      expect(result).toMatchObject({ outcome: 'refused', detail: 'there is no line to the cloud' });
      expect(cloud.line).toEqual([]);
    },
  );

  it('that opens a door is refused while nobody vouches for the time, and others are not', async () => {
    const { cloud, stay } = await withStay();
    const { clock } = cloud.evening.walk;
    await cloud.evening.until('09:30');
    clock.trusted = 'untrusted';
    const iat = cloud.evening.walk.nowS();
    expect(await cloud.command({ cmd: 'unlock', door: 'front', exp: iat + 10 })).toMatchObject({
      outcome: 'refused',
      detail: 'clock untrusted: nobody can say how old it is',
    });
    expect(await cloud.command({ cmd: 'check-out', stay, at: told('09:20') })).toMatchObject({
      outcome: 'executed',
    });
  });
});
