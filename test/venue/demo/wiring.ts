import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { openPty, type Pty } from '../../../device/emulator/pty.ts';
import type { OpenTransport } from '../../../device/door/transport.ts';
import { serialTransport } from '../../../device/door/serial-transport.ts';
import { serialScanner, streamScanner } from '../../../device/scanner/serial.ts';
import type { Scanner } from '../../../device/ports.ts';
import type { Side } from '../../../shared/contract/primitives.ts';
import type { CableKind } from './messages.ts';

/** The end of a cable at the door: what stands there writes to it and hears from it. */
export interface CableEnd {
  /** Lost while it is unplugged, as on a real cable. */
  write(bytes: Uint8Array): void;
  plug(): Promise<void>;
  unplug(): Promise<void>;
}

/** Lays a cable to `path`, unplugged. */
export function layCable(kind: CableKind, path: string, onData: (bytes: Uint8Array) => void): CableEnd {
  return kind === 'pty' ? new SerialCable(path, onData) : new SocketCable(path, onData);
}

class SerialCable implements CableEnd {
  readonly #path: string;
  readonly #onData: (bytes: Uint8Array) => void;
  #pty: Pty | null = null;

  constructor(path: string, onData: (bytes: Uint8Array) => void) {
    this.#path = path;
    this.#onData = onData;
  }

  write(bytes: Uint8Array): void {
    this.#pty?.write(bytes);
  }

  async plug(): Promise<void> {
    // A process that was killed left its link behind; socat takes the path over only when it is free.
    if (this.#pty === null) rmSync(this.#path, { force: true });
    this.#pty ??= await openPty(this.#path);
    this.#pty.onData(this.#onData);
  }

  async unplug(): Promise<void> {
    const pty = this.#pty;
    this.#pty = null;
    await pty?.close();
  }
}

class SocketCable implements CableEnd {
  readonly #path: string;
  readonly #sockets = new Set<Socket>();
  readonly #server;

  constructor(path: string, onData: (bytes: Uint8Array) => void) {
    this.#path = path;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('data', onData);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  write(bytes: Uint8Array): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  async plug(): Promise<void> {
    if (this.#server.listening) return;
    rmSync(this.#path, { force: true });
    this.#server.listen(this.#path);
    await once(this.#server, 'listening');
  }

  async unplug(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** The gateway's end of the board's cable. */
export function boardTransport(kind: CableKind, path: string): OpenTransport {
  if (kind === 'pty') return serialTransport({ path });
  return async (listener) => {
    const socket = await connectTo(path);
    socket.on('data', (chunk) => listener.bytes(chunk));
    socket.on('close', () => listener.lost('the cable was unplugged'));
    return {
      write: (bytes, done) => {
        socket.write(bytes, () => done());
      },
      close: () => {
        socket.destroy();
        return Promise.resolve();
      },
    };
  };
}

/** The gateway's end of a reader's cable. */
export function readerAt(kind: CableKind, path: string, door: string, side: Side): Scanner {
  return kind === 'pty'
    ? serialScanner({ door, side, path })
    : streamScanner({ door, side, openStream: () => connectTo(path) });
}

async function connectTo(path: string): Promise<Socket> {
  const socket = connect(path);
  await once(socket, 'connect');
  socket.on('error', () => socket.destroy());
  return socket;
}
