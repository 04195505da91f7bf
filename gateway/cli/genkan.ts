import { chargeCommand } from './charge.ts';
import type { Command, CommandIo } from './command.ts';
import { configCommand } from './config.ts';
import { decideCommand } from './decide.ts';
import { doctorCommand } from './doctor.ts';
import { flashCommand } from './flash.ts';
import { runCommand } from './run.ts';
import { ticketCommand } from './ticket.ts';

const COMMANDS: readonly Command[] = [
  runCommand,
  chargeCommand,
  ticketCommand,
  decideCommand,
  configCommand,
  flashCommand,
  doctorCommand,
];

const io: CommandIo = {
  stdin: process.stdin,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
};

const [name, ...args] = process.argv.slice(2);
const command = COMMANDS.find((known) => known.name === name);
if (command === undefined) {
  const list = COMMANDS.map((known) => `  ${known.name.padEnd(10)}${known.summary}\n`).join('');
  io.stderr(
    `${name === undefined ? '' : `genkan: no command ${name}\n\n`}genkan <command>\n\n${list}\ngenkan <command> --help tells more.\n`,
  );
  process.exitCode = 2;
} else if (args.includes('--help')) {
  io.stdout(`genkan ${command.usage.trimEnd()}\n`);
} else {
  process.exitCode = await command.run(io, args);
}
