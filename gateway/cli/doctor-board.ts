import { realpathSync } from 'node:fs';
import type { ControllerEvent } from '../../device/ports.ts';
import { heard, MOVE_MS } from './doctor-movements.ts';
import { failed, ok, type DoorVisit, type Finding } from './doctor-step.ts';

/** How long a board may take from opening the port to its word. */
const ONLINE_MS = 10_000;

/** Is the board there, and at a port of its own? */
export async function findBoard(visit: DoorVisit): Promise<Finding> {
  const { config, door } = visit;
  const { path } = door.controller;
  const mine = nodeOf(path);
  const others = config.doors.flatMap((each) => [
    ...(each.id === door.id ? [] : [each.controller.path]),
    ...each.scanners.flatMap((scanner) => (scanner.kind === 'serial' ? [scanner.path] : [])),
  ]);
  const twin = others.find((other) => nodeOf(other) === mine);
  if (twin !== undefined) return failed(`${path} is the same port as ${twin}`);
  const found = await openBoard(visit);
  if ('reason' in found) return failed(`${path}: ${found.reason}`);
  return ok(mine === path ? `${path}; not a stable name` : `${path} is ${mine}`);
}

/** Where a name in /dev leads to; the name itself where it leads nowhere. */
function nodeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Opens the port anew and waits for the board's word. */
async function openBoard(
  visit: DoorVisit,
): Promise<{ readonly bootNonce: number } | { readonly reason: string }> {
  const { boards, online, equipment, door, clock } = visit;
  await boards.at(-1)?.close();
  const board = equipment.boardAt(door.controller.path, { resets: true });
  boards.push(board);
  let reason = 'no answer';
  const event = await new Promise<Extract<ControllerEvent, { kind: 'online' }> | null>((resolve) => {
    const cancel = clock.after(ONLINE_MS, () => resolve(null));
    board.onEvent((heard) => {
      if (heard.kind === 'offline') reason = heard.reason;
      if (heard.kind !== 'online') return;
      cancel();
      resolve(heard);
    });
    board.start();
  });
  if (event === null) return { reason };
  online.push(event);
  return event;
}

/** Does opening the port reset the board? */
export async function openTwice(visit: DoorVisit): Promise<Finding> {
  const before = visit.online.at(-1)?.bootNonce;
  const found = await openBoard(visit);
  if ('reason' in found) return failed(`opened again, it does not answer: ${found.reason}`);
  return found.bootNonce === before
    ? ok('opened twice without a reset')
    : failed('opening the port resets the board');
}

/** The board has to reset itself, say why, and be there again as another boot. */
export async function testWatchdog({ boards, online, clock }: DoorVisit): Promise<Finding> {
  const board = boards.at(-1);
  if (board === undefined) return failed('no board');
  const reset = heard(
    board,
    (event) => event.kind === 'reset' && event.resetCause === 'watchdog-test',
    clock,
    MOVE_MS,
  );
  const back = heard(board, (event) => event.kind === 'online' && online.push(event) > 0, clock, ONLINE_MS);
  const outcome = await board.testWatchdog();
  if (outcome !== 'accepted') return failed(`asked to reset the board, it was ${outcome}`);
  if (!(await reset)) return failed('it did not reset a board that no longer fed it');
  if (!(await back)) return failed('the board did not come back from its reset');
  return ok('it reset a board that no longer fed it');
}
