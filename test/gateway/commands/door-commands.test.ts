import { describe, expect, it } from 'vitest';
import type { ReleaseCause } from '../../../device/ports.ts';
import type { CommandResult } from '../../../shared/contract/command.ts';
import { seat } from '../access/told.ts';
import type { FakeController } from '../fake-controller.ts';
import { settled } from '../manual-clock.ts';
import { Cloud } from '../cloud.ts';

/** A door whose lock does what it is told, unless it is stuck: output and read-back follow leases, holds and secures. */
function obedient(controller: FakeController, isStuck = () => false): void {
  const move = (released: boolean, causes: ReleaseCause[]) => {
    if (isStuck()) return;
    const inputs = controller.report.inputs && {
      ...controller.report.inputs,
      'relay-readback': released,
      bolt: !released,
    };
    controller.report = { ...controller.report, released, causes, inputs };
    controller.emit({ kind: 'lock', released, causes, leaseId: null, atMs: 0 });
  };
  controller.onPulse = () => queueMicrotask(() => move(true, ['lease']));
  controller.holdOpen = () => {
    controller.orders.push('hold-open');
    if (controller.online) move(true, ['hold-open']);
    return Promise.resolve(controller.online ? 'accepted' : 'unreachable');
  };
  controller.secure = () => {
    controller.orders.push('secure');
    move(false, []);
    return Promise.resolve('accepted');
  };
}

function pull(controller: FakeController, open: boolean): void {
  const inputs = controller.report.inputs && { ...controller.report.inputs, contact: open };
  controller.report = { ...controller.report, inputs };
  controller.emit({ kind: 'input', input: 'contact', active: open, atMs: 10 });
}

interface Rig {
  readonly cloud: Cloud;
  readonly front: FakeController;
  /** Sends a command that lives for ten seconds, as whatever opens must. */
  readonly send: (over: Readonly<Record<string, unknown>>) => Promise<CommandResult>;
  /** Sends it, and lets the time run until it is answered. */
  readonly order: (cmd: string, over?: Readonly<Record<string, unknown>>) => Promise<CommandResult>;
}

async function rig(isStuck?: () => boolean): Promise<Rig> {
  const cloud = await Cloud.over();
  const { front, clock, control } = cloud.evening.walk;
  obedient(front, isStuck);
  const send: Rig['send'] = (over) =>
    cloud.command({ door: 'front', exp: cloud.evening.walk.nowS() + 10, ...over });
  return {
    cloud,
    front,
    send,
    order: async (cmd, over = {}) => {
      const answer = send({ cmd, ...over });
      // Signatures are verified in real time: the clock may move only when the command was begun.
      while (front.leases.length === 0 && control.order('front') === null) await settled();
      await clock.advance(10_000);
      return answer;
    },
  };
}

describe('an unlock', () => {
  it('is answered opened once the leaf was pulled, and is a grant of its operator in the ledger', async () => {
    const { cloud, front, send } = await rig();
    const answer = send({ cmd: 'unlock' });
    while (front.leases.length === 0) await settled();
    await cloud.evening.walk.clock.advance(500);
    pull(front, true);
    expect(await answer).toMatchObject({ outcome: 'executed', effect: 'opened' });
    expect(cloud.evening.all('access.granted')).toMatchObject([
      { door: 'front', via: 'operator', iss: null, sub: 'operator:operator-7', kind: 'admit', stay: null },
    ]);
    expect(cloud.evening.all('access.taken')).toHaveLength(1);
    expect(cloud.evening.all('command.executed')).toMatchObject([
      { cmd: 'unlock', by: 'operator-7', reason: 'the member called', target: 'front', effect: 'opened' },
    ]);
    expect(cloud.answers).toHaveLength(1);
  });

  it('that nobody made use of is answered released, after the pulse', async () => {
    const { order } = await rig();
    expect(await order('unlock')).toMatchObject({ outcome: 'executed', effect: 'released' });
  });

  it('of a door that stands open says so, as soon as the lock is released', async () => {
    const { cloud, front, send } = await rig();
    pull(front, true);
    expect(await send({ cmd: 'unlock' })).toMatchObject({ outcome: 'executed', effect: 'released-open' });
    expect(cloud.evening.all('command.executed')).toMatchObject([{ effect: 'released-open' }]);
  });

  it('whose lock does not move is refused with what the sensors saw, although the board took the lease', async () => {
    const { cloud, order } = await rig(() => true);
    expect(await order('unlock')).toMatchObject({ outcome: 'refused', effect: 'not-released' });
    expect(cloud.evening.all('command.executed')).toEqual([]);
  });

  it('does not hold up the lockdown behind it', async () => {
    const { cloud, front, send } = await rig();
    const unlock = send({ cmd: 'unlock' });
    while (front.leases.length === 0) await settled();
    expect(await send({ cmd: 'lockdown' })).toMatchObject({ outcome: 'executed', effect: 'secured' });
    await cloud.evening.walk.clock.advance(10_000);
    expect(await unlock).toMatchObject({ effect: 'released' });
    expect(front.report.released).toBe(false);
  });

  it('is not sent again after a restart, however young it is', async () => {
    const { cloud, front, send } = await rig();
    front.outcome = 'unreachable';
    // By a process that is gone, and its journal with it.
    const unanswered = expect(send({ cmd: 'unlock' })).rejects.toThrow('not open');
    while (front.leases.length === 0) await settled();
    const { length } = front.leases;
    front.outcome = 'accepted';
    await cloud.evening.walk.restart();
    await cloud.evening.walk.clock.advance(11_000);
    await unanswered;
    expect(front.leases).toHaveLength(length);
    expect(cloud.evening.all('access.not-taken')).toMatchObject([{ reason: 'pulse-failed' }]);
  });

  it.each([
    ['lives for eleven seconds', { exp: 11 }, 'lives too long'],
    ['is for a door that is not there', { exp: 10, door: 'roof' }, 'no such door'],
  ])('that %s is refused, and no lease is sent', async (_, { exp, ...over }, detail) => {
    const { cloud, front, send } = await rig();
    const result = await send({ cmd: 'unlock', ...over, exp: cloud.evening.walk.nowS() + exp });
    expect(result).toMatchObject({ outcome: 'refused', detail });
    expect(front.leases).toEqual([]);
  });
});

describe('a lockdown', () => {
  it('of a door that stands open is in force, and says that the lock holds nothing', async () => {
    const { cloud, front, send } = await rig();
    pull(front, true);
    expect(await send({ cmd: 'lockdown' })).toMatchObject({ outcome: 'executed', effect: 'secured-open' });
    expect(await cloud.evening.scan('u-2', [seat()])).toBe('lockdown');
  });

  it('denies entry, never the way out, and stands after a restart until it is resumed', async () => {
    const { cloud, send } = await rig();
    const { evening } = cloud;
    expect(await evening.scan('u-1', [seat()])).toBe('check-in');
    await evening.walk.clock.advance(20_000);
    expect(await send({ cmd: 'lockdown' })).toMatchObject({ outcome: 'executed', effect: 'secured' });
    expect(await evening.scan('u-2', [seat({ id: 'r-9', space: { id: 'seat-9', kind: 'seat' } })])).toBe(
      'lockdown',
    );
    await cloud.restart('09:10');
    await cloud.evening.until('09:10:01');
    expect(await evening.scan('u-3', [seat()])).toBe('lockdown');
    expect(await evening.scan('u-1', [seat()], 'exit')).toBe('check-out');
    expect(await send({ cmd: 'resume' })).toMatchObject({ outcome: 'executed', effect: 'secured' });
    expect(await evening.scan('u-4', [seat({ id: 'r-8', space: { id: 'seat-8', kind: 'seat' } })])).toBe(
      'check-in',
    );
  });
});

describe.each(['lockdown', 'secure', 'resume'])(
  'a %s of a door whose board has not answered a grant',
  (cmd) => {
    /** A member has been let in, the board has said nothing, and then the door is secured. */
    const secured = async (): Promise<Rig & { readonly sent: number }> => {
      const made = await rig();
      made.front.outcome = 'unreachable';
      expect(await made.cloud.evening.scan('u-1', [seat()])).toBe('check-in');
      await made.send({ cmd });
      const sent = made.front.leases.length;
      made.front.outcome = 'accepted';
      return { ...made, sent };
    };

    it('ends it: its lease is not sent any more, and its stay is voided', async () => {
      const { cloud, front, sent } = await secured();
      await cloud.evening.walk.clock.advance(11_000);
      expect(front.leases).toHaveLength(sent);
      expect(cloud.evening.all('stay.voided')).toHaveLength(1);
    });

    it('ends it for the next start too', async () => {
      const { cloud, front, sent } = await secured();
      await cloud.evening.walk.restart();
      await cloud.evening.walk.clock.advance(11_000);
      expect(front.leases).toHaveLength(sent);
      expect(cloud.evening.all('stay.voided')).toHaveLength(1);
    });

    it('voids nothing where the board had obeyed and only its answer was lost', async () => {
      const { cloud, front, sent } = await secured();
      front.report = { ...front.report, lastLeaseId: front.leases.at(-1)?.id ?? null };
      await cloud.evening.walk.clock.advance(250);
      pull(front, true);
      await cloud.evening.walk.clock.advance(11_000);
      expect(front.leases).toHaveLength(sent);
      expect(cloud.evening.all('stay.voided')).toEqual([]);
      expect(cloud.evening.all('access.taken')).toHaveLength(1);
    });

    // A lockdown lets nobody in until it is resumed.
    if (cmd !== 'lockdown')
      it('lets the member in who shows a code again', async () => {
        const { cloud, front, sent } = await secured();
        await cloud.evening.walk.clock.advance(2_000);
        expect(await cloud.evening.scan('u-1', [seat()])).toBe('check-in');
        await cloud.evening.walk.clock.advance(250);
        expect(front.leases).toHaveLength(sent + 1);
        expect(new Set(front.leases.map(({ id }) => id)).size).toBe(1);
        expect(cloud.evening.all('access.granted')).toHaveLength(1);
      });

    it('leaves the other door alone', async () => {
      const { cloud, front, send } = await rig();
      front.outcome = 'unreachable';
      await cloud.evening.scan('u-1', [seat()]);
      await send({ cmd, door: 'back' });
      front.outcome = 'accepted';
      const sent = front.leases.length;
      await cloud.evening.walk.clock.advance(300);
      expect(front.leases).toHaveLength(sent + 1);
    });
  },
);

describe('an unlock that the board has not answered', () => {
  it('is ended by the secure behind it', async () => {
    const { cloud, front, send } = await rig(() => true);
    front.outcome = 'unreachable';
    const unlock = send({ cmd: 'unlock' });
    while (front.leases.length === 0) await settled();
    await send({ cmd: 'secure' });
    const sent = front.leases.length;
    front.outcome = 'accepted';
    await cloud.evening.walk.clock.advance(10_000);
    expect(await unlock).toMatchObject({ outcome: 'refused', effect: 'not-released' });
    expect(front.leases).toHaveLength(sent);
  });
});

describe('a door held open', () => {
  it('is held again when its board comes back and after a restart, and still checks in and out', async () => {
    const { cloud, front, send } = await rig();
    const { evening } = cloud;
    expect(await send({ cmd: 'hold-open' })).toMatchObject({ outcome: 'executed', effect: 'released' });
    front.report = { ...front.report, released: false, causes: [] };
    front.emit({ kind: 'online', bootNonce: 2, firmware: '2.0', resetCause: 'watchdog' });
    expect(front.orders).toEqual(['hold-open', 'hold-open']);
    front.report = { ...front.report, released: false, causes: [] };
    await cloud.restart('09:30');
    await evening.until('09:30:01');
    expect(front.orders).toHaveLength(3);
    expect(await evening.scan('u-1', [seat()])).toBe('check-in');
    expect(await evening.scan('u-1', [seat()], 'exit')).toBe('check-out');
    expect(await send({ cmd: 'secure' })).toMatchObject({ effect: 'secured' });
  });

  it('until an instant is secured at that instant', async () => {
    const { cloud, front, send } = await rig();
    const until = '2025-10-20T09:01:00+09:00';
    await send({ cmd: 'hold-open', until });
    await cloud.evening.until('09:00:59');
    expect(front.report.released).toBe(true);
    await cloud.evening.until('09:01:01');
    expect(front.report.released).toBe(false);
    expect(await send({ cmd: 'hold-open', until })).toMatchObject({
      outcome: 'refused',
      detail: 'until: is over already',
    });
  });

  it('whose board is away is told so, and is held as soon as it is there', async () => {
    const { front, order, cloud } = await rig();
    front.online = false;
    expect(await order('hold-open')).toMatchObject({ outcome: 'executed', effect: 'not-released' });
    front.online = true;
    await cloud.evening.walk.clock.advance(1_000);
    expect(front.report.released).toBe(true);
  });
});
