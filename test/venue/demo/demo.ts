import type { AddressInfo } from 'node:net';
import { portOf } from '../../../gateway/config.ts';
import { Director } from './director.ts';
import { createDemoServer } from './server.ts';

/** The demo's port; `PORT` overrides. */
const PORT = 8080;

/**
 * The demo: a whole venue, with a page at `/`. Its journal is a new one in a temporary directory and is removed at the
 * end. The page is there at once and says that the venue is opening.
 *
 * @returns the exit code
 */
export async function demo(): Promise<number> {
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
  console.log('Opening: the door’s board, the gateway, the line to the cloud …');
  director = await Director.open({ publicPort: bound });
  const { name, password } = director.operator;
  console.log(
    `Open. The operator’s console: http://localhost:${bound}/console  (${name}, password of this run: ${password})`,
  );
  await ended;
  await server.close();
  await director.close();
  return 0;
}
