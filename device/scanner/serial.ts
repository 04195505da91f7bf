import type { Duplex } from 'node:stream';
import type { Scanner } from '../ports.ts';
import { scannerOver } from './reader.ts';
import type { ScannerOptions } from './reader.ts';
import type { OpenSource, SourceListener } from '../serial/source.ts';
import { openPort } from '../serial/serial-port.ts';

export interface SerialScannerOptions extends ScannerOptions {
  /** Device node of the reader, better a stable link made by udev. */
  readonly path: string;
  /** Bits per second, default 9,600, the factory setting of most readers; USB-CDC ignores it. */
  readonly baudRate?: number;
}

/**
 * A code reader on a serial port (UART or USB-CDC). An unplugged reader is `offline` within 2 s and opened again
 * by itself once its port is back. No error of the port throws or rejects; each is an `offline` with its reason.
 */
export function serialScanner(options: SerialScannerOptions): Scanner {
  const port = { path: options.path, baudRate: options.baudRate ?? 9600 };
  return scannerOver(options, (listener) => openPort(port, listener));
}

export interface StreamScannerOptions extends ScannerOptions {
  /** Gives the stream that the reader's bytes come from; asked again each time the last one has ended. */
  readonly openStream: () => Duplex | Promise<Duplex>;
}

/**
 * The same over a stream in the process: the demo's reader, or one behind a network adapter. The end, an error or
 * the destruction of the stream is what unplugging is to a serial port.
 */
export function streamScanner(options: StreamScannerOptions): Scanner {
  return scannerOver(options, async (listener) => listenTo(await options.openStream(), listener));
}

function listenTo(stream: Duplex, listener: SourceListener): OpenSource {
  if (stream.destroyed) throw new Error('the stream of the reader is closed');
  stream.on('data', (chunk: Uint8Array | string) => {
    listener.bytes(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  });
  stream.on('end', () => listener.lost('the stream of the reader has ended'));
  stream.on('close', () => listener.lost('the stream of the reader was closed'));
  stream.on('error', (error: Error) => listener.lost(error.message));
  return {
    close: () => {
      stream.destroy();
      return Promise.resolve();
    },
  };
}
