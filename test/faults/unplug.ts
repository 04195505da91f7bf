/**
 * `faults unplug`: a board on a real serial port, in real time, whose plug is pulled during a pulse and at rest, again
 * and again. The gateway's driver has to notice it, to come back by itself, and never to send an old lease again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { doorController } from '../../device/door/controller.ts';
import { serialTransport } from '../../device/door/serial-transport.ts';
import { EmulatedBoard } from '../../device/emulator/board.ts';
import { pace } from '../../device/emulator/pace.ts';
import { openBoardPort } from '../../device/emulator/pty.ts';
import type { BoardPort } from '../../device/emulator/pty.ts';
import type { ControllerEvent, DoorController } from '../../device/ports.ts';
import { protocol } from '../../device/protocol.generated.ts';
import { trialsOfCommand } from '../trials.ts';

const HELP = `usage: faults unplug [--cycles N] [--json]

Pulls and plugs a board on a real serial port (socat), every other time during a pulse, every fourth time with its
power. Exits 1 if the loss was told later than after 1 s, if the board did not obey again within 5 s of its return, or
if anything but a new lease released the lock.

  --cycles N   default 100; with CI=true 10 unless GENKAN_FULL=1
  --json       one object a cycle; the last line is the summary
`;

/** Source: what the gateway promises of a lost board. */
const OFFLINE_MS_MAX = 1000;
const RETURN_MS_MAX = 5000;
const PULSE_MS = 600;
/** A cycle that hangs is a violation and not a command that never ends. */
const GIVE_UP_MS = 20_000;
/** By then everything is loaded and compiled; memory is counted from here. */
const WARM_UP_CYCLES = 5;

export interface UnplugCycle {
  readonly cycle: number;
  readonly during: 'pulse' | 'idle';
  readonly powered: boolean;
  /** From the pulled plug to `offline`. */
  readonly offlineMs: number;
  /** From the plug put back to the first new lease that is obeyed. */
  readonly returnMs: number;
  readonly heapKiB: number;
  readonly violations: readonly string[];
}

export interface UnplugReport {
  readonly trials: number;
  readonly violations: number;
  readonly worstOfflineMs: number;
  readonly worstReturnMs: number;
  /** Growth of the heap by one cycle, after a full collection; `null` where there were too few. */
  readonly heapKiBPerCycle: number | null;
  readonly rssMiB: number;
}

/** Pulls the plug `cycles` times. @param told hears of each */
export async function unplugCycles(
  cycles: number,
  told: (cycle: UnplugCycle) => void = () => undefined,
): Promise<UnplugReport> {
  const folder = mkdtempSync(join(tmpdir(), 'genkan-unplug-'));
  const board = new EmulatedBoard();
  const stop = pace(board);
  const port = await openBoardPort(board, join(folder, 'board'));
  const controller = doorController({ door: 'front', openTransport: serialTransport({ path: port.path }) });
  const done: UnplugCycle[] = [];
  try {
    const online = heard(controller, 'online');
    controller.start();
    await online;
    const site = new Site(board, port, controller);
    for (let cycle = 1; cycle <= cycles; cycle += 1) {
      const one = await site.cycle(cycle);
      done.push(one);
      told(one);
    }
  } finally {
    await controller.close();
    await port.close();
    stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return reportOf(done);
}

class Site {
  readonly #board: EmulatedBoard;
  readonly #port: BoardPort;
  readonly #controller: DoorController;
  #leaseId = 0;
  /** How often the relay was released. */
  #releases = 0;

  constructor(board: EmulatedBoard, port: BoardPort, controller: DoorController) {
    this.#board = board;
    this.#port = port;
    this.#controller = controller;
    board.onPin('lockRelay', (released) => (this.#releases += released ? 1 : 0));
  }

  async cycle(cycle: number): Promise<UnplugCycle> {
    const during = cycle % 2 === 1 ? 'pulse' : 'idle';
    const powered = cycle % 4 < 2;
    const problems: string[] = [];
    if (during === 'pulse') await this.#pulse(problems);
    const releases = this.#releases;

    const offline = heard(this.#controller, 'offline');
    const pulledMs = performance.now();
    await this.#port.unplug();
    // A board that lives on the gateway's USB alone loses its power with the plug.
    if (!powered) this.#board.reset('power-on');
    const offlineMs = (await offline) - pulledMs;
    await this.#secured(problems);

    const online = heard(this.#controller, 'online');
    const pluggedMs = performance.now();
    await this.#port.replug();
    await online;
    if (this.#releases > releases) problems.push('something else than a new lease released the lock');
    await this.#pulse(problems);
    const returnMs = performance.now() - pluggedMs;
    await this.#secured(problems);

    if (offlineMs > OFFLINE_MS_MAX) problems.push('the loss was told too late');
    if (returnMs > RETURN_MS_MAX) problems.push('the board came back too late');
    const [offlineMsRounded = 0, returnMsRounded = 0] = [offlineMs, returnMs].map(Math.round);
    return {
      ...{ cycle, during, powered, offlineMs: offlineMsRounded, returnMs: returnMsRounded },
      ...{ heapKiB: heapInUseKiB(), violations: problems },
    };
  }

  /** A lease of its own, obeyed. */
  async #pulse(problems: string[]): Promise<void> {
    const releases = this.#releases;
    const outcome = await this.#controller.pulse({ id: (this.#leaseId += 1), durationMs: PULSE_MS });
    if (outcome !== 'accepted') problems.push(`a new lease was ${outcome}`);
    else if (this.#releases !== releases + 1) problems.push('a new lease did not release the lock');
  }

  /** The lease that was running has ended by itself, by the board's own clock. */
  async #secured(problems: string[]): Promise<void> {
    if (!this.#board.pin('lockRelay')) return;
    const startMs = this.#board.ms;
    const endMs = await new Promise<number>((resolve) => {
      const stop = this.#board.onPin('lockRelay', () => {
        stop();
        resolve(this.#board.ms);
      });
    });
    if (endMs - startMs > PULSE_MS + protocol.limits.leaseOverrunMsMax)
      problems.push('a lease overran with the plug pulled');
  }
}

/** Resolves with the time of the next event of this kind. Rejects where none comes. */
function heard(controller: DoorController, kind: ControllerEvent['kind']): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`no ${kind} within ${GIVE_UP_MS} ms`));
    }, GIVE_UP_MS);
    const stop = controller.onEvent((event) => {
      if (event.kind !== kind) return;
      clearTimeout(timer);
      stop();
      resolve(performance.now());
    });
  });
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapInUseKiB(): number {
  collectGarbage();
  return Math.round(process.memoryUsage().heapUsed / 1024);
}

function reportOf(cycles: readonly UnplugCycle[]): UnplugReport {
  const [first, last] = [cycles[WARM_UP_CYCLES], cycles.at(-1)];
  const counted = cycles.length - 1 - WARM_UP_CYCLES;
  const grownKiB =
    first === undefined || last === undefined || counted < 1 ? null : last.heapKiB - first.heapKiB;
  return {
    trials: cycles.length,
    violations: cycles.reduce((sum, { violations }) => sum + violations.length, 0),
    worstOfflineMs: Math.max(...cycles.map(({ offlineMs }) => offlineMs)),
    worstReturnMs: Math.max(...cycles.map(({ returnMs }) => returnMs)),
    heapKiBPerCycle: grownKiB === null ? null : Math.round((grownKiB / counted) * 10) / 10,
    rssMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
  };
}

/** The subcommand. Resolves with the exit code: 1 if any promise was broken, 2 if the arguments make no sense. */
export async function unplugFaults(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cycles: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const cycles = Number(values.cycles ?? trialsOfCommand(100));
  if (values.help || !Number.isSafeInteger(cycles) || cycles < 1) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  const say = (what: object): void => {
    process.stdout.write(`${values.json ? JSON.stringify(what) : Object.entries(what).join('  ')}\n`);
  };
  const report = await unplugCycles(cycles, say);
  say(report);
  return report.violations === 0 ? 0 : 1;
}
