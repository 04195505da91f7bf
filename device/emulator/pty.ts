/**
 * Serial ports that do not need hardware: a pseudo-terminal made by socat, with a name of the caller's choice, that
 * `serialport` opens like any other. What is on the other side is the caller's: a board, or a scanner.
 */
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { EmulatedBoard } from './board.ts';

/** How long socat may take to make a pseudo-terminal. */
const OPEN_MS_MAX = 5000;

/** A pseudo-terminal: the emulated board’s end, and the path of the gateway’s. */
export interface Pty {
  /** The path that the other side opens. */
  readonly path: string;
  /** Bytes for whoever has the path open; they wait in the terminal's buffer if nobody has. */
  write(bytes: Uint8Array): void;
  /** Bytes from whoever has the path open. Returns what stops the listener. */
  onData(listener: (bytes: Uint8Array) => void): () => void;
  /** Resolves when the port is gone: it was closed, or socat was ended by somebody else. */
  readonly gone: Promise<void>;
  /** Takes the port away, as a pulled plug does: its path is gone and reads of it fail. Twice is harmless. */
  close(): Promise<void>;
}

/** Whether this machine can make them. */
export function ptyAvailable(): boolean {
  return spawnSync('socat', ['-V'], { stdio: 'ignore' }).status === 0;
}

/**
 * Makes a pseudo-terminal at `path`, a symbolic link in a directory that exists; socat replaces what is there. Rejects if
 * it cannot.
 */
export async function openPty(path: string): Promise<Pty> {
  const child = spawn('socat', ['-d', '-d', 'STDIO', `pty,raw,echo=0,link=${path}`]);
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => {
      child.kill();
      reject(new Error(`socat made no port at ${path}: ${said}`));
    }, OPEN_MS_MAX);
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.includes('starting data transfer loop')) return;
      clearTimeout(timer);
      resolve();
    });
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(why));
    };
    child.once('error', (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ENOENT' ? 'socat is not installed: sudo apt-get install socat' : error.message),
    );
    child.once('exit', () => fail(`socat ended: ${said}`));
  });
  // A write that crosses the end of socat is lost, as on a pulled cable.
  child.stdin.on('error', () => undefined);
  return {
    path,
    write: (bytes) => {
      if (child.stdin.writable) child.stdin.write(bytes);
    },
    onData: (listener) => {
      child.stdout.on('data', listener);
      return () => child.stdout.off('data', listener);
    },
    gone,
    close: async () => {
      child.kill();
      await gone;
      rmSync(path, { force: true });
    },
  };
}

/** What a pseudo-terminal is fed from and feeds. */
export interface BoardPort {
  readonly path: string;
  /** Pulls the USB plug: the port disappears. The board keeps its power and lives on. */
  unplug(): Promise<void>;
  /** Puts it back, under the same path. */
  replug(): Promise<void>;
  close(): Promise<void>;
}

/** Gives the board's serial line a real port. The board lives only through `runFor` or `pace`. */
export async function openBoardPort(
  board: Pick<EmulatedBoard, 'serialWrite' | 'onSerial'>,
  path: string,
): Promise<BoardPort> {
  let pty: Pty | undefined;
  const replug = async (): Promise<void> => {
    pty ??= await openPty(path);
    pty.onData((bytes) => board.serialWrite(bytes));
  };
  const unplug = async (): Promise<void> => {
    const old = pty;
    pty = undefined;
    await old?.close();
  };
  const unsubscribe = board.onSerial((bytes) => pty?.write(bytes));
  await replug();
  return {
    path,
    unplug,
    replug,
    close: async () => {
      unsubscribe();
      await unplug();
    },
  };
}
