import type { Command, CommandIo } from './command.ts';

/** Each is loaded when it is asked for: a charge does not wait for drivers, signatures and database to load. */
const COMMANDS = new Map<string, () => Promise<Command>>([
  ['run', async () => (await import('./run.ts')).runCommand],
  ['charge', async () => (await import('./charge.ts')).chargeCommand],
  ['ticket', async () => (await import('./ticket.ts')).ticketCommand],
  ['decide', async () => (await import('./decide.ts')).decideCommand],
  ['init', async () => (await import('./init.ts')).initCommand],
  ['config', async () => (await import('./config.ts')).configCommand],
  ['keys', async () => (await import('./keys.ts')).keysCommand],
  ['pass', async () => (await import('./pass.ts')).passCommand],
  ['flash', async () => (await import('./flash.ts')).flashCommand],
  ['journal', async () => (await import('./journal.ts')).journalCommand],
  ['door-code', async () => (await import('./door-code.ts')).doorCodeCommand],
  ['doctor', async () => (await import('./doctor.ts')).doctorCommand],
  ['operator', async () => (await import('./operator.ts')).operatorCommand],
  ['board', async () => (await import('./board.ts')).boardCommand],
  ['scanner', async () => (await import('./scanner.ts')).scannerCommand],
]);

const io: CommandIo = {
  stdin: process.stdin,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
};

const [name, ...args] = process.argv.slice(2);
const load = name === undefined ? undefined : COMMANDS.get(name);
if (load === undefined) {
  const known = await Promise.all([...COMMANDS.values()].map((command) => command()));
  const list = known.map((command) => `  ${command.name.padEnd(10)}${command.summary}\n`).join('');
  const usage = `genkan <command>\n\n${list}\ngenkan <command> --help tells more.\n`;
  if (name === '--help') io.stdout(usage);
  else {
    io.stderr(name === undefined ? usage : `genkan: no command ${name}\n\n${usage}`);
    process.exitCode = 2;
  }
} else {
  const command = await load();
  if (args.includes('--help')) io.stdout(`genkan ${command.usage.trimEnd()}\n`);
  else process.exitCode = await command.run(io, args);
}
