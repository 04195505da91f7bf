import type { AddressInfo } from 'node:net';
import { ConfigError, portOf } from '../../gateway/config.ts';
import { main } from '../../gateway/main.ts';
import { Director } from './demo/director.ts';
import { createDemoServer } from './demo/server.ts';

/** The demo's port; `PORT` overrides. */
const PORT = 8080;

/** How often it is looked whether npm still lives, in milliseconds. */
const LOOK_EVERY_MS = 500;

/** npm hands on the signals that end it, and cannot where it is killed outright: then this process ends by itself. */
function endWithNpm(): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_EVERY_MS).unref();
}

/**
 * The demo: a whole venue, with a page at `/`. Its journal is a new one in a temporary directory and is removed at the
 * end. The page is there at once and says that the venue is opening.
 *
 * @returns the exit code
 */
async function demo(): Promise<number> {
  const port = portOf(process.env, PORT);
  let director: Director | null = null;
  const server = await createDemoServer(() => director);
  try {
    await server.listen({ host: '127.0.0.1', port });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    console.error(`Port ${port} is taken. Set another one: PORT=${port + 1} npm start`);
    return 1;
  }
  const bound = (server.server.address() as AddressInfo).port;
  console.log(`Genkan demo: http://localhost:${bound}/  (journal: new at each start; Ctrl+C ends it)`);
  console.log(`A member’s phone, in a second window: http://localhost:${bound}/wallet/`);
  const ended = new Promise<void>((resolve) => {
    // For good: Ctrl+C reaches every process of npm's, and each hands it on; the second must not end the closing.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
  director = await Director.open({ publicPort: bound });
  const { name, password } = director.operator;
  console.log(
    `The operator’s console: http://localhost:${bound}/console  (${name}, password of this run: ${password})`,
  );
  await ended;
  await server.close();
  await director.close();
  return 0;
}

endWithNpm();
const args = process.argv.slice(2);
try {
  process.exitCode = args.length > 0 ? await main(args) : await demo();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
