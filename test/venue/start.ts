import { once } from 'node:events';
import { createServer } from 'node:net';
import pino from 'pino';
import { ConfigError, portOf } from '../../gateway/config.ts';
import { main } from '../../gateway/main.ts';
import { MINUTE_MS } from '../../shared/time.ts';
import { startOfDay } from '../../shared/hours.ts';
import { createDemoMembers } from './demo-members.ts';
import { demoRoutes, type Demo } from './demo.ts';
import { openVenue } from './venue.ts';

/** The demo's port; `PORT` overrides. */
const PORT = 8080;

/** The demo's day begins at 9:00, so that a visit fits into the opening hours whatever the host's clock says. */
const BEGINS_AT_MINUTES = 9 * 60;

/**
 * Looks before the venue is opened, so that a taken port costs no wait and leaves nothing half open.
 *
 * @throws Error with the code `EADDRINUSE`
 */
async function claimPort(port: number): Promise<void> {
  const probe = createServer().listen(port, '127.0.0.1');
  await once(probe, 'listening');
  probe.close();
  await once(probe, 'close');
}

/**
 * The demo: a whole venue in this process, with a page at `/`. Its journal is a new one in a temporary directory and
 * is removed at the end.
 *
 * @returns the exit code
 */
async function demo(): Promise<number> {
  const port = portOf(process.env, PORT);
  try {
    await claimPort(port);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    console.error(`Port ${port} is taken. Set another one: PORT=${port + 1} npm start`);
    return 1;
  }
  let open: Demo | null = null;
  const nowMs = Date.now();
  const venue = await openVenue({
    port,
    startMs: startOfDay(nowMs, 'Asia/Tokyo') + BEGINS_AT_MINUTES * MINUTE_MS,
    log: pino({ level: 'warn' }, pino.destination(2)),
    extend: (app) => demoRoutes(app, () => open),
  });
  open = { venue, members: await createDemoMembers(venue) };
  console.log(
    `Genkan demo: ${venue.gateway.web.address().replace('127.0.0.1', 'localhost')}/  (journal: new at each start; Ctrl+C ends it)`,
  );
  await new Promise<void>((resolve) => {
    // For good: Ctrl+C reaches every process of npm's, and each hands it on; the second must not end the closing.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
  await venue.close();
  return 0;
}

const args = process.argv.slice(2);
try {
  process.exitCode = args.length > 0 ? await main(args) : await demo();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
