import type { Command } from '../../../gateway/cli/command.ts';

/** Runs a command with what it says in hand. */
export async function runCommand(command: Command, args: readonly string[], stdin = '') {
  const said = { out: '', err: '' };
  const code = await command.run(
    {
      stdin: (async function* () {
        await Promise.resolve();
        yield stdin;
      })(),
      stdout: (text) => (said.out += text),
      stderr: (text) => (said.err += text),
    },
    args,
  );
  return { code, ...said };
}
