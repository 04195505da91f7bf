/** The part of firmata-io 2.3.0 that is used; the package ships no types. */
declare module 'firmata-io' {
  import type { EventEmitter } from 'node:events';

  interface Firmata extends EventEmitter {
    readonly isReady: boolean;
    readonly pins: readonly unknown[];
    readonly firmware: {
      readonly name?: string;
      readonly version?: { readonly major: number; readonly minor: number };
    };
    /** Bytes of the message that has not ended yet. */
    readonly buffer: number[];
    readonly reportVersionTimeoutId: NodeJS.Timeout;
    pinMode(pin: number, mode: number): void;
    digitalWrite(pin: number, value: number): void;
    /** Everything between F0 and F7, both exclusive. */
    sysexCommand(message: readonly number[]): this;
    /** Registers for all boards of the process; throws if the command byte is taken. */
    sysexResponse(command: number, handler: (this: Firmata, payload: readonly number[]) => void): this;
  }

  const firmataIo: {
    readonly Firmata: new (
      transport: EventEmitter & { write(bytes: Uint8Array, done: () => void): void },
      /** `reportVersionTimeout` in milliseconds, default 5,000: when to ask a board that has not said its version. */
      options?: { readonly reportVersionTimeout?: number },
    ) => Firmata;
  };
  export type { Firmata };
  export default firmataIo;
}
