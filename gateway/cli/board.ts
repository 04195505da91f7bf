import { openStandInDoor, type StandInDoor } from '../../device/emulator/stand-in.ts';
import type { Command, CommandIo, ExitCode } from './command.ts';
import { portOf, standIn, untilTold, type StandInOptions } from './stand-in.ts';

/** How long somebody holds the exit button, in milliseconds. */
const PRESS_MS = 500;

/** With `--walk`, how long after the release somebody pulls, and how long the leaf then stays open, in milliseconds. */
const PULL_AFTER_MS = 300;
const SHUT_AFTER_MS = 1_500;

/** Does something at the door, and tells how the leaf stands then. */
type Act = (what: (standing: StandInDoor) => void) => void;

/** What people do at the door, by the line that says so. */
const ACTS: ReadonlyMap<string, Parameters<Act>[0]> = new Map<string, Parameters<Act>[0]>([
  ['pull', ({ door }) => door.pull()],
  ['push', ({ door }) => door.push()],
  ['force', ({ door }) => door.force()],
  ['exit', ({ door }) => door.pressExit(PRESS_MS)],
  ['fire on', (standing) => standing.setInput('fire', true)],
  ['fire off', (standing) => standing.setInput('fire', false)],
  ['tamper on', (standing) => standing.setInput('tamper', true)],
  ['tamper off', (standing) => standing.setInput('tamper', false)],
]);

const USAGE = `board --port PATH [--walk]

A door to try a gateway with: the committed firmware on an emulated board, new at each start, with leaf, strike, sensors
and exit button, at a pseudo-terminal that appears at PATH. Needs socat. Tells each change of the lock, and how the leaf
stands after whatever somebody did. Runs until Ctrl+C.

  --walk   somebody walks through whenever the lock is released

Each line of standard input is what people do there:
  pull               from outside: the door opens where the lock is released
  push               it is shut
  force              it is broken open
  exit               the exit button, for ${PRESS_MS} ms
  fire on | off      the fire input
  tamper on | off    the cabinet's lid

  npm run -s genkan -- board --port ./front --walk
`;

/** `genkan board`: a door controller without one. */
export const boardCommand: Command = {
  name: 'board',
  summary: 'an emulated board with a door at a pseudo-terminal, for a trial without one',
  usage: USAGE,
  run: (io, args) => untilTold((told) => runBoard(io, args, { told, open: openStandInDoor })),
};

/** As `boardCommand`, ended by the promise given. */
export async function runBoard(
  io: CommandIo,
  args: readonly string[],
  options: StandInOptions<StandInDoor>,
): Promise<ExitCode> {
  const wish = portOf(args, ['walk']);
  if (typeof wish === 'string') {
    io.stderr(`board: ${wish}\n`);
    return 2;
  }
  return standIn(io, { name: 'board', port: wish.port }, options, (standing) => {
    const act: Act = (what) => {
      what(standing);
      io.stdout(`${JSON.stringify({ leaf: standing.door.open ? 'open' : 'closed' })}\n`);
    };
    standing.onLock((released) => {
      io.stdout(`${JSON.stringify({ lock: released ? 'released' : 'secured' })}\n`);
      if (released && wish.flags.has('walk')) walk(act);
    });
    return (line) => {
      const known = ACTS.get(line.trim());
      if (known !== undefined) act(known);
      else io.stderr(`board: "${line.trim()}": expected one of ${[...ACTS.keys()].join(', ')}\n`);
    };
  });
}

function walk(act: Act): void {
  setTimeout(() => act(({ door }) => door.pull()), PULL_AFTER_MS).unref();
  setTimeout(() => act(({ door }) => door.push()), PULL_AFTER_MS + SHUT_AFTER_MS).unref();
}
