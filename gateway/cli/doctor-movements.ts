import { randomInt } from 'node:crypto';
import type { ControllerEvent, DoorController, DoorInput } from '../../device/ports.ts';
import type { Clock } from '../clock/clock.ts';
import { failed, ok, type DoorVisit, type Finding } from './doctor-step.ts';

/** How long relay and lock may take to move, in milliseconds. */
export const MOVE_MS = 2_000;

type Awaited = (event: ControllerEvent) => boolean;

/** The input is said to be so. */
export const isInput =
  (input: DoorInput, active: boolean): Awaited =>
  (event) =>
    event.kind === 'input' && event.input === input && event.active === active;
const isReleased =
  (wanted: boolean): Awaited =>
  (event) =>
    event.kind === 'lock' && event.released === wanted;

/** Releases the lock for a moment and looks whether a sensor follows, there and back. */
export async function pulse(
  { boards, clock }: DoorVisit,
  durationMs: number,
  [input, active]: readonly [DoorInput, boolean],
  detail: string,
): Promise<Finding> {
  const board = boards.at(-1);
  if (board === undefined) return failed('no board');
  const limitMs = durationMs + MOVE_MS;
  // Listening before asking: the lock may move before the answer is here.
  const there = heard(board, isInput(input, active), clock, limitMs);
  const secured = heard(board, isReleased(false), clock, limitMs);
  const outcome = await board.pulse({ id: randomInt(1, 2 ** 32), durationMs });
  if (outcome !== 'accepted') return failed(`the lease was ${outcome}`);
  if (!(await there)) return failed(`the relay is driven, and ${input} does not follow`);
  if (!(await secured)) return failed('the lease did not end');
  if (
    board.report.inputs?.[input] === active &&
    !(await heard(board, isInput(input, !active), clock, MOVE_MS))
  )
    return failed(`the lease is over, and ${input} does not come back`);
  return ok(detail);
}

/** Waits for one event. `false` when it does not come in time. */
export function heard(board: DoorController, fits: Awaited, clock: Clock, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = board.onEvent((event) => {
      if (fits(event)) end(true);
    });
    const cancel = clock.after(limitMs, () => end(false));
    const end = (came: boolean): void => {
      stop();
      cancel();
      resolve(came);
    };
  });
}

/** Asks for one movement after the other; fails at the first that does not show in time. */
export async function follow(
  { boards, clock, handsMs, ask }: DoorVisit,
  movements: readonly (readonly [Awaited, string])[],
  detail: string,
): Promise<Finding> {
  const board = boards.at(-1);
  if (board === undefined) return failed('no board');
  for (const [fits, request] of movements) {
    const came = heard(board, fits, clock, handsMs);
    if (request !== '') ask(request);
    if (!(await came)) return failed(`nothing was seen within ${Math.round(handsMs / 1000)} s`);
  }
  return ok(detail);
}

/** Asks for a movement that shows at an input and goes away again. */
export function thereAndBack(visit: DoorVisit, input: DoorInput, request: string): Promise<Finding> {
  return follow(
    visit,
    [
      [isInput(input, true), request],
      [isInput(input, false), ''],
    ],
    'seen there and back',
  );
}

/** Asks for what makes the firmware itself release the lock, and looks for its word that this is why. */
export function released(visit: DoorVisit, cause: 'exit-button' | 'fire', request: string): Promise<Finding> {
  return follow(
    visit,
    [[(event) => event.kind === 'lock' && event.released && event.causes.includes(cause), request]],
    'the firmware released the lock by itself',
  );
}
