import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sideSchema, type Side } from '../../shared/contract/primitives.ts';
import { challenge, tokensOf } from './dpop.ts';
import { textsIn, languageOf } from './messages/catalogue.ts';
import { isOnLan } from './lan.ts';
import { sendProblem } from './problem.ts';
import type { WebOptions } from './options.ts';

interface DoorParams {
  door: string;
  side: string;
}

/** `POST /api/doors/<door>/<side>`: a member's tap, with the pass and a DPoP proof (RFC 9449). */
export function doorRoutes(app: FastifyInstance, options: WebOptions, done: () => void): void {
  const { config, attendant, nonces } = options;
  const doors = new Set(config.doors.map((door) => door.id));

  app.post<{ Params: DoorParams }>('/api/doors/:door/:side', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('dpop-nonce', nonces.issue());
    const { door } = request.params;
    const side = sideSchema.safeParse(request.params.side);
    if (!doors.has(door) || !side.success) {
      return sendProblem(reply, { statusCode: 404, code: 'no-such-door', message: 'No such door or side.' });
    }
    if (!isOnLan(request.ip)) {
      return sendProblem(reply, {
        statusCode: 403,
        code: 'not-on-lan',
        message: 'Only from the venue’s own network.',
      });
    }
    const tokens = tokensOf(request);
    if (tokens === null) return challenge(reply, 'invalid_token', 'A pass and one DPoP proof are needed.');
    return answer(request, reply, door, side.data, tokens);
  });

  async function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    door: string,
    side: Side,
    tokens: { pass: string; proof: string },
  ): Promise<FastifyReply> {
    const url = `${config.http.publicOrigin}/api/doors/${door}/${side}`;
    const outcome = await attendant.request(door, side, { ...tokens, method: 'POST', url });
    if (outcome.kind === 'nonce-needed')
      return challenge(reply, 'use_dpop_nonce', 'Sign the nonce of this answer.');
    const texts = textsIn(languageOf(request.headers['accept-language']));
    // Over HTTP a repeated proof is no code left under a reader: the phone makes a new one for each request.
    if (outcome.kind === 'ignored') {
      return sendProblem(reply, { statusCode: 409, code: 'replay', message: texts.denied.replay });
    }
    const { answer: result } = outcome;
    if (result.granted) return reply.send({ ...result, message: texts.granted[result.kind] });
    const { reason } = result;
    if (reason === 'unreadable') return challenge(reply, 'invalid_token', texts.denied.unreadable, reason);
    return sendProblem(reply, { statusCode: 403, code: reason, message: texts.denied[reason] });
  }

  done();
}
