import { ConfigError, loadConfig, missingFiles } from '../config.ts';
import type { Command } from './command.ts';

/** `genkan config check FILE`: whether a gateway would start with it. */
export const configCommand: Command = {
  name: 'config',
  summary: 'checks a configuration file',
  usage: `config check FILE

Names every field that is wrong (exit code 2), with the nearest known name of one that is unknown; then every file of
keys and passwords that it names and that cannot be read here (exit code 1).
`,
  run: (io, [verb, file]) => {
    if (verb !== 'check' || file === undefined) {
      io.stderr('config: expected: config check FILE\n');
      return Promise.resolve(2);
    }
    try {
      const config = loadConfig(file, {});
      const { venue, doors } = config;
      const missing = missingFiles(config);
      for (const line of missing) io.stderr(`${line}\n`);
      const told = { file, venue: venue.id, doors: doors.map(({ id }) => id) };
      io.stdout(`${JSON.stringify({ ...told, missing: missing.length })}\n`);
      return Promise.resolve(missing.length === 0 ? 0 : 1);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      io.stderr(`${error.message}\n`);
      return Promise.resolve(2);
    }
  },
};
