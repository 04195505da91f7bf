import { decodeMessage } from '../../device/protocol.ts';
import { protocol } from '../../device/protocol.generated.ts';

const SYSEX_START = 0xf0;
const SYSEX_END = 0xf7;

/** Finds the leases in what a host sends to its board, a tap on the serial line. */
export class LeaseTap {
  readonly #onLease: (id: number) => void;
  #frame: number[] | null = null;

  /** @param onLease called before the board has the lease */
  constructor(onLease: (id: number) => void) {
    this.#onLease = onLease;
  }

  take(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === SYSEX_START) this.#frame = [];
      else if (byte === SYSEX_END) this.#ended();
      else this.#frame?.push(byte);
    }
  }

  #ended(): void {
    const [command, ...payload] = this.#frame ?? [];
    this.#frame = null;
    if (command !== protocol.sysexCommand) return;
    const message = decodeMessage(payload);
    if ('error' in message || message.type !== 'lease') return;
    this.#onLease(message.fields.leaseId);
  }
}
