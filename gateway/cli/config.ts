import { ConfigError, loadConfig } from '../config.ts';
import type { Command } from './command.ts';

/** `genkan config check FILE`: whether a gateway would start with it. */
export const configCommand: Command = {
  name: 'config',
  summary: 'checks a configuration file',
  usage: 'config check FILE',
  run: (io, [verb, file]) => {
    if (verb !== 'check' || file === undefined) {
      io.stderr('config: expected: config check FILE\n');
      return Promise.resolve(2);
    }
    try {
      const { venue, doors } = loadConfig(file, {});
      io.stdout(`${JSON.stringify({ file, venue: venue.id, doors: doors.map(({ id }) => id) })}\n`);
      return Promise.resolve(0);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      io.stderr(`${error.message}\n`);
      return Promise.resolve(2);
    }
  },
};
