/** Told by a transport while it is open. After `lost` it tells nothing more. */
export interface TransportListener {
  bytes(chunk: Uint8Array): void;
  lost(reason: string): void;
}

/** An open line to one board. */
export interface Transport {
  /** Sends bytes, or drops them if the line is gone: never keeps them for later. `done` is called either way. */
  write(bytes: Uint8Array, done: () => void): void;
  /** Closes the line and throws away what was not sent yet. Called once, also after `lost`. Never rejects. */
  close(): Promise<void>;
}

/** Opens the line. Rejects while the board is absent; the controller then tries again. */
export type OpenTransport = (listener: TransportListener) => Promise<Transport>;

/** What firmata-io calls a transport: an emitter of `open`, `data`, `close` and `error` with two methods. */
export interface EmittingTransport {
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'open' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  write(bytes: Uint8Array, done: () => void): void;
  close(done: () => void): void;
}

/** The line over a transport in firmata-io's sense, such as that of an emulated board; made anew at each opening. */
export function emittingTransport(make: () => EmittingTransport): OpenTransport {
  return (listener) =>
    new Promise((resolve, reject) => {
      const emitting = make();
      emitting.on('data', (chunk) => listener.bytes(chunk));
      emitting.on('close', () => listener.lost('the line was closed'));
      emitting.on('error', (error) => {
        reject(error);
        listener.lost(error.message);
      });
      emitting.on('open', () =>
        resolve({
          // A board in this process is heard while it runs, and takes an answer only when it has stopped again.
          write: (bytes, done) => queueMicrotask(() => emitting.write(bytes, () => done())),
          close: () => new Promise((closed) => emitting.close(() => closed())),
        }),
      );
    });
}
