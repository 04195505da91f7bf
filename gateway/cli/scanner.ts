import { openStandInReader, type StandInReader } from '../../device/emulator/stand-in.ts';
import type { Command, CommandIo, ExitCode } from './command.ts';
import { portOf, standIn, untilTold, type StandInOptions } from './stand-in.ts';

const USAGE = `scanner --port PATH

A code reader to try a gateway with: each line of standard input is what it reads, and goes, ended by CR, to whoever has
the pseudo-terminal open that appears at PATH. Needs socat. A line that comes while nobody has it open waits there. Runs
until Ctrl+C, also beyond the end of its input.

  npm run -s genkan -- scanner --port ./front-entry
`;

/** `genkan scanner`: a code reader without one. */
export const scannerCommand: Command = {
  name: 'scanner',
  summary: 'a code reader at a pseudo-terminal, for a trial without one',
  usage: USAGE,
  run: (io, args) => untilTold((told) => runScanner(io, args, { told, open: openStandInReader })),
};

/** As `scannerCommand`, ended by the promise given. */
export async function runScanner(
  io: CommandIo,
  args: readonly string[],
  options: StandInOptions<StandInReader>,
): Promise<ExitCode> {
  const wish = portOf(args);
  if (typeof wish === 'string') {
    io.stderr(`scanner: ${wish}\n`);
    return 2;
  }
  return standIn(io, { name: 'scanner', port: wish.port }, options, (reader) => (code) => {
    reader.show(code);
    // How long it was and not what: a code opens a door.
    io.stdout(`${JSON.stringify({ shown: Buffer.byteLength(code) })}\n`);
  });
}
