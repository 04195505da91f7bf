import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { doorController } from '../../device/door/controller.ts';
import { boardSettings } from '../../device/door/settings.ts';
import { emittingTransport } from '../../device/door/transport.ts';
import { EmulatedBoard } from '../../device/emulator/board.ts';
import { EmulatedDoor } from '../../device/emulator/door.ts';
import { pace } from '../../device/emulator/pace.ts';
import { openPty, ptyAvailable } from '../../device/emulator/pty.ts';
import { BoardTransport } from '../../device/emulator/transport.ts';
import type { DoorController, Scanner } from '../../device/ports.ts';
import { serialScanner, streamScanner } from '../../device/scanner/serial.ts';
import type { DoorConfig } from '../../shared/contract/config.ts';
import type { Side } from '../../shared/contract/primitives.ts';

/** What stands at the demo's door: the firmware on an emulated board, the real drivers, two readers. */
export interface DoorEquipment {
  readonly board: EmulatedBoard;
  readonly door: EmulatedDoor;
  readonly controller: DoorController;
  readonly scanners: readonly Scanner[];
  /** `serial`: real serial ports (pseudo-terminals of socat). `stream`: streams in the process. */
  readonly scannerKind: 'serial' | 'stream';
  /** A reader sends a code, ended by CR as most readers do. */
  scan(side: Side, text: string): void;
  /** Takes the board's power away, or gives it back. Its outputs fall at once. */
  setPower(on: boolean): void;
  hasPower(): boolean;
  close(): Promise<void>;
}

/** A reader: what the gateway listens to, and the end that codes are put in. */
interface Reader {
  readonly scanner: Scanner;
  readonly write: (bytes: Uint8Array) => void;
  readonly close: () => Promise<void>;
}

/** @param directory where the pseudo-terminals get their names */
export async function equipDoor(config: DoorConfig, directory: string): Promise<DoorEquipment> {
  const { id: door } = config;
  const board = new EmulatedBoard();
  const emulatedDoor = new EmulatedDoor(board);
  let stop: (() => void) | null = pace(board);
  const controller = doorController({
    door,
    openTransport: emittingTransport(() => new BoardTransport(board)),
    settings: boardSettings(config),
  });
  const scannerKind = ptyAvailable() ? 'serial' : 'stream';
  const makeReader = scannerKind === 'serial' ? serialReader : streamReader;
  const [entry, exit] = await Promise.all([
    makeReader(door, 'entry', directory),
    makeReader(door, 'exit', directory),
  ]);
  return {
    board,
    door: emulatedDoor,
    controller,
    scanners: [entry.scanner, exit.scanner],
    scannerKind,
    scan: (side, text) => (side === 'entry' ? entry : exit).write(Buffer.from(`${text}\r`)),
    setPower: (on) => {
      if (on) {
        stop ??= pace(board);
      } else if (stop !== null) {
        stop();
        stop = null;
        // Without power no output drives anything: the relay falls, and the next power is a power-on.
        board.reset('power-on');
      }
    },
    hasPower: () => stop !== null,
    close: async () => {
      stop?.();
      await Promise.all([entry.close(), exit.close()]);
    },
  };
}

async function serialReader(door: string, side: Side, directory: string): Promise<Reader> {
  const pty = await openPty(join(directory, `reader-${side}`));
  return {
    scanner: serialScanner({ door, side, path: pty.path }),
    write: (bytes) => pty.write(bytes),
    close: () => pty.close(),
  };
}

function streamReader(door: string, side: Side): Promise<Reader> {
  const stream = new PassThrough();
  return Promise.resolve({
    scanner: streamScanner({ door, side, openStream: () => stream }),
    write: (bytes) => {
      stream.write(bytes);
    },
    close: () => {
      stream.destroy();
      return Promise.resolve();
    },
  });
}
