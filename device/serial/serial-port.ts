import { SerialPort } from 'serialport';
import { nodeAt, watchNode } from './node-watch.ts';
import type { OpenSource, SourceListener } from './source.ts';

export interface SerialPortOptions {
  /** Device node, better a stable link made by udev (`hardware/README.md`). */
  readonly path: string;
  /** Bits per second. */
  readonly baudRate: number;
  /**
   * Whether closing drops DTR. Default true. False for a board: the next opening then makes no edge on DTR, which
   * on a stock Uno or Nano would be a reset.
   */
  readonly hangUpOnClose?: boolean;
}

/** A serial port that is open. */
export interface OpenPort extends OpenSource {
  /** Sends bytes; `done` is called once they are with the kernel or cannot get there any more. */
  write(bytes: Uint8Array, done: () => void): void;
}

/**
 * Opens a serial port and tells when it is lost: by `close`, by `error`, or because its node went away, whichever
 * comes first. Rejects while the port is absent or held by another process.
 */
export async function openPort(options: SerialPortOptions, listener: SourceListener): Promise<OpenPort> {
  const node = await nodeAt(options.path);
  const port = new SerialPort({
    path: options.path,
    baudRate: options.baudRate,
    hupcl: options.hangUpOnClose ?? true,
    autoOpen: false,
  });
  let over = false;
  const lost = (reason: string): void => {
    if (over) return;
    over = true;
    listener.lost(reason);
  };
  port.on('data', (chunk: Buffer) => {
    if (!over) listener.bytes(chunk);
  });
  port.on('close', (error: Error | null) => lost(error?.message ?? `${options.path} was closed`));
  port.on('end', () => lost(`${options.path} hung up`));
  port.on('error', (error: Error) => lost(error.message));
  return new Promise((resolve, reject) => {
    port.open((error) => {
      if (error !== null) {
        reject(error);
        return;
      }
      const stopWatching = watchNode(options.path, node, lost);
      resolve({
        write: (bytes, done) => {
          // A closed port would keep the bytes for a later opening; what could not be sent now is never sent.
          if (port.isOpen) port.write(Buffer.from(bytes), () => done());
          else done();
        },
        close: async () => {
          over = true;
          stopWatching();
          await shut(port);
        },
      });
    });
  });
}

/** Throws away what was not sent yet, so that no old command runs later, and closes. Never rejects. */
function shut(port: SerialPort): Promise<void> {
  return new Promise((resolve) => {
    if (!port.isOpen) {
      resolve();
      return;
    }
    port.flush(() => port.close(() => resolve()));
  });
}
