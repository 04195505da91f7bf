import type { DoorInput, Unsubscribe } from '../ports.ts';
import { EmulatedBoard } from './board.ts';
import { EmulatedDoor } from './door.ts';
import { pace } from './pace.ts';
import { openPty } from './pty.ts';

/** A door that stands in for a real one: its board answers at a serial port. */
export interface StandInDoor {
  /** The leaf and the lock, and what people do to them. */
  readonly door: Pick<EmulatedDoor, 'open' | 'released' | 'pull' | 'push' | 'force' | 'pressExit'>;
  /** Wires an input that is no part of the leaf. */
  setInput(input: Extract<DoorInput, 'fire' | 'tamper'>, active: boolean): void;
  /** Every change of the lock. */
  onLock(listener: (released: boolean) => void): Unsubscribe;
  /** Resolves when the port is gone. */
  readonly gone: Promise<void>;
  close(): Promise<void>;
}

/**
 * Puts a new board with the committed firmware, in real time, at a pseudo-terminal.
 *
 * @param path a name in a directory that exists. Rejects where none can be made there (`openPty`)
 */
export async function openStandInDoor(path: string): Promise<StandInDoor> {
  const pty = await openPty(path);
  const board = new EmulatedBoard();
  const door = new EmulatedDoor(board);
  pty.onData((bytes) => board.serialWrite(bytes));
  board.onSerial((bytes) => pty.write(bytes));
  const stop = pace(board);
  return {
    door,
    setInput: (input, active) => board.setInput(input, active),
    onLock: (listener) => board.onPin('lockRelay', (released) => listener(released)),
    gone: pty.gone,
    close: async () => {
      stop();
      await pty.close();
    },
  };
}

/** A code reader that stands in for a real one. */
export interface StandInReader {
  /** Sends a code, ended by CR as most readers do. While nobody has the port open it waits in the terminal's buffer. */
  show(code: string): void;
  /** Resolves when the port is gone. */
  readonly gone: Promise<void>;
  close(): Promise<void>;
}

/** Puts a reader at a pseudo-terminal, as `openStandInDoor` does a board. */
export async function openStandInReader(path: string): Promise<StandInReader> {
  const pty = await openPty(path);
  return {
    show: (code) => pty.write(Buffer.from(`${code}\r`)),
    gone: pty.gone,
    close: () => pty.close(),
  };
}
