import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { doorController } from '../../device/door/controller.ts';
import { EmulatedBoard } from '../../device/emulator/board.ts';
import type { DoorController, LeaseOutcome } from '../../device/ports.ts';
import { decodeMessage, encodeMessage } from '../../device/protocol.ts';
import { Seeded } from '../seeded.ts';
import { DoorBench } from './door-bench.ts';
import type { Line } from './door-bench.ts';

let bench: DoorBench;
beforeEach(() => {
  bench = new DoorBench();
});
afterEach(() => bench.close());

/** A board that is online, with every instant at which its relay was energised. */
async function onlineDoor(): Promise<{ line: Line; controller: DoorController; releasedAtMs: number[] }> {
  const { line, controller } = bench.door(new EmulatedBoard());
  const releasedAtMs: number[] = [];
  line.board.onPin('lockRelay', (level) => level && releasedAtMs.push(bench.nowMs));
  await bench.until(() => controller.online);
  return { line, controller, releasedAtMs };
}

/** What a line may do to a frame of the host. */
const FAULTS: readonly (readonly [string, (frame: Uint8Array) => Uint8Array])[] = [
  ['lost', () => new Uint8Array(0)],
  // The answer names a number that nobody waits for.
  ['damaged in its number', (frame) => frame.map((byte, at) => (at === 3 ? byte ^ 4 : byte))],
  [
    'damaged in its check sum',
    (frame) => frame.map((byte, at) => (at === frame.length - 3 ? byte ^ 4 : byte)),
  ],
  ['cut short', (frame) => frame.subarray(0, -1)],
];

/** The board's bytes come one by one; a fault hits a frame of them. */
function framewise(fault: (frame: Uint8Array) => Uint8Array): (bytes: Uint8Array) => Uint8Array {
  const frame: number[] = [];
  return (bytes) => {
    const out: number[] = [];
    for (const byte of bytes) {
      frame.push(byte);
      if (byte === 0xf7) out.push(...fault(Uint8Array.from(frame.splice(0))));
    }
    return Uint8Array.from(out);
  };
}

const isOf = (frame: Uint8Array, type: string): boolean => {
  const message = decodeMessage(frame.subarray(2, -1));
  return 'type' in message && message.type === type;
};

describe.each(FAULTS)('secured 2 ms after an order whose frame was %s', (_name, spoil) => {
  it.each([
    ['lease', (controller: DoorController) => controller.pulse({ id: 1, durationMs: 10_000 })],
    ['hold-open', (controller: DoorController) => controller.holdOpen()],
  ] as const)('a door stays shut: the %s is superseded and not sent again', async (type, order) => {
    const { line, controller, releasedAtMs } = await onlineDoor();
    let left = 1;
    line.toBoard = (frame) => (isOf(frame, type) && left-- > 0 ? spoil(frame) : frame);
    const outcomes: LeaseOutcome[] = [];
    void order(controller).then((outcome) => outcomes.push(outcome));
    await bench.live(2);
    void controller.secure().then((outcome) => outcomes.push(outcome));
    await bench.live(1500);
    expect(releasedAtMs).toEqual([]);
    expect(outcomes).toEqual(['superseded', 'accepted']);
    void controller.pulse({ id: 2, durationMs: 200 }).then((outcome) => outcomes.push(outcome));
    await bench.until(() => outcomes.length === 3, 500);
    expect(outcomes[2]).toBe('accepted');
  });
});

describe('a door whose line loses, spoils, repeats and delays one frame in three', () => {
  it.each(Array.from({ length: 8 }, (_, at) => at + 1))(
    'never opens after an acknowledged secure without a newer order (seed %i)',
    async (seed) => {
      const dice = new Seeded(seed);
      const { line, controller, releasedAtMs } = await onlineDoor();
      const faulty = (frame: Uint8Array): Uint8Array =>
        dice.chance(1 / 3) ? dice.pick(FAULTS)[1](frame) : frame;
      line.toBoard = (frame) => {
        if (!dice.chance(0.2)) return faulty(frame);
        const again = frame.slice();
        setTimeout(() => line.board.serialWrite(again), dice.pick([1, 20, 160, 500]));
        return dice.chance(0.5) ? frame : new Uint8Array(0);
      };
      line.toHost = framewise(faulty);
      let acknowledged = 0;
      for (let round = 1; round <= 15; round += 1) {
        for (let orders = dice.between(1, 3); orders > 0; orders -= 1) {
          if (dice.chance(0.3)) void controller.holdOpen();
          else void controller.pulse({ id: round * 10 + orders, durationMs: 600 });
          await bench.live(dice.pick([0, 1, 2, 8, 40, 149, 300]));
        }
        const outcomes: LeaseOutcome[] = [];
        void controller.secure().then((outcome) => outcomes.push(outcome));
        await bench.until(() => outcomes.length > 0, 1000);
        if (!outcomes.includes('accepted')) continue;
        acknowledged += 1;
        const before = releasedAtMs.length;
        expect(line.board.pin('lockRelay'), `round ${round}`).toBe(false);
        await bench.live(dice.between(100, 700));
        expect(releasedAtMs.slice(before), `round ${round}`).toEqual([]);
      }
      expect(acknowledged).toBeGreaterThan(3);
    },
  );
});

describe('a door that another host has secured', () => {
  /** A board at which somebody else than the controller has counted to five. */
  async function securedByAnother(): Promise<Awaited<ReturnType<typeof onlineDoor>>> {
    const door = await onlineDoor();
    let bootNonce = 0;
    door.controller.onEvent((event) => {
      if (event.kind === 'online') ({ bootNonce } = event);
    });
    door.line.board.reset('external');
    await bench.until(() => bootNonce !== 0);
    door.line.board.serialWrite(encodeMessage('secure', 1, { bootNonce, fence: 5 }));
    await bench.live(20);
    return door;
  }

  const pulsed = async (controller: DoorController, id: number): Promise<LeaseOutcome> => {
    const outcomes: LeaseOutcome[] = [];
    void controller.pulse({ id, durationMs: 500 }).then((outcome) => outcomes.push(outcome));
    await bench.until(() => outcomes.length > 0, 600);
    return outcomes[0] ?? 'unreachable';
  };

  it('opens by no order of a controller that does not know, and by a new one once a status told it', async () => {
    const { controller, releasedAtMs } = await securedByAnother();
    expect(await pulsed(controller, 1)).toBe('superseded');
    expect(releasedAtMs).toEqual([]);
    await bench.live(600);
    expect(await pulsed(controller, 1)).toBe('accepted');
  });

  it('is secured and opened by a process that starts then, which counts on from there', async () => {
    const { line, controller } = await securedByAnother();
    await controller.close();
    const next = doorController({ door: 'front', openTransport: line.open });
    bench.controllers.push(next);
    next.start();
    await bench.until(() => next.online);
    const secured: LeaseOutcome[] = [];
    void next.secure().then((outcome) => secured.push(outcome));
    expect(await pulsed(next, 1)).toBe('accepted');
    expect(secured).toEqual(['accepted']);
  });
});
