import type { FastifyReply, FastifyRequest } from 'fastify';
import { languageOf, textsIn } from '../messages/catalogue.ts';
import { sendProblem } from './problem.ts';

/** When somebody whose source has asked for too much may try again, in seconds. */
const RETRY_AFTER_S = 1;

/**
 * Too many requests, of one source (429, RFC 6585 section 4) or of everybody (503).
 */
export function busy(request: FastifyRequest, reply: FastifyReply, statusCode: 429 | 503): FastifyReply {
  const { presence } = textsIn(languageOf(request.headers['accept-language']));
  reply.header('retry-after', RETRY_AFTER_S);
  return sendProblem(reply, { statusCode, code: 'busy', message: presence.busy });
}
