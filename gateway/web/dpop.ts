import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem.ts';

/** The pass and the proof of a request (RFC 9449 section 7.1), or `null` where one is missing. Nothing is verified. */
export function tokensOf({
  headers,
}: FastifyRequest): { readonly pass: string; readonly proof: string } | null {
  const pass = /^DPoP ([^\s]+)$/.exec(headers.authorization ?? '')?.[1];
  const proof = headers['dpop'];
  return pass === undefined || typeof proof !== 'string' ? null : { pass, proof };
}

/** RFC 9449 sections 7.1 and 9. */
export function challenge(reply: FastifyReply, error: string, message: string, code = error): FastifyReply {
  reply.header('www-authenticate', `DPoP error="${error}", algs="ES256"`);
  return sendProblem(reply, { statusCode: 401, code, message });
}
