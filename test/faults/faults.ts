/**
 * `npm run faults`: breaks things at random, and says whether promises held. Without a subcommand it is about custody:
 * the gateway's process, its file and its broker.
 */
import { brokerFaults } from './broker-command.ts';
import { custodyFaults } from './custody-command.ts';
import { doorFaults } from './door-command.ts';
import { unplugFaults } from './unplug.ts';

const subcommands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  brokers: brokerFaults,
  door: doorFaults,
  unplug: unplugFaults,
};

const [name = '', ...args] = process.argv.slice(2);
const run = subcommands[name];
process.exitCode = await (run === undefined ? custodyFaults(process.argv.slice(2)) : run(args));
