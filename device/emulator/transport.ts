import { EventEmitter } from 'node:events';
import type { EmulatedBoard } from './board.ts';

/**
 * The board's serial line as firmata-io wants its transport: events `open`, `data`, `close` and a `write` that
 * calls back. The board lives only through `runFor` or `pace`; opening does not reset it (a production board has
 * its auto-reset disabled) unless `resetOnOpen` says that this one is a stock Uno.
 */
export class BoardTransport extends EventEmitter {
  readonly #board: EmulatedBoard;
  #unsubscribe: (() => void) | undefined;

  constructor(board: EmulatedBoard, { resetOnOpen = false }: { readonly resetOnOpen?: boolean } = {}) {
    super();
    this.#board = board;
    this.#unsubscribe = board.onSerial((bytes) => this.emit('data', Buffer.from(bytes)));
    if (resetOnOpen) board.reset('bootloader');
    queueMicrotask(() => {
      if (this.isOpen) this.emit('open');
    });
  }

  get isOpen(): boolean {
    return this.#unsubscribe !== undefined;
  }

  /** Bytes for the board. The callback gets an error if the line is closed; the bytes are lost then. */
  write(bytes: Uint8Array | readonly number[], callback?: (error?: Error) => void): void {
    const open = this.isOpen;
    if (open) this.#board.serialWrite(Uint8Array.from(bytes));
    queueMicrotask(() => {
      if (open) callback?.();
      else callback?.(new Error('the line is closed'));
    });
  }

  /** Ends the line; the board itself lives on. Emits `close` once. */
  close(callback?: () => void): void {
    const wasOpen = this.isOpen;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    queueMicrotask(() => {
      if (wasOpen) this.emit('close');
      callback?.();
    });
  }
}
