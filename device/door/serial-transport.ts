import { protocol } from '../protocol.generated.ts';
import { openPort } from '../serial/serial-port.ts';
import type { OpenTransport } from './transport.ts';

export interface SerialTransportOptions {
  /** Device node of the board, better a stable link made by udev (`hardware/README.md`). */
  readonly path: string;
  /** Bits per second, default that of the protocol (57,600). */
  readonly baudRate?: number;
  /**
   * Whether closing drops DTR, so that the next opening makes an edge on it. Default false: on a stock Uno or Nano that
   * edge is a reset. True shows whether a board has this reset.
   */
  readonly hangUpOnClose?: boolean;
}

/** The line to a board on a serial port. A port that vanishes is `lost` within 1 s even where no `close` comes. */
export function serialTransport(options: SerialTransportOptions): OpenTransport {
  const port = {
    path: options.path,
    baudRate: options.baudRate ?? protocol.baudRate,
    hangUpOnClose: options.hangUpOnClose ?? false,
  };
  return (listener) => openPort(port, listener);
}
