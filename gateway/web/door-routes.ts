import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { PRESENCE_LIFETIME_S, STATIC_CODE, type PresenceGrant } from '../../shared/contract/presence.ts';
import { sideSchema, type Side } from '../../shared/contract/primitives.ts';
import { newTicket, type PresenceTicket } from '../presence/tickets.ts';
import { sourceOf } from '../limits/source.ts';
import { DOOR_API, type grantedSchema } from './api/door.ts';
import type { AnswerOf } from './api/route.ts';
import type { ApiTypes } from './read-by-zod.ts';
import { challenge, tokensOf } from './dpop.ts';
import { busy } from './busy.ts';
import { textsIn, languageOf } from '../messages/catalogue.ts';
import type { PresenceProblem } from '../messages/texts.ts';
import { isRelayed, venueNetwork } from './lan.ts';
import { sendProblem } from './problem.ts';
import type { WebOptions } from './options.ts';

/**
 * What a phone asks of a door.
 *
 * - `POST /api/doors/<door>/presence` `{"c","side"}`: takes a posted code, gives a ticket for one grant. The answer's
 *   `DPoP-Nonce` is the only one that a proof beside the ticket may carry.
 * - `POST /api/doors/<door>/<side>` `{"presence"}`: a member's tap, with the pass and a DPoP proof (RFC 9449).
 *
 * Where the posted code rotates the ticket is asked for, and the peer may be anywhere. Where it is a printed sheet the
 * venue's own network stands in for it, judged by the socket's address at both requests.
 */
export function doorRoutes(
  app: FastifyInstance,
  options: Pick<WebOptions, 'config' | 'attendant' | 'nonces' | 'presence' | 'denials' | 'clock'>,
  done: () => void,
): void {
  const { config, attendant, nonces, presence, denials, clock } = options;
  const isOnLan = venueNetwork(config.http.lan, clock);
  const api = app.withTypeProvider<ApiTypes>();
  const doors = new Set(config.doors.map((door) => door.id));
  const textsFor = ({ headers }: FastifyRequest) => textsIn(languageOf(headers['accept-language']));

  const knowsDoor: onRequestHookHandler = (request, reply, next) => {
    const { door, side } = request.params as { readonly door: string; readonly side?: string };
    if (doors.has(door) && (side === undefined || sideSchema.safeParse(side).success)) next();
    else sendProblem(reply, { statusCode: 404, code: 'no-such-door', message: 'No such door or side.' });
  };

  api.route({
    ...DOOR_API.presence,
    onRequest: knowsDoor,
    handler(request, reply) {
      reply.header('cache-control', 'no-store');
      const { door } = request.params;
      const { c, side } = request.body;
      const refuse = (code: Exclude<PresenceProblem, 'busy'>) =>
        notPresent(request, reply, { door, side }, code);
      const give = (ticket: string, nonce: string) =>
        reply
          .header('dpop-nonce', nonce)
          .send({ presence: ticket, expiresInS: PRESENCE_LIFETIME_S } satisfies PresenceGrant);
      if (presence.kindOf(door, side) === 'static') {
        if (!isOnLan(request.ip)) return refuse('not-on-lan');
        return c === STATIC_CODE ? give(newTicket(), nonces.issue()) : refuse('code-unknown');
      }
      const redeemed = presence.redeem(door, side, c, sourceOf(request.ip));
      if (redeemed.kind === 'ticket') return give(redeemed.ticket, redeemed.nonce);
      return redeemed.kind === 'busy' ? busy(request, reply, redeemed.waitMs) : refuse(redeemed.reason);
    },
  });

  api.route({
    ...DOOR_API.open,
    onRequest: knowsDoor,
    async handler(request, reply) {
      reply.header('cache-control', 'no-store');
      const { door, side } = request.params;
      const isStatic = presence.kindOf(door, side) === 'static';
      const ticket = isStatic ? ('not-asked' as const) : presence.ticket(door, side, request.body.presence);
      const bound = ticket === 'not-asked' ? undefined : ticket?.nonce;
      // RFC 9449 section 8.2: the nonce to be used next. Beside a ticket it is the ticket's, whatever was tried.
      reply.header('dpop-nonce', bound ?? nonces.issue());
      if (isStatic && !isOnLan(request.ip)) return notPresent(request, reply, { door, side }, 'not-on-lan');
      const tokens = tokensOf(request);
      if (tokens === null) return challenge(reply, 'invalid_token', 'A pass and one DPoP proof are needed.');
      const { stay } = request.body;
      const named = stay === undefined ? {} : { stay };
      return answer(request, reply, { door, side, ticket, ...named, ...tokens });
    },
  });

  async function answer(request: FastifyRequest, reply: FastifyReply, tap: Tap): Promise<FastifyReply> {
    const { door, side, ticket, pass, proof, stay } = tap;
    const url = `${config.http.publicOrigin}/api/doors/${door}/${side}`;
    const bound = ticket === 'not-asked' || ticket === null ? {} : { nonce: ticket.nonce };
    const outcome = await attendant.request(
      door,
      side,
      { pass, proof, method: 'POST', url, from: sourceOf(request.ip), ...bound },
      { via: viaOf(request), ticket, ...(stay !== undefined && { stay }) },
    );
    if (outcome.kind === 'too-many') return busy(request, reply);
    if (outcome.kind === 'nonce-needed')
      return challenge(reply, 'use_dpop_nonce', 'Sign the nonce of this answer.');
    const texts = textsFor(request);
    // Over HTTP a repeated proof is no code left under a reader: the phone makes a new one for each request.
    if (outcome.kind === 'ignored') {
      return sendProblem(reply, { statusCode: 409, code: 'replay', message: texts.denied.replay });
    }
    const { answer: result } = outcome;
    if (result.granted) {
      const granted = { ...result, message: texts.granted[result.kind] };
      return reply.send(granted satisfies AnswerOf<typeof grantedSchema>);
    }
    const { reason, stillOpen } = result;
    if (reason === 'unreadable') return challenge(reply, 'invalid_token', texts.denied.unreadable, reason);
    const extension = stillOpen === undefined ? {} : { stillOpen };
    return sendProblem(reply, { statusCode: 403, code: reason, message: texts.denied[reason], extension });
  }

  /** The code at the door is not taken, or proves nothing from where it was sent. It is recorded like a denial. */
  function notPresent(
    request: FastifyRequest,
    reply: FastifyReply,
    at: { readonly door: string; readonly side: Side },
    code: Exclude<PresenceProblem, 'busy'>,
  ): FastifyReply {
    const source = sourceOf(request.ip);
    denials.record({ ...at, reason: 'not-present', via: viaOf(request), source });
    return sendProblem(reply, { statusCode: 403, code, message: textsFor(request).presence[code] });
  }

  done();
}

/** Whether a phone stands on the venue's network or comes over the relay. */
function viaOf({ ip }: FastifyRequest): 'page' | 'relay' {
  return isRelayed(ip) ? 'relay' : 'page';
}

interface Tap {
  readonly door: string;
  readonly side: Side;
  readonly ticket: PresenceTicket | null | 'not-asked';
  readonly stay?: string;
  readonly pass: string;
  readonly proof: string;
}
