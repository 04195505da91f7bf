import { decodeMessage } from '../protocol.ts';
import { protocol } from '../protocol.generated.ts';
import { EmulatedBoard } from './board.ts';

/** How long a program may take until it says who it is, in milliseconds of the board. It needs 25. */
const HELLO_MS_MAX = 1_000;

/**
 * Who the program in an Intel HEX file says it is, as the driver puts it: `0.1+7acf11e0`, version and build. The file
 * is asked by running it, so that there is no second note of it to go stale. Default: the committed firmware.
 *
 * @throws Error for a program that does not say hello in our protocol
 */
export function firmwareIdentity(hex?: URL | string): string {
  const board = new EmulatedBoard(hex === undefined ? {} : { hex });
  let frame: number[] = [];
  const found: string[] = [];
  board.onSerial((bytes) => {
    for (const byte of bytes) {
      if (byte === 0xf0) frame = [];
      else if (byte === 0xf7 && frame[0] === protocol.sysexCommand)
        found.push(...identitiesIn(frame.slice(1)));
      else frame.push(byte);
    }
  });
  board.runUntil(() => found.length > 0, HELLO_MS_MAX);
  const [identity] = found;
  if (identity === undefined) throw new Error(`the program says no hello within ${HELLO_MS_MAX} ms`);
  return identity;
}

function identitiesIn(payload: readonly number[]): readonly string[] {
  const message = decodeMessage(payload);
  if ('error' in message || message.type !== 'hello') return [];
  const { firmwareMajor, firmwareMinor, buildId } = message.fields;
  return [`${firmwareMajor}.${firmwareMinor}+${buildId.toString(16).padStart(8, '0')}`];
}
