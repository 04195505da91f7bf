import type { OpenTransport, Transport } from './transport.ts';

/** Told by a line of its own current transport only; a former one is not heard any more. */
export interface LineListener {
  opened(transport: Transport): void;
  failed(reason: string): void;
  bytes(chunk: Uint8Array): void;
  lost(reason: string): void;
}

/** Opens transports one after the other, the next one only once the last one is closed: a port is exclusive. */
export class Line {
  readonly #openTransport: OpenTransport;
  readonly #listener: LineListener;
  #transport: Transport | null = null;
  /** Settles when everything asked for so far is done. Never rejects. */
  #done: Promise<void> = Promise.resolve();
  /** Counts openings, so that a late word of a former transport is known as such. */
  #opening = 0;

  constructor(openTransport: OpenTransport, listener: LineListener) {
    this.#openTransport = openTransport;
    this.#listener = listener;
  }

  open(): void {
    const opening = ++this.#opening;
    const mine = (): boolean => opening === this.#opening;
    const transport = this.#done.then(() =>
      this.#openTransport({
        bytes: (chunk) => {
          if (mine()) this.#listener.bytes(chunk);
        },
        lost: (reason) => {
          if (mine()) this.#listener.lost(reason);
        },
      }),
    );
    this.#done = transport.then(
      async (open) => {
        if (!mine()) {
          await open.close();
          return;
        }
        this.#transport = open;
        this.#listener.opened(open);
      },
      (error: unknown) => {
        if (mine()) this.#listener.failed(error instanceof Error ? error.message : String(error));
      },
    );
  }

  /** Closes what is open, or will be closed as soon as it is; nothing more is told of it. */
  shut(): void {
    this.#opening += 1;
    const transport = this.#transport;
    this.#transport = null;
    if (transport !== null) this.#done = this.#done.then(() => transport.close());
  }

  /** Settles when the line is closed after `shut`. */
  async closed(): Promise<void> {
    await this.#done;
  }
}
