import type { FastifyReply } from 'fastify';

/** What an error of ours or of fastify tells. */
interface ProblemSource {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message?: string;
}

/** Answers with RFC 9457 problem details. An error without a status is a bug: 500, and its text stays here. */
export function sendProblem(reply: FastifyReply, source: unknown): FastifyReply {
  const { statusCode: status = 500, code = 'internal', message = '' } = (source ?? {}) as ProblemSource;
  if (status >= 500) reply.log.error({ err: source }, 'request failed');
  return reply
    .status(status)
    .type('application/problem+json')
    .header('cache-control', 'no-store')
    .send({
      type: 'about:blank',
      status,
      code: status >= 500 ? 'internal' : code,
      title: status >= 500 ? 'The gateway could not answer.' : message,
    });
}
