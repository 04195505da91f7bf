import type { FastifyInstance } from 'fastify';
import { challenge, tokensOf } from './dpop.ts';
import { languageOf, textsIn } from './messages/catalogue.ts';
import type { WebOptions } from './options.ts';
import { sendProblem } from './problem.ts';

const PATH = '/api/stays/preview';

/** `POST /api/stays/preview`: what the member's open stays would cost now, asked as a door is (RFC 9449). No side effect. */
export function previewRoutes(app: FastifyInstance, options: WebOptions, done: () => void): void {
  const { config, nonces, preview } = options;
  app.post(PATH, async (request, reply) => {
    reply.header('cache-control', 'no-store').header('dpop-nonce', nonces.issue());
    const tokens = tokensOf(request);
    if (tokens === null) return challenge(reply, 'invalid_token', 'A pass and one DPoP proof are needed.');
    const outcome = await preview({ ...tokens, method: 'POST', url: `${config.http.publicOrigin}${PATH}` });
    if (outcome.kind === 'nonce-needed')
      return challenge(reply, 'use_dpop_nonce', 'Sign the nonce of this answer.');
    if (outcome.kind === 'stays') return reply.send({ at: outcome.at, stays: outcome.stays });
    const { reason } = outcome;
    const { denied } = textsIn(languageOf(request.headers['accept-language']));
    if (reason === 'unreadable') return challenge(reply, 'invalid_token', denied.unreadable, reason);
    return sendProblem(reply, { statusCode: 403, code: reason, message: denied[reason] });
  });
  done();
}
