import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { displayRoutes } from './display-routes.ts';
import { commandRoutes } from './command-routes.ts';
import { consoleRoutes } from './console-routes.ts';
import { ConsoleState } from './console-state.ts';
import { doorRoutes } from './door-routes.ts';
import { liveRoutes } from './live-routes.ts';
import type { WebOptions } from './options.ts';
import { previewRoutes } from './preview-routes.ts';
import { sendProblem } from './problem.ts';
import { sessionRoutes } from './session-routes.ts';
import { guardOf } from './sign-in.ts';

/** The gateway's HTTP side. */
export interface WebServer {
  readonly app: FastifyInstance;
  /** @throws Error when the port is taken */
  listen(): Promise<void>;
  /** Where it listens, after `listen`. */
  address(): string;
  close(): Promise<void>;
}

/** Everything a page of ours may load: its own scripts, styles and events, and nothing else. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export async function createWebServer(options: WebOptions): Promise<WebServer> {
  const { config, log } = options;
  const httpLog: FastifyBaseLogger = log.child({ part: 'http' }, { level: 'warn' });
  const app = fastify({
    loggerInstance: httpLog,
    bodyLimit: 16 * 1024,
    // SSE connections stay open; a restart must not wait for them.
    forceCloseConnections: true,
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
    reply.header('referrer-policy', 'no-referrer');
    reply.header('x-content-type-options', 'nosniff');
    done();
  });
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, error));
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, { statusCode: 404, code: 'not-found', message: 'No such resource.' }),
  );
  options.extend?.(app);
  await app.register(doorRoutes, options);
  await app.register(displayRoutes, options);
  await app.register(previewRoutes, options);
  const state = new ConsoleState(options);
  const guard = guardOf(options.operators.sessions, config.http.publicOrigin);
  await app.register(sessionRoutes, options);
  liveRoutes(app, { ...options, state });
  commandRoutes(app, { ...options, guard });
  consoleRoutes(app, { ...options, state, guard });
  app.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }));
  return {
    app,
    async listen() {
      await app.listen({ host: config.http.host, port: config.http.port });
    },
    address() {
      const bound = app.server.address();
      if (bound === null || typeof bound === 'string') throw new Error('not listening');
      return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
    },
    close: async () => {
      state.close();
      await app.close();
    },
  };
}
