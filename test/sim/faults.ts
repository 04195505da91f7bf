import type { Seeded } from '../seeded.ts';
import type { SimBroker } from './broker.ts';
import type { Calendar } from './calendar.ts';
import type { Cloud } from './cloud.ts';
import type { Board, SerialLine } from './controller.ts';
import type { Machine } from './machine.ts';
import type { Oracle } from './oracle.ts';
import type { World } from './world.ts';

const MINUTE_MS = 60_000;

export interface FaultParts {
  readonly world: World;
  readonly machine: Machine;
  readonly broker: SimBroker;
  readonly cloud: Cloud;
  readonly board: Board;
  readonly serial: SerialLine;
  readonly oracle: Oracle;
  readonly calendar: Calendar;
  /** Just before somebody comes in the last seconds of a reservation, epoch milliseconds. */
  readonly lastMinute: readonly number[];
  /** Opening of the day, epoch milliseconds. */
  readonly openMs: number;
}

/** Every kind of trouble, how often it comes on a day, and what it does. */
const TROUBLES: readonly {
  readonly perDay: number;
  readonly strike: (parts: FaultParts, random: Seeded) => void;
}[] = [
  {
    perDay: 4,
    strike: ({ broker }, random) =>
      broker.cutLine(random.pick([2_000, 30_000, 20 * MINUTE_MS, 3 * 60 * MINUTE_MS]), random.chance(0.4)),
  },
  {
    perDay: 2,
    strike: ({ broker }, random) =>
      broker.restart(random.pick([500, 5_000, 10 * MINUTE_MS]), random.chance(0.6)),
  },
  { perDay: 2, strike: forgetAcknowledged },
  { perDay: 0.5, strike: flap },
  {
    perDay: 1,
    strike: ({ world, cloud }, random) => {
      cloud.isDown = true;
      world.trace('consumer down');
      world.after(random.pick([3_000, 60_000, 60 * MINUTE_MS]), () => cloud.comeBack());
    },
  },
  { perDay: 3, strike: ({ cloud }) => cloud.sendDivergedReceipt() },
  { perDay: 2, strike: ({ machine }, random) => machine.crash(null, random.between(300, 30_000)) },
  { perDay: 1.5, strike: cutPower },
  { perDay: 3, strike: stepClock },
  { perDay: 2, strike: ({ board }) => board.reset() },
  { perDay: 2, strike: (parts, random) => unplug(parts, random.pick([400, 3_000, 15_000, 10 * MINUTE_MS])) },
  { perDay: 2, strike: unplugAtPulse },
  { perDay: 0.5, strike: cutBeforePulse },
  { perDay: 0.3, strike: fullDisk },
  { perDay: 0.25, strike: (parts, random) => succeedQuietly(parts, 'damaged file', random) },
  { perDay: 0.15, strike: restore },
];

/** Lays the troubles of a day: at any hour, but rather while people come and go. */
export function planFaults(parts: FaultParts, untilMs: number): void {
  const { world, openMs } = parts;
  const random = world.stream('faults');
  parts.serial.loss = random.pick([0, 0.01, 0.05]);
  for (const atMs of parts.lastMinute)
    if (random.chance(0.6))
      parts.world.after(atMs - parts.world.nowMs, () =>
        random.pick([unplugAtPulse, cutBeforePulse])(parts, random),
      );
  if (parts.calendar.doubt !== null) doubtClock(parts, parts.calendar.doubt);
  for (const { perDay, strike } of TROUBLES) {
    const times = Math.floor(perDay * 2 * random.next() + random.next());
    for (let time = 0; time < times; time += 1) {
      const atMs = openMs + random.between(0, Math.floor((untilMs - openMs) * random.pick([0.6, 1])));
      world.after(atMs - world.nowMs, () => strike(parts, random));
    }
  }
}

/** A broker that dies between its acknowledgement and the delivery, which is as short a stretch as that of the pulse. */
function forgetAcknowledged({ world, broker }: FaultParts): void {
  broker.atNextMessage = () => void world.after(50, () => broker.restart(500, true));
}

/** A line that comes and goes every few seconds for some minutes. */
function flap({ world, broker }: FaultParts, random: Seeded): void {
  const times = random.between(5, 25);
  for (let time = 0; time < times; time += 1)
    world.after(time * random.between(2_000, 9_000), () => broker.cutLine(random.between(300, 2_000), false));
}

/** A host without a clock of its own comes back with the time it went, and is believed when it has been set. */
function cutPower({ world, machine, oracle }: FaultParts, random: Seeded): void {
  const downMs = random.pick([5_000, 60_000, 30 * MINUTE_MS, 5 * 60 * MINUTE_MS]);
  machine.crash({ before: machine.walEnd() }, downMs);
  if (random.chance(0.5)) return;
  machine.time.offsetMs -= downMs;
  machine.time.trust = 'untrusted';
  oracle.clockSteps += 1;
  world.after(downMs + random.between(2_000, 10 * MINUTE_MS), () => {
    machine.time.offsetMs = random.between(-400, 400);
    machine.time.trust = 'trusted';
    oracle.clockSteps += 1;
    world.trace('clock synchronised');
  });
}

/** The clock is right, and nobody vouches for it until somebody has set it. */
function doubtClock({ world, machine, oracle }: FaultParts, doubt: NonNullable<Calendar['doubt']>): void {
  world.after(doubt.fromMs - world.nowMs, () => {
    machine.time.trust = 'untrusted';
    oracle.clockSteps += 1;
    world.trace('nobody vouches for the clock');
  });
  world.after(doubt.toMs - world.nowMs, () => {
    machine.time.trust = 'trusted';
    oracle.clockSteps += 1;
    world.trace('clock synchronised');
  });
}

function unplug({ world, board, serial }: FaultParts, forMs: number): void {
  serial.isCut = true;
  world.trace('controller unplugged');
  board.poke();
  world.after(forMs, () => {
    serial.isCut = false;
    world.trace('controller plugged in');
    board.poke();
  });
}

/**
 * The stretch between a pulse and its acknowledgement is short, so that it is aimed at: the frame is lost, and every
 * second time somebody sets the clock while the lease is offered again.
 */
function unplugAtPulse(parts: FaultParts, random: Seeded): void {
  parts.machine.atNextPulse = () => {
    unplug(parts, random.pick([3_000, 12_000, 15_000, MINUTE_MS]));
    if (random.chance(0.5)) stepClock(parts, random);
  };
}

/** The power goes when a grant is on disk and its lease has not left, perhaps until its reservation is over. */
function cutBeforePulse({ machine }: FaultParts, random: Seeded): void {
  machine.cutAtNextPulseMs = random.pick([5_000, 12_000, 30 * MINUTE_MS, 150 * MINUTE_MS]);
}

function stepClock({ world, machine, oracle }: FaultParts, random: Seeded): void {
  const stepMs = random.pick([-1, 1]) * random.pick([700, 4_000, 11_000, 3 * MINUTE_MS]);
  machine.time.offsetMs += stepMs;
  oracle.clockSteps += 1;
  world.trace(`clock moved by ${stepMs} ms`);
  world.after(random.between(3_000, 20 * MINUTE_MS), () => {
    machine.time.offsetMs = random.between(-400, 400);
    oracle.clockSteps += 1;
  });
}

/** While nobody stands at a door, and by a clock that is about right: no grant is under way, and the new epoch is the later. */
function succeedQuietly(
  { world, machine, oracle }: FaultParts,
  from: 'damaged file' | 'older copy',
  random: Seeded,
): void {
  const attempt = (left: number): void => {
    const sinceMs = world.nowMs - (oracle.presentations.at(-1)?.atMs ?? 0);
    if (sinceMs > MINUTE_MS && Math.abs(machine.time.offsetMs) < 1_000) machine.succeed(from);
    else if (left > 0) world.after(random.between(20_000, 40_000), () => attempt(left - 1));
  };
  attempt(20);
}

/** The journal is copied, and some hours later the copy is put in its place; perhaps the successor is damaged as well. */
function restore(parts: FaultParts, random: Seeded): void {
  const { world, machine } = parts;
  machine.backup();
  const laterMs = random.between(20, 240) * MINUTE_MS;
  world.after(laterMs, () => succeedQuietly(parts, 'older copy', random));
  if (random.chance(0.3))
    world.after(laterMs + random.between(20, 90) * MINUTE_MS, () =>
      succeedQuietly(parts, 'damaged file', random),
    );
}

/** Somebody else fills the disk; an operator makes room, and starts the gateway anew. */
function fullDisk({ world, machine }: FaultParts, random: Seeded): void {
  machine.fillDisk();
  world.after(random.between(1, 20) * MINUTE_MS, () => machine.crash(null, 2_000));
}
