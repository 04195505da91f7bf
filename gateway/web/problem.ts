import type { FastifyReply } from 'fastify';

/** What an error of ours or of fastify tells. */
interface ProblemSource {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message?: string;
  /** When to ask again, in seconds (RFC 9110 section 10.2.3). */
  readonly retryAfterS?: number;
  /** Members of its own (RFC 9457 section 3.2). */
  readonly extension?: Readonly<Record<string, unknown>>;
}

/**
 * Answers with RFC 9457 problem details. An error without a status is a bug: 500, and its text stays here. A 503 is said
 * on purpose, so that it keeps its code and its text.
 */
export function sendProblem(reply: FastifyReply, source: unknown): FastifyReply {
  const {
    statusCode: status = 500,
    code = 'internal',
    message = '',
    retryAfterS,
    extension,
  } = (source ?? {}) as ProblemSource;
  const isOurs = status >= 500 && status !== 503;
  if (retryAfterS !== undefined) reply.header('retry-after', retryAfterS);
  if (isOurs) reply.log.error({ err: source }, 'request failed');
  return reply
    .status(status)
    .type('application/problem+json')
    .header('cache-control', 'no-store')
    .send({
      type: 'about:blank',
      status,
      code: isOurs ? 'internal' : code,
      title: isOurs ? 'The gateway could not answer.' : message,
      ...extension,
    });
}
