import { afterEach, describe, expect, it } from 'vitest';
import { doorController } from '../../device/door/controller.ts';
import { serialTransport } from '../../device/door/serial-transport.ts';
import { emittingTransport } from '../../device/door/transport.ts';
import type { OpenTransport } from '../../device/door/transport.ts';
import { EmulatedBoard } from '../../device/emulator/board.ts';
import { pace } from '../../device/emulator/pace.ts';
import { openBoardPort } from '../../device/emulator/pty.ts';
import type { BoardPort } from '../../device/emulator/pty.ts';
import { BoardTransport } from '../../device/emulator/transport.ts';
import type { ControllerEvent, DoorController } from '../../device/ports.ts';
import { needs } from '../needs.ts';
import { Heard, freePath } from './listening.ts';

/** In real time: what the real serialport does cannot be hurried. */
const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each();
});

interface Door {
  readonly controller: DoorController;
  readonly heard: Heard<ControllerEvent>;
}

function startedDoor(openTransport: OpenTransport): Door {
  const controller = doorController({ door: 'front', openTransport });
  const heard = new Heard<ControllerEvent>();
  controller.onEvent(heard.listener);
  controller.start();
  cleanUp.push(() => controller.close());
  return { controller, heard };
}

function livingBoard(): EmulatedBoard {
  const board = new EmulatedBoard();
  cleanUp.push(pace(board));
  return board;
}

async function portOf(board: EmulatedBoard): Promise<BoardPort> {
  const port = await openBoardPort(board, freePath());
  cleanUp.push(() => port.close());
  return port;
}

const is = (kind: ControllerEvent['kind']) => (event: ControllerEvent) => event.kind === kind;
const released = (event: ControllerEvent): boolean => event.kind === 'lock' && event.released;

describe('a door controller on a serial port', needs('socat'), () => {
  it('is online, obeys a lease, and tells what the lock did', async () => {
    const board = livingBoard();
    const port = await portOf(board);
    const { controller, heard } = startedDoor(serialTransport({ path: port.path }));
    await heard.first(is('online'));
    expect(await controller.pulse({ id: 1, durationMs: 300 })).toBe('accepted');
    await heard.first(released);
    await heard.first((event) => event.kind === 'lock' && !event.released);
  });

  it('is offline within a second of a pulled plug, three times over, and back within 5 s, without the old lease', async () => {
    const board = livingBoard();
    let releases = 0;
    board.onPin('lockRelay', (level) => (releases += level ? 1 : 0));
    const port = await portOf(board);
    const { controller, heard } = startedDoor(serialTransport({ path: port.path }));
    await heard.first(is('online'));
    for (let id = 1; id <= 3; id += 1) {
      const offline = heard.next(is('offline'));
      const unpluggedMs = performance.now();
      await port.unplug();
      const lost = controller.pulse({ id, durationMs: 300 });
      await offline;
      expect(performance.now() - unpluggedMs).toBeLessThan(1000);
      expect(await lost).toBe('unreachable');
      expect(controller.report.released).toBeNull();

      const online = heard.next(is('online'));
      const pluggedMs = performance.now();
      await port.replug();
      await online;
      expect(performance.now() - pluggedMs).toBeLessThan(5000);
    }
    // Whatever was still to come of the lost leases would have come before the answer to this one.
    expect(await controller.pulse({ id: 9, durationMs: 300 })).toBe('accepted');
    await heard.first(released);
    expect(releases).toBe(1);
  });

  it('is offline about a second after the board froze behind an open port', async () => {
    const board = new EmulatedBoard();
    let stop = pace(board);
    cleanUp.push(() => stop());
    const port = await portOf(board);
    const { heard } = startedDoor(serialTransport({ path: port.path }));
    await heard.first(is('online'));
    const offline = heard.next(is('offline'));
    const frozenMs = performance.now();
    stop();
    await offline;
    const tookMs = performance.now() - frozenMs;
    expect(tookMs).toBeGreaterThan(400);
    expect(tookMs).toBeLessThan(1500);
    const online = heard.next(is('online'));
    stop = pace(board);
    await online;
  });

  it('says which port is missing, and takes the board when it comes', async () => {
    const path = freePath();
    const { heard } = startedDoor(serialTransport({ path }));
    const offline = await heard.first(is('offline'));
    expect(offline.kind === 'offline' && offline.reason).toContain(path);
    const port = await openBoardPort(livingBoard(), path);
    cleanUp.push(() => port.close());
    await heard.first(is('online'));
  });

  it('drives two boards in one process, each by its own leases', async () => {
    const boards = [livingBoard(), livingBoard()];
    const doors: Door[] = [];
    for (const board of boards) {
      const port = await portOf(board);
      doors.push(startedDoor(serialTransport({ path: port.path })));
    }
    await Promise.all(doors.map(({ heard }) => heard.first(is('online'))));
    expect(await doors[1]?.controller.pulse({ id: 5, durationMs: 300 })).toBe('accepted');
    expect(await doors[1]?.heard.first(released)).toMatchObject({ leaseId: 5 });
    expect(doors[0]?.heard.events.map((event) => event.kind)).toEqual(['online']);
  });
});

describe('a door controller on a board in its process', () => {
  it('is online, obeys a lease, and is offline when the line is closed', async () => {
    const board = livingBoard();
    const lines: BoardTransport[] = [];
    const { controller, heard } = startedDoor(
      emittingTransport(() => {
        const line = new BoardTransport(board);
        lines.push(line);
        return line;
      }),
    );
    await heard.first(is('online'));
    expect(await controller.pulse({ id: 1, durationMs: 300 })).toBe('accepted');
    await heard.first(released);
    lines[0]?.close();
    expect(await heard.first(is('offline'))).toEqual({ kind: 'offline', reason: 'the line was closed' });
    await heard.next(is('online'));
  });
});
