import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Account } from '../operators/accounts.ts';
import { hashPassword, isPassword } from '../operators/password.ts';
import type { SessionAnswer } from './answers.ts';
import type { AnswerOf } from './api/route.ts';
import type { ApiTypes } from './read-by-zod.ts';
import { SESSION_API, type sessionSchema } from './api/session.ts';
import type { WebOptions } from './options.ts';
import { sendProblem } from './problem.ts';
import { originOf, refuseOrigin, setSessionCookie, tokenOf, tooManyAttempts } from './sign-in.ts';

/** Failed sign-ins are journalled at most so often, in milliseconds: guessing must not fill the disk. */
const FAILED_EVERY_MS = 10_000;

/** `/api/session`: POST signs in, GET tells who is signed in (`null`: nobody), DELETE signs out. */
export function sessionRoutes(app: FastifyInstance, options: WebOptions, done: () => void): void {
  const { config, clock, operators } = options;
  const { accounts, sessions, attempts, acts } = operators;
  const { publicOrigin } = config.http;
  let failedAtMs = -Infinity;

  /** The account with a password of its owner's own choice; `null` where it is not on disk. Its other sessions end. */
  async function renew({ name, role, createdAt }: Account, password: string): Promise<Account | null> {
    const account = { name, role, password: await hashPassword(password), createdAt };
    try {
      accounts.put(account);
      return account;
    } catch (error) {
      app.log.error({ err: error }, 'a new password was not kept');
      return null;
    }
  }

  /** Before anything is read: a password that came over the open network is not even looked at. */
  const fromConsole: onRequestHookHandler = (request, reply, next) => {
    if (originOf(request, publicOrigin) !== null) next();
    else refuseOrigin(reply);
  };

  const isSecure = (request: FastifyRequest) => originOf(request, publicOrigin)?.isSecure !== false;

  const api = app.withTypeProvider<ApiTypes>();
  api.route({
    ...SESSION_API.signIn,
    onRequest: fromConsole,
    async handler(request, reply) {
      const { name, password, newPassword } = request.body;
      const waitS = attempts.waitS(request.ip, name);
      if (waitS > 0) return tooManyAttempts(reply, waitS);
      attempts.begin(request.ip, name);
      const known = accounts.find(name);
      if (!(await isPassword(password, known?.password ?? null, request.ip)) || known === null) {
        if (clock.monotonicMs() - failedAtMs >= FAILED_EVERY_MS) {
          failedAtMs = clock.monotonicMs();
          acts.refused('sign-in', known?.name ?? null, 'wrong-credentials');
        }
        const message = 'The name or the password is wrong.';
        return sendProblem(reply, { statusCode: 401, code: 'wrong-credentials', message });
      }
      attempts.succeeded(request.ip, name);
      if (newPassword === password || (known.oneTime === true && newPassword === undefined)) {
        const message = 'This password was good once. Choose another one with newPassword.';
        return sendProblem(reply, { statusCode: 403, code: 'new-password', message });
      }
      const account = newPassword === undefined ? known : await renew(known, newPassword);
      if (account === null) {
        const message = 'The new password could not be kept: check the disk. The old one stands.';
        return sendProblem(reply, { statusCode: 503, code: 'storage', message });
      }
      acts.done({ cmd: 'sign-in', by: account.name, effect: account.role });
      setSessionCookie(reply, isSecure(request), sessions.open(account));
      const session = { name: account.name, role: account.role };
      return reply.header('cache-control', 'no-store').send(session satisfies AnswerOf<typeof sessionSchema>);
    },
  });

  api.route({
    ...SESSION_API.who,
    handler(request, reply) {
      const session = sessions.get(tokenOf(request), false);
      return reply
        .header('cache-control', 'no-store')
        .send((session ?? { name: null, role: null }) satisfies SessionAnswer);
    },
  });

  api.route({
    ...SESSION_API.signOut,
    onRequest: fromConsole,
    handler(request, reply) {
      const token = tokenOf(request);
      const session = sessions.get(token);
      if (session !== null && token !== null) {
        sessions.close(token);
        acts.done({ cmd: 'sign-out', by: session.name, effect: 'signed out' });
      }
      setSessionCookie(reply, isSecure(request), '');
      return reply.status(204).send();
    },
  });
  done();
}
