import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Credential } from '../access/credential.ts';
import { sourceOf } from '../limits/source.ts';
import { ME_API, type previewSchema, type visitsSchema } from './api/me.ts';
import type { AnswerOf } from './api/route.ts';
import { busy } from './busy.ts';
import { challenge, tokensOf } from './dpop.ts';
import { languageOf, textsIn } from '../messages/catalogue.ts';
import type { WebOptions } from './options.ts';
import { sendProblem } from './problem.ts';

/**
 * What members may ask about themselves, identified as at a door (RFC 9449). Nothing is changed.
 *
 * - `POST /api/stays/preview`: what the member's open stays would cost now.
 * - `GET /api/me/visits`: the member's visits here, newest first, with what each cost.
 */
export function meRoutes(app: FastifyInstance, options: WebOptions, done: () => void): void {
  const { config, nonces, identify, preview, ownVisits } = options;

  const answer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    path: string,
    body: (credential: Credential) => AnswerOf<typeof previewSchema> | AnswerOf<typeof visitsSchema>,
  ): Promise<FastifyReply> => {
    reply.header('cache-control', 'no-store').header('dpop-nonce', nonces.issue());
    const tokens = tokensOf(request);
    if (tokens === null) return challenge(reply, 'invalid_token', 'A pass and one DPoP proof are needed.');
    const url = `${config.http.publicOrigin}${path}`;
    const from = sourceOf(request.ip);
    const outcome = await identify({ ...tokens, method: request.method, url, from });
    if (outcome.kind === 'too-many') return busy(request, reply);
    if (outcome.kind === 'nonce-needed')
      return challenge(reply, 'use_dpop_nonce', 'Sign the nonce of this answer.');
    if (outcome.kind === 'member') return reply.send(body(outcome.credential));
    const { reason } = outcome;
    const { denied } = textsIn(languageOf(request.headers['accept-language']));
    if (reason === 'unreadable') return challenge(reply, 'invalid_token', denied.unreadable, reason);
    return sendProblem(reply, { statusCode: 403, code: reason, message: denied[reason] });
  };

  app.route({
    ...ME_API.preview,
    handler: (request, reply) => answer(request, reply, ME_API.preview.url, preview),
  });
  app.route({
    ...ME_API.visits,
    handler: (request, reply) =>
      answer(request, reply, ME_API.visits.url, (credential) => ({ visits: ownVisits(credential) })),
  });
  done();
}
