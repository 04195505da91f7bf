import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmulatedBoard } from '../../device/emulator/board.ts';
import { CLOCK_HZ } from '../../device/emulator/avr.ts';
import { doorController } from '../../device/door/controller.ts';
import type { ControllerEvent, DoorController, LeaseOutcome } from '../../device/ports.ts';
import { decodeMessage, encodeMessage } from '../../device/protocol.ts';
import type { Message } from '../../device/protocol.ts';
import { DoorBench } from './door-bench.ts';
import type { Line } from './door-bench.ts';
import type { Heard } from './listening.ts';

const UNKNOWN = {
  released: null,
  causes: null,
  inputs: null,
  supplyMv: null,
  lastLeaseId: null,
  doorState: null,
  faults: null,
};
const CYCLES_PER_MS = CLOCK_HZ / 1000;

let bench: DoorBench;
beforeEach(() => {
  bench = new DoorBench();
});
afterEach(() => bench.close());

interface Door {
  readonly line: Line;
  readonly controller: DoorController;
  readonly heard: Heard<ControllerEvent>;
}

async function onlineDoor(name = 'front'): Promise<Door> {
  const door = bench.door(new EmulatedBoard(), name);
  await bench.until(() => door.controller.online);
  return door;
}

const kinds = ({ heard }: Door): string[] => heard.events.map((event) => event.kind);
const last = ({ heard }: Door, kind: ControllerEvent['kind']): ControllerEvent | undefined =>
  heard.events.findLast((event) => event.kind === kind);
const nonces = ({ heard }: Door): number[] =>
  heard.events.flatMap((event) => (event.kind === 'online' ? [event.bootNonce] : []));

/** Pulses and lives on until the outcome is there. */
async function pulsed(door: Door, id: number, durationMs: number): Promise<LeaseOutcome> {
  const pulse = door.controller.pulse({ id, durationMs });
  let settled = false;
  void pulse.then(() => (settled = true));
  await bench.until(() => settled);
  return pulse;
}

/** Every time the relay was on, in milliseconds of the board's clock. */
function relayTimes(board: EmulatedBoard): number[] {
  const times: number[] = [];
  let onAt = 0;
  board.onPin('lockRelay', (level, cycles) => {
    if (level) onAt = cycles;
    else times.push((cycles - onAt) / CYCLES_PER_MS);
  });
  return times;
}

/** Puts other frames in the place of some of those that pass; `null` lets one pass as it is. */
function rewritten(rewrite: (message: Message) => Uint8Array | null): (bytes: Uint8Array) => Uint8Array {
  let held: number[] = [];
  return (bytes) => {
    const out: number[] = [];
    for (const byte of bytes) {
      if (byte === 0xf0 || held.length > 0) held.push(byte);
      else out.push(byte);
      if (byte !== 0xf7) continue;
      const message = decodeMessage(held.slice(2, -1));
      out.push(...(('error' in message ? null : rewrite(message)) ?? held));
      held = [];
    }
    return Uint8Array.from(out);
  };
}

describe('a door controller on the real firmware', () => {
  it('is online within a second of its start, with its report known', async () => {
    const door = bench.door(new EmulatedBoard());
    expect(door.controller.online).toBe(false);
    expect(door.controller.report).toEqual(UNKNOWN);
    expect(await bench.until(() => door.controller.online)).toBeLessThan(1000);
    expect(kinds(door)).toEqual(['online']);
    expect(last(door, 'online')).toMatchObject({ resetCause: 'power-on' });
    expect(door.controller.report).toMatchObject({ released: false, causes: [], inputs: { contact: false } });
    expect(door.controller.report.supplyMv).toBeGreaterThan(11_000);
  });

  it('has nothing to warn of while the board runs the build that is committed', async () => {
    expect(last(await onlineDoor(), 'online')).not.toHaveProperty('warning');
  });

  it('warns of a board with another build, and works with it', async () => {
    const board = new EmulatedBoard();
    const door = bench.door(board);
    door.line.toHost = rewritten((message) =>
      message.type === 'hello'
        ? encodeMessage('hello', message.sequence, { ...message.fields, buildId: 0x0badb11d })
        : null,
    );
    await bench.until(() => door.controller.online);
    expect(last(door, 'online')).toMatchObject({ warning: expect.stringContaining('0badb11d') as string });
    expect(await pulsed(door, 1, 500)).toBe('accepted');
  });

  it('knows the last lease that was obeyed also if it was another process that sent it', async () => {
    const door = await onlineDoor();
    expect(door.controller.report.lastLeaseId).toBeNull();
    await pulsed(door, 77, 200);
    await door.controller.close();
    const next = doorController({ door: 'front', openTransport: door.line.open });
    bench.controllers.push(next);
    next.start();
    await bench.until(() => next.online);
    expect(next.report.lastLeaseId).toBe(77);
  });

  it('brings the settings of the board in line with its own, once', async () => {
    const board = new EmulatedBoard();
    const settings = {
      exitButtonMs: 8000,
      doorOpenS: 45,
      egressSensing: 'button',
      buzzer: false,
      monitored: ['contact', 'bolt'],
      lockToleranceMs: 2000,
    } as const;
    const writes = (written: readonly Uint8Array[]): number =>
      written.filter((bytes) => {
        const message = decodeMessage(bytes.subarray(2, -1));
        return !('error' in message) && message.type === 'settings-write';
      }).length;
    const first = bench.door(board, 'front', { settings });
    await bench.until(() => first.controller.online);
    await bench.live(500);
    expect(writes(first.line.written)).toBe(1);
    board.reset('power-on');
    await bench.until(() => last(first, 'reset') !== undefined);
    await bench.live(500);
    expect(writes(first.line.written)).toBe(1);
  });

  it('drives the board through johnny-five: the status LED blinks with the heartbeat', async () => {
    const door = await onlineDoor();
    let changes = 0;
    door.line.board.onPin('statusLed', () => (changes += 1));
    await bench.live(5000);
    expect(changes).toBeGreaterThanOrEqual(9);
    expect(changes).toBeLessThanOrEqual(11);
  });

  it('releases the lock for the length of the lease, by the clock of the board', async () => {
    const door = await onlineDoor();
    const times = relayTimes(door.line.board);
    expect(await pulsed(door, 1, 800)).toBe('accepted');
    expect(door.line.board.pin('lockRelay')).toBe(true);
    await bench.until(() => times.length === 1);
    // The lease is counted in the board's ticks of a millisecond, the first of which may be under way.
    expect(times[0]).toBeGreaterThan(799);
    expect(times[0]).toBeLessThanOrEqual(850);
    await bench.live(20);
    const locks = door.heard.events.filter((event) => event.kind === 'lock');
    expect(locks).toMatchObject([
      { released: true, causes: ['lease'], leaseId: 1 },
      { released: false, causes: [], leaseId: null },
    ]);
    expect(door.controller.report).toMatchObject({ released: false, causes: [] });
  });

  it('says repeated for a lease that was obeyed before, and moves nothing', async () => {
    const door = await onlineDoor();
    const times = relayTimes(door.line.board);
    expect(await pulsed(door, 7, 200)).toBe('accepted');
    await bench.until(() => times.length === 1);
    expect(await pulsed(door, 7, 200)).toBe('repeated');
    await bench.live(500);
    expect(times).toHaveLength(1);
  });

  it('says accepted, and releases once, when only the ack was lost', async () => {
    const door = await onlineDoor();
    const times = relayTimes(door.line.board);
    const from = bench.nowMs;
    door.line.toHost = (bytes) => (bench.nowMs - from < 140 ? new Uint8Array(0) : bytes);
    expect(await pulsed(door, 3, 600)).toBe('accepted');
    expect(bench.nowMs - from).toBeGreaterThanOrEqual(150);
    await bench.live(1500);
    expect(times).toHaveLength(1);
  });

  it('says unreachable after 500 ms without an answer', async () => {
    const door = await onlineDoor();
    door.line.toBoard = () => new Uint8Array(0);
    const from = bench.nowMs;
    expect(await pulsed(door, 3, 600)).toBe('unreachable');
    expect(bench.nowMs - from).toBe(500);
  });

  it(
    'holds the lock open until it is told to secure, and tells the cause',
    { timeout: 120_000 },
    async () => {
      const door = await onlineDoor();
      const times = relayTimes(door.line.board);
      const hold = door.controller.holdOpen();
      await bench.until(() => door.controller.report.released === true, 1000);
      expect(await hold).toBe('accepted');
      expect(last(door, 'lock')).toMatchObject({ released: true, causes: ['hold-open'], leaseId: null });
      await bench.live(10_000);
      expect(times).toEqual([]);
      const secure = door.controller.secure();
      await bench.until(() => door.controller.report.released === false, 1000);
      expect(await secure).toBe('accepted');
      await bench.live(5000);
      expect(times).toHaveLength(1);
    },
  );

  it('keeps on holding over a lost renewal', async () => {
    const door = await onlineDoor();
    const times = relayTimes(door.line.board);
    void door.controller.holdOpen();
    await bench.live(500);
    let lost = 0;
    door.line.toBoard = rewritten((message) =>
      // A renewal is two frames where no ack comes.
      message.type === 'hold-open' && (lost += 1) <= 2 ? new Uint8Array(0) : null,
    );
    await bench.live(5000);
    expect(lost).toBeGreaterThan(2);
    expect(times).toEqual([]);
  });

  it('lets a hold lapse 3 s after the line was cut, and does not begin it anew when the board is back', async () => {
    const door = await onlineDoor();
    const times = relayTimes(door.line.board);
    void door.controller.holdOpen();
    await bench.live(1500);
    door.line.toBoard = () => new Uint8Array(0);
    await bench.until(() => times.length === 1, 4000);
    door.line.toBoard = (bytes) => bytes;
    await bench.until(() => door.controller.online);
    await bench.live(3000);
    expect(door.line.board.pin('lockRelay')).toBe(false);
    expect(times).toHaveLength(1);
  });

  it('does not go on renewing a hold that was unreachable', async () => {
    const door = await onlineDoor();
    door.line.toHost = () => new Uint8Array(0);
    let outcome = '';
    void door.controller.holdOpen().then((word) => (outcome = word));
    await bench.until(() => outcome !== '');
    expect(outcome).toBe('unreachable');
    door.line.toHost = (bytes) => bytes;
    await bench.live(4000);
    expect(door.line.board.pin('lockRelay')).toBe(false);
    door.line.unplug();
    expect(await door.controller.holdOpen()).toBe('unreachable');
    expect(await door.controller.secure()).toBe('unreachable');
  });

  it('tells every debounced input and shows it in the report', async () => {
    const door = await onlineDoor();
    for (const input of ['contact', 'bolt', 'fire', 'tamper', 'exit-button'] as const) {
      for (const active of [true, false]) {
        door.line.board.setInput(input, active);
        await bench.until(() => door.controller.report.inputs?.[input] === active, 1000);
        expect(last(door, 'input')).toMatchObject({ input, active });
      }
    }
  });

  it('tells the exit button as a cause of the lock', async () => {
    const door = await onlineDoor();
    door.line.board.setInput('exit-button', true);
    await bench.until(() => door.controller.report.released === true, 1000);
    expect(last(door, 'lock')).toMatchObject({ released: true, causes: ['exit-button'], leaseId: null });
  });

  it('shows a signal to the member', async () => {
    const door = await onlineDoor();
    door.controller.signal('granted');
    await bench.until(() => door.line.board.pin('greenLed'), 100);
    door.controller.signal('denied');
    await bench.until(() => door.line.board.pin('redLed'), 100);
    expect(door.line.board.pin('greenLed')).toBe(false);
  });
});

describe('a door controller that loses its board', () => {
  it('is offline about a second after the board fell silent, and knows nothing from then on', async () => {
    const door = await onlineDoor();
    door.line.running = false;
    const tookMs = await bench.until(() => !door.controller.online);
    expect(tookMs).toBeLessThanOrEqual(1000);
    expect(tookMs).toBeGreaterThan(400);
    expect(last(door, 'offline')).toEqual({ kind: 'offline', reason: 'nothing valid was heard for 1000 ms' });
    expect(door.controller.report).toEqual(UNKNOWN);
    const written = door.line.written.length;
    // At once: no virtual time passes here.
    expect(await door.controller.pulse({ id: 1, durationMs: 500 })).toBe('unreachable');
    expect(door.line.written).toHaveLength(written);
  });

  it('stays online when one answer to a heartbeat is lost', async () => {
    const door = await onlineDoor();
    const asked = door.line.written.length;
    await bench.until(() => door.line.written.length > asked);
    door.line.toHost = () => new Uint8Array(0);
    await bench.live(100);
    door.line.toHost = (bytes) => bytes;
    await bench.live(3000);
    expect(kinds(door)).toEqual(['online']);
  });

  it('is offline at once when the port is gone, and a lease that waits is unreachable', async () => {
    const door = await onlineDoor();
    door.line.toBoard = () => new Uint8Array(0);
    const pulse = door.controller.pulse({ id: 1, durationMs: 500 });
    door.line.unplug();
    expect(await pulse).toBe('unreachable');
    expect(kinds(door)).toEqual(['online', 'offline']);
    expect(last(door, 'offline')).toEqual({ kind: 'offline', reason: 'unplugged' });
  });

  it.each([0, 300, 1700, 4900, 30_000])(
    'is online again within 5 s of the board, away for %i ms, being back, and replays no lease',
    async (awayMs) => {
      const door = await onlineDoor();
      const [former] = nonces(door);
      door.line.toBoard = () => new Uint8Array(0);
      const pulse = door.controller.pulse({ id: 1, durationMs: 500 });
      door.line.unplug();
      expect(await pulse).toBe('unreachable');
      door.line.toBoard = (bytes) => bytes;
      await bench.live(awayMs);
      const times = relayTimes(door.line.board);
      door.line.plug();
      expect(await bench.until(() => door.controller.online)).toBeLessThan(5000);
      await bench.live(3000);
      expect(times).toEqual([]);
      expect(door.line.board.pin('lockRelay')).toBe(false);
      // Offline once for each reason: first unplugged, later no such port.
      expect(kinds(door).filter((kind, at, all) => kind !== all[at - 1])).toEqual([
        'online',
        'offline',
        'online',
      ]);
      expect(nonces(door)[1]).not.toBe(former);
      expect(await pulsed(door, 1, 500)).toBe('accepted');
    },
  );

  it.each([1500, 6000, 20_000])(
    'is online again within 5 s of a board that stood still for %i ms on an open port',
    async (stillMs) => {
      const door = await onlineDoor();
      door.line.running = false;
      await bench.live(stillMs);
      expect(door.controller.online).toBe(false);
      door.line.running = true;
      expect(await bench.until(() => door.controller.online)).toBeLessThan(5000);
    },
  );

  it('tells a reset and the new boot, and the leases of the former boot are dead', async () => {
    const door = await onlineDoor();
    const times = relayTimes(door.line.board);
    expect(await pulsed(door, 1, 5000)).toBe('accepted');
    door.line.board.reset('external');
    expect(await bench.until(() => nonces(door).length === 2)).toBeLessThan(1500);
    expect(kinds(door).filter((kind) => kind !== 'lock')).toEqual(['online', 'reset', 'online']);
    expect(last(door, 'reset')).toEqual({ kind: 'reset', resetCause: 'external' });
    await bench.live(3000);
    expect(door.line.board.pin('lockRelay')).toBe(false);
    expect(times).toHaveLength(1);
    expect(await pulsed(door, 2, 500)).toBe('accepted');
  });

  it('notices a reset from the next status if the hello of the boot was lost', async () => {
    const door = await onlineDoor();
    door.line.toHost = () => new Uint8Array(0);
    door.line.board.reset('external');
    await bench.live(200);
    door.line.toHost = (bytes) => bytes;
    await bench.until(() => nonces(door).length === 2, 2000);
    expect(kinds(door)).toEqual(['online', 'reset', 'online']);
  });

  it('survives a firmware that hangs: the watchdog resets it, and the door is online again', async () => {
    const door = await onlineDoor();
    door.line.board.hang('everything');
    await bench.until(() => nonces(door).length === 2, 5000);
    expect(last(door, 'online')).toMatchObject({ resetCause: 'watchdog' });
  });

  it('drives two boards in one process, each by its own leases', async () => {
    const front = await onlineDoor('front');
    const back = await onlineDoor('back');
    expect(await pulsed(front, 1, 500)).toBe('accepted');
    expect(front.line.board.pin('lockRelay')).toBe(true);
    expect(back.line.board.pin('lockRelay')).toBe(false);
    back.line.unplug();
    expect(front.controller.online).toBe(true);
    back.line.plug();
    await bench.until(() => back.controller.online);
    expect(await pulsed(back, 1, 500)).toBe('accepted');
    expect(kinds(front)).not.toContain('offline');
  });
});

describe('a door controller and who listens to it', () => {
  it.each(['reset', 'offline'] as const)(
    'is silent from its close on, even one out of a %s event',
    async (kind) => {
      const door = await onlineDoor();
      const onlineAtOnline: boolean[] = [];
      door.controller.onEvent((event) => {
        if (event.kind === kind) void door.controller.close();
        if (event.kind === 'online') onlineAtOnline.push(door.controller.online);
      });
      if (kind === 'reset') door.line.board.reset('external');
      else door.line.unplug();
      await bench.until(() => kinds(door).includes(kind));
      // The online of the new boot is part of the event that is under way; nothing comes after it.
      const told = kinds(door);
      expect(onlineAtOnline).toEqual(kind === 'reset' ? [true] : []);
      if (kind === 'offline') door.line.plug();
      await bench.live(4000);
      expect(kinds(door)).toEqual(told);
      expect(door.controller.online).toBe(false);
      expect(door.controller.report).toEqual(UNKNOWN);
    },
  );

  it('starts again after a close', async () => {
    const door = await onlineDoor();
    await door.controller.close();
    await bench.live(2000);
    expect(kinds(door)).toEqual(['online']);
    door.controller.start();
    await bench.until(() => door.controller.online);
  });

  it('leaves out who has stopped listening', async () => {
    const door = await onlineDoor();
    let heard = 0;
    const stop = door.controller.onEvent(() => (heard += 1));
    stop();
    stop();
    door.line.unplug();
    expect(heard).toBe(0);
    expect(kinds(door)).toEqual(['online', 'offline']);
  });
});

describe('noise on the line', () => {
  /** Messages that make firmata-io 2.3.0 throw, and bytes of every kind. */
  const NOISE: readonly (readonly [name: string, bytes: readonly number[]])[] = [
    ['an empty firmware name', [0xf0, 0x79, 0xf7]],
    ['the state of a pin that does not exist', [0xf0, 0x6e, 0x7f, 1, 1, 0xf7]],
    ['an analog mapping of too many pins', [0xf0, 0x6a, ...Array.from({ length: 40 }, () => 1), 0xf7]],
    ['a frame of ours with a wrong check sum', [0xf0, 0x0d, 1, 2, 3, 4, 5, 6, 0xf7]],
    ['half a frame', [0xf0, 0x0d, 1, 2, 3]],
    ['an endless message', [0xf0, ...Array.from({ length: 5000 }, () => 0x11), 0xf7]],
    ['every byte there is', Array.from({ length: 512 }, (_, at) => (at * 7) & 0xff)],
  ];

  it.each(NOISE)('%s changes nothing', async (_name, bytes) => {
    const door = await onlineDoor();
    // A bare board misses its bolt; from then on nothing changes by itself.
    await bench.until(() => door.controller.report.doorState === 'lock-fault');
    const before = door.controller.report;
    let noise = bytes;
    door.line.toHost = (real) => {
      const spoilt = Uint8Array.of(...noise, ...real);
      noise = [];
      return spoilt;
    };
    await bench.live(3000);
    expect(kinds(door)).toEqual(['online']);
    expect(door.controller.report).toEqual(before);
    expect(await pulsed(door, 1, 500)).toBe('accepted');
  });

  it('that spoils every tenth byte to the host makes no event that the board did not send', async () => {
    const door = await onlineDoor();
    let count = 0;
    door.line.toHost = (bytes) => bytes.map((byte) => (++count % 10 === 0 ? byte ^ 0x15 : byte));
    await bench.live(5000);
    door.line.toHost = (bytes) => bytes;
    await bench.until(() => door.controller.online);
    expect(kinds(door).filter((kind) => kind === 'lock' || kind === 'input')).toEqual([]);
  });

  it('on the way to the board releases nothing', async () => {
    const door = await onlineDoor();
    const times = relayTimes(door.line.board);
    for (const [, bytes] of NOISE) door.line.board.serialWrite(Uint8Array.from(bytes));
    await bench.live(3000);
    expect(times).toEqual([]);
    await bench.until(() => door.controller.online);
    expect(await pulsed(door, 1, 500)).toBe('accepted');
  });
});
