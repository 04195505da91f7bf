import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { reaches, type Role } from '../operators/accounts.ts';
import type { Session, Sessions } from '../operators/sessions.ts';
import { isThisHost } from './lan.ts';
import { sendProblem } from './problem.ts';

/** The cookie over HTTPS. The prefix makes browsers refuse one that another host or a plain page has set (RFC 6265bis). */
const SECURE_COOKIE = '__Host-genkan';
/** The cookie on the gateway's own host without TLS, for benches and the demo: no prefix that would not be true. */
const LOCAL_COOKIE = 'genkan-session';

/** Too many wrong passwords from there (RFC 6585 section 4). @param waitS seconds until the next try */
export function tooManyAttempts(reply: FastifyReply, waitS: number): FastifyReply {
  reply.header('retry-after', String(waitS));
  const message = `Too many wrong passwords. Try again in ${waitS} s.`;
  return sendProblem(reply, { statusCode: 429, code: 'too-many-attempts', message });
}

/** Where a request of the console comes from, as far as its browser says. */
export interface ConsoleOrigin {
  readonly isSecure: boolean;
}

/**
 * Judges a request that changes something: it must come from a page of this gateway, by the `Origin` that no page can
 * forge. Over plain HTTP only from the gateway's own host; anywhere else a password would travel in the open.
 *
 * @returns `null` for a request from elsewhere
 */
export function originOf(request: FastifyRequest, publicOrigin: string): ConsoleOrigin | null {
  const { origin, host } = request.headers;
  if (origin === undefined || host === undefined) return null;
  if (origin === publicOrigin && origin.startsWith('https://')) return { isSecure: true };
  const isLocalName = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(host);
  return origin === `http://${host}` && isLocalName && isThisHost(request.ip) ? { isSecure: false } : null;
}

/** The session's token as the browser sent it, or `null`. */
export function tokenOf({ cookies }: FastifyRequest): string | null {
  return cookies[SECURE_COOKIE] || cookies[LOCAL_COOKIE] || null;
}

/** Hands the session to the browser; with an empty token takes it away. A session cookie: it goes with the browser. */
export function setSessionCookie(reply: FastifyReply, isSecure: boolean, token: string): void {
  reply.setCookie(isSecure ? SECURE_COOKIE : LOCAL_COOKIE, token, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: isSecure,
    ...(token === '' && { maxAge: 0 }),
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; on routes behind a guard alone. */
    operator: Session;
  }
}

/** The hook of a route for operators of a role and above: who may not ask is told so before anything is read. */
export type Guard = (needed: Role) => onRequestHookHandler;

/** @param publicOrigin the venue's public origin, of the configuration */
export function guardOf(sessions: Sessions, publicOrigin: string): Guard {
  return (needed) => (request, reply, next) => {
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    if (changes && originOf(request, publicOrigin) === null) {
      refuseOrigin(reply);
      return;
    }
    const session = sessions.get(tokenOf(request));
    if (session === null)
      sendProblem(reply, { statusCode: 401, code: 'not-signed-in', message: 'Please sign in.' });
    else if (!reaches(session.role, needed)) {
      const message = `This needs the role ${needed}; ${session.name} is ${session.role}.`;
      sendProblem(reply, { statusCode: 403, code: 'role', message });
    } else {
      request.operator = session;
      next();
    }
  };
}

/** A request that changes something and comes from no page of this gateway's. */
export function refuseOrigin(reply: FastifyReply): void {
  const message = 'Only from the console’s own page, over HTTPS or on the gateway’s host.';
  sendProblem(reply, { statusCode: 403, code: 'wrong-origin', message });
}
