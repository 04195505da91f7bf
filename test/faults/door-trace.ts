import type { ResetReason } from '../../device/emulator/avr.ts';
import type { Message } from '../../device/protocol.ts';

/**
 * What happened at an emulated board in one trial, as somebody saw it who stood beside the board with a stopwatch
 * and a tap on the serial line. Times are milliseconds since the first power-on.
 */
export interface Trace {
  /** Every byte on the line to the board, at the end of its stop bit. */
  readonly bytes: readonly { readonly atMs: number; readonly byte: number }[];
  /**
   * By the sequence number of a frame, the place of its order among all that the host has ever wanted. A frame that is sent
   * again has the place of its first.
   */
  readonly places: ReadonlyMap<number, number>;
  /** Every message of the board. */
  readonly said: readonly { readonly atMs: number; readonly message: Message }[];
  /** Every change of the two inputs that let people out. */
  readonly wires: readonly {
    readonly atMs: number;
    readonly input: 'exit-button' | 'fire';
    readonly active: boolean;
  }[];
  /** Every change of the relay's pin. */
  readonly relay: readonly { readonly atMs: number; readonly released: boolean }[];
  readonly resets: readonly { readonly atMs: number; readonly reason: ResetReason }[];
  readonly hangs: readonly { readonly atMs: number; readonly what: 'loop' | 'everything' }[];
  readonly endMs: number;
}
