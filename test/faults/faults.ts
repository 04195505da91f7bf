/** `npm run faults -- <what> …`: breaks things at random, for as long as asked, and says whether promises held. */
import { doorFaults } from './door-command.ts';
import { unplugFaults } from './unplug.ts';

const subcommands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  door: doorFaults,
  unplug: unplugFaults,
};

const [name = '', ...args] = process.argv.slice(2);
const run = subcommands[name];
if (run === undefined) {
  process.stdout.write(
    `usage: faults ${Object.keys(subcommands).join('|')} [options]; --help after its name\n`,
  );
  process.exitCode = 2;
} else {
  process.exitCode = await run(args);
}
