import type { Firmata } from 'firmata-io';
import { protocol } from '../protocol.generated.ts';

/**
 * firmata-io keeps its sysex handlers in one table for the whole process and refuses a second registration, so
 * this module makes the only one and hands each frame to the board that it came from.
 */
const receivers = new WeakMap<Firmata, (payload: readonly number[]) => void>();
let registered = false;

/** Hands the payload of our sysex frames from `io` to `receive` until the returned function is called. */
export function receiveSysex(io: Firmata, receive: (payload: readonly number[]) => void): () => void {
  if (!registered) {
    io.sysexResponse(protocol.sysexCommand, function (payload) {
      receivers.get(this)?.(payload);
    });
    registered = true;
  }
  receivers.set(io, receive);
  return () => receivers.delete(io);
}
