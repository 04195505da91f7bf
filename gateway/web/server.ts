import { createServer, type Server } from 'node:https';
import cookie from '@fastify/cookie';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyServerFactoryHandler,
  type RawServerDefault,
} from 'fastify';
import type { Certificate } from '../certificate.ts';
import { StorageFault } from '../journal/fault.ts';
import { alarmRoutes } from './alarm-routes.ts';
import { readByZod } from './read-by-zod.ts';
import { contentSecurityPolicy } from './content-security.ts';
import { displayRoutes } from './display-routes.ts';
import { commandRoutes } from './command-routes.ts';
import { consoleRoutes } from './console-routes.ts';
import { ConsoleState } from './console-state.ts';
import { doorPageRoutes } from './door-page-routes.ts';
import { doorRoutes } from './door-routes.ts';
import { liveRoutes } from './live-routes.ts';
import { meRoutes } from './me-routes.ts';
import { boundConnections, serverOptions } from './connections.ts';
import type { WebOptions } from './options.ts';
import { probeRoutes } from './probe-routes.ts';
import { sendProblem } from './problem.ts';
import { sessionRoutes } from './session-routes.ts';
import { guardOf } from './sign-in.ts';

/** For how long a browser that has seen the gateway over TLS asks it in no other way, in seconds: a year (RFC 6797). */
const HSTS_S = 365 * 24 * 3600;

/** The gateway's HTTP side. */
export interface WebServer {
  readonly app: FastifyInstance;
  /** @throws Error when the port is taken */
  listen(): Promise<void>;
  /** Where it listens, after `listen`. */
  address(): string;
  close(): Promise<void>;
}

/** Makes the HTTP server with all routes; it listens when it is told to. */
export async function createWebServer(options: WebOptions): Promise<WebServer> {
  const { config, clock, log, certificate } = options;
  const httpLog: FastifyBaseLogger = log.child(
    { part: 'http' },
    { level: log.isLevelEnabled('warn') ? 'warn' : log.level },
  );
  const common = {
    loggerInstance: httpLog,
    bodyLimit: 16 * 1024,
    // SSE connections stay open; a restart must not wait for them.
    forceCloseConnections: true,
    // Read by fastify where it makes the server itself.
    requestTimeout: serverOptions().requestTimeout,
    http: serverOptions(),
  };
  const app: FastifyInstance =
    certificate === null
      ? fastify(common)
      : fastify<RawServerDefault>({
          ...common,
          serverFactory: (handler) => secureServer(certificate, handler),
        });
  boundConnections(app.server);
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (!reply.hasHeader('content-security-policy'))
      reply.header('content-security-policy', contentSecurityPolicy());
    // The gateway's own clock, not the host's: a phone whose clock is wrong signs by it (RFC 9110 section 6.6.1).
    reply.header('date', new Date(clock.wallMs()).toUTCString());
    if (certificate !== null) reply.header('strict-transport-security', `max-age=${HSTS_S}`);
    reply.header('referrer-policy', 'no-referrer');
    reply.header('x-content-type-options', 'nosniff');
    done();
  });
  app.setErrorHandler((error, _request, reply) =>
    sendProblem(
      reply,
      error instanceof StorageFault ? { statusCode: 503, code: 'storage', message: error.hint } : error,
    ),
  );
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, { statusCode: 404, code: 'not-found', message: 'No such resource.' }),
  );
  readByZod(app);
  await app.register(cookie);
  options.extend?.(app);
  await app.register(doorRoutes, options);
  await app.register(displayRoutes, options);
  await app.register(meRoutes, options);
  await app.register(doorPageRoutes, options);
  const state = new ConsoleState(options);
  const guard = guardOf(options.operators.sessions, config.http.publicOrigin);
  await app.register(sessionRoutes, options);
  liveRoutes(app, { ...options, state });
  commandRoutes(app, { ...options, guard });
  alarmRoutes(app, { ...options, guard });
  consoleRoutes(app, { ...options, state, guard });
  options.metrics.watch({ ...options, freeBytes: () => state.freeBytes });
  await app.register(probeRoutes, options);
  return {
    app,
    async listen() {
      await app.listen({ host: config.http.host, port: config.http.port });
    },
    address() {
      const bound = app.server.address();
      if (bound === null || typeof bound === 'string') throw new Error('not listening');
      return `http${certificate === null ? '' : 's'}://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
    },
    close: async () => {
      state.close();
      certificate?.close();
      await app.close();
    },
  };
}

/** Serves with the certificate that is in use; a handshake after a renewal gets the renewed one. */
function secureServer(certificate: Certificate, handler: FastifyServerFactoryHandler): Server {
  const server = createServer({ ...serverOptions(), ...certificate.pair }, handler);
  certificate.watch(() => server.setSecureContext(certificate.pair));
  return server;
}
