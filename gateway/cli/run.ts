import type { Command } from './command.ts';

/**
 * `genkan run --config FILE`: the gateway on real equipment, until it is told to stop. `--accept-clock`: the host's clock
 * is believed at this start, whatever the journal remembers.
 */
export const runCommand: Command = {
  name: 'run',
  summary: 'runs the gateway on real equipment',
  usage: 'run --config FILE [--accept-clock]',
  // Loaded here and not above, so that `charge` does not wait for drivers, broker and database to load.
  run: async (_io, args) => (await import('../main.ts')).main(args),
};
