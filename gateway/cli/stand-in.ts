import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { CommandIo, ExitCode } from './command.ts';

/** What ends a command that runs on. */
const ENDING = ['SIGTERM', 'SIGINT'] as const;

/** What stands at a pseudo-terminal. */
interface Standing {
  /** Resolves when its port is gone. */
  readonly gone: Promise<void>;
  close(): Promise<void>;
}

/** How a stand-in for equipment is put up, and when it is taken down. */
export interface StandInOptions<T extends Standing> {
  readonly open: (path: string) => Promise<T>;
  /** Resolves when the command is told to end. */
  readonly told: Promise<void>;
}

/** The options of a command that puts something at a port: the port, and which of the flags are set. */
interface PortWish {
  readonly port: string;
  readonly flags: ReadonlySet<string>;
}

/** What is asked for, or what is wrong with the asking. */
export function portOf(args: readonly string[], flags: readonly string[] = []): PortWish | string {
  let values: Readonly<Record<string, unknown>>;
  try {
    const known = Object.fromEntries(flags.map((flag) => [flag, { type: 'boolean' } as const]));
    ({ values } = parseArgs({ args: [...args], options: { ...known, port: { type: 'string' } } }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { port } = values;
  if (typeof port !== 'string' || port === '') return '--port: missing: where the pseudo-terminal appears';
  // A link that leads nowhere is what a port of a killed process leaves; socat replaces it, and anything else too.
  if (existsSync(port)) return `--port: ${port} is there already, and stays as it is`;
  if (!existsSync(dirname(port))) return `--port: ${dirname(port)}: no such folder`;
  return { port, flags: new Set(flags.filter((flag) => values[flag] === true)) };
}

/**
 * Puts something at a port until it is told to end, and hands over each line of standard input, whose end ends nothing.
 *
 * @param attend what is done with it from then on; returns what takes a line
 * @returns 0 when told; 1 where there is no port, or it went away by itself
 */
export async function standIn<T extends Standing>(
  io: CommandIo,
  { name, port }: { readonly name: string; readonly port: string },
  { open, told }: StandInOptions<T>,
  attend: (standing: T) => (line: string) => void,
): Promise<ExitCode> {
  let standing;
  try {
    standing = await open(port);
  } catch (error) {
    io.stderr(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const take = attend(standing);
  io.stdout(`${JSON.stringify({ port })}\n`);
  const never = new Promise<never>(() => undefined);
  const how = await Promise.race([
    told.then(() => 'told'),
    standing.gone.then(() => 'gone'),
    eachLine(io.stdin, take).then(() => never),
  ]);
  await standing.close();
  if (how === 'told') return 0;
  io.stderr(`${name}: the port ${port} is gone: socat was ended\n`);
  return 1;
}

/** Runs a command that goes on until the process is told to end. */
export async function untilTold(run: (told: Promise<void>) => Promise<ExitCode>): Promise<ExitCode> {
  let end: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (end = resolve));
  // For good: Ctrl+C reaches a command below npm twice, and the second must not end the closing.
  for (const signal of ENDING) process.on(signal, end);
  try {
    return await run(told);
  } finally {
    // Somebody may still hold it open, and an open input keeps a process.
    process.stdin.destroy();
  }
}

async function eachLine(
  input: AsyncIterable<string | Uint8Array>,
  take: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of input) {
    rest += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
    const lines = rest.split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') take(line);
  }
  if (rest !== '') take(rest);
}
