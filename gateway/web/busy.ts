import type { FastifyReply, FastifyRequest } from 'fastify';
import { SECOND_MS } from '../../shared/time.ts';
import { languageOf, textsIn } from '../messages/catalogue.ts';
import { sendProblem } from './problem.ts';

/**
 * Too many requests of one source (429, RFC 6585 section 4).
 *
 * @param waitMs milliseconds until it may try again; default: a second
 */
export function busy(request: FastifyRequest, reply: FastifyReply, waitMs = SECOND_MS): FastifyReply {
  const { presence } = textsIn(languageOf(request.headers['accept-language']));
  reply.header('retry-after', Math.max(1, Math.ceil(waitMs / SECOND_MS)));
  return sendProblem(reply, { statusCode: 429, code: 'busy', message: presence.busy });
}
