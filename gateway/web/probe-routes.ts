import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROBES_API, type readinessSchema } from './api/probes.ts';
import type { AnswerOf } from './api/route.ts';
import { isThisHost } from './lan.ts';
import openapi from './openapi.generated.json' with { type: 'json' };
import type { WebOptions } from './options.ts';
import { sendProblem } from './problem.ts';

/**
 * What machines ask.
 *
 * - `GET /healthz`: 200 while the process answers. For whoever restarts it.
 * - `GET /readyz`: 200 when everybody who may come in can: the journal takes writes, the clock is believed, and every
 *   door's board answers; else 503. Each part by name. A restart mends none of them.
 * - `GET /metrics`: Prometheus. For this host, and for whoever holds the token of `http.metricsTokenFile` as a bearer.
 * - `GET /api/openapi.json`.
 */
export function probeRoutes(app: FastifyInstance, options: WebOptions, done: () => void): void {
  const { journal, clock, doors, metrics, metricsToken } = options;

  const mayScrape = ({ ip, headers }: FastifyRequest) =>
    isThisHost(ip) ||
    (metricsToken !== null && isSame(headers.authorization ?? '', `Bearer ${metricsToken}`));

  app.route({ ...PROBES_API.health, handler: (_request, reply) => reply.send({ status: 'ok' }) });

  app.route({ ...PROBES_API.readiness, handler: readiness });
  function readiness(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const offline = doors.reports().filter(({ controller }) => controller === 'offline');
    const checks = {
      journal: journal.fault === null ? 'ok' : journal.fault.code,
      clock: clock.trust(),
      doors: offline.length === 0 ? 'ok' : `offline: ${offline.map(({ door }) => door).join(', ')}`,
    };
    const isReady = checks.journal === 'ok' && checks.clock !== 'untrusted' && checks.doors === 'ok';
    const answer = { status: isReady ? 'ready' : 'not-ready', checks } as const;
    return reply
      .status(isReady ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(answer satisfies AnswerOf<typeof readinessSchema>);
  }

  app.route({ ...PROBES_API.metrics, handler: scrape });
  async function scrape(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (!mayScrape(request)) {
      const message = 'From the gateway’s own host, or with the token of http.metricsTokenFile.';
      return sendProblem(reply, { statusCode: 401, code: 'metrics-token-needed', message });
    }
    const text = await metrics.text();
    return reply.type(metrics.registry.contentType).header('cache-control', 'no-store').send(text);
  }

  app.route({ ...PROBES_API.document, handler: (_request, reply) => reply.send(openapi) });
  done();
}

function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
