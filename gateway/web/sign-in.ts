import type { FastifyReply, FastifyRequest } from 'fastify';
import { reaches, type Role } from '../operators/accounts.ts';
import type { Session, Sessions } from '../operators/sessions.ts';
import { isThisHost } from './lan.ts';
import { sendProblem } from './problem.ts';

/** The cookie over HTTPS. The prefix makes browsers refuse one that another host or a plain page has set (RFC 6265bis). */
const SECURE_COOKIE = '__Host-genkan';
/** The cookie on the gateway's own host without TLS, for benches and the demo: no prefix that would not be true. */
const LOCAL_COOKIE = 'genkan-session';

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
  if (origin === `https://${host}`) return { isSecure: true };
  const isLocalName = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(host);
  return origin === `http://${host}` && isLocalName && isThisHost(request.ip) ? { isSecure: false } : null;
}

/** The session's token as the browser sent it, or `null`. */
export function tokenOf({ cookies }: FastifyRequest): string | null {
  return cookies[SECURE_COOKIE] || cookies[LOCAL_COOKIE] || null;
}

/** Hands the session to the browser; with an empty token takes it away. A session cookie: it goes with the browser. */
export function setSessionCookie(reply: FastifyReply, { isSecure }: ConsoleOrigin, token: string): void {
  reply.setCookie(isSecure ? SECURE_COOKIE : LOCAL_COOKIE, token, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: isSecure,
    ...(token === '' && { maxAge: 0 }),
  });
}

/** Who asks, if they may; otherwise the answer is sent and this is `null`. */
export type Guard = (request: FastifyRequest, reply: FastifyReply, needed: Role) => Session | null;

/** @param publicOrigin the venue's public origin, of the configuration */
export function guardOf(sessions: Sessions, publicOrigin: string): Guard {
  return (request, reply, needed) => {
    const refuse = (statusCode: number, code: string, message: string) => {
      sendProblem(reply, { statusCode, code, message });
      return null;
    };
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    if (changes && originOf(request, publicOrigin) === null)
      return refuse(
        403,
        'wrong-origin',
        'Only from the console’s own page, over HTTPS or on the gateway’s host.',
      );
    const session = sessions.get(tokenOf(request));
    if (session === null) return refuse(401, 'not-signed-in', 'Please sign in.');
    if (!reaches(session.role, needed))
      return refuse(403, 'role', `This needs the role ${needed}; ${session.name} is ${session.role}.`);
    return session;
  };
}
