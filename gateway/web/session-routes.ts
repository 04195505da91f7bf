import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { problemLines } from '../../shared/contract/problem.ts';
import type { Account } from '../operators/accounts.ts';
import { hashPassword, isPassword, PASSWORD_LENGTH } from '../operators/password.ts';
import type { WebOptions } from './options.ts';
import { sendProblem } from './problem.ts';
import { originOf, setSessionCookie, tokenOf } from './sign-in.ts';

/** Failed sign-ins are journalled at most so often, in milliseconds: guessing must not fill the disk. */
const FAILED_EVERY_MS = 10_000;

export const signInSchema = z.strictObject({
  name: z.string().min(1).max(64),
  password: z.string().min(1).max(PASSWORD_LENGTH.max),
  /** Takes the place of the other from now on. Needed with a one-time password, welcome at any time. */
  newPassword: z.string().min(PASSWORD_LENGTH.min).max(PASSWORD_LENGTH.max).optional(),
});

/** `/api/session`: POST signs in, GET tells who is signed in (`null`: nobody), DELETE signs out. */
export function sessionRoutes(app: FastifyInstance, options: WebOptions, done: () => void): void {
  const { config, clock, operators } = options;
  const { accounts, sessions, attempts, acts } = operators;
  const { publicOrigin } = config.http;
  let failedAtMs = -Infinity;

  /** The account with a password of its owner's own choice. Its other sessions end. */
  async function renew({ name, role, createdAt }: Account, password: string): Promise<Account> {
    const account = { name, role, password: await hashPassword(password), createdAt };
    accounts.put(account);
    return account;
  }

  app.post('/api/session', async (request, reply) => {
    const origin = originOf(request, publicOrigin);
    if (origin === null) {
      const message = 'Sign in over HTTPS, or on the gateway’s own host.';
      return sendProblem(reply, { statusCode: 403, code: 'wrong-origin', message });
    }
    const given = signInSchema.safeParse(request.body);
    if (!given.success) {
      const lines = problemLines(signInSchema, request.body);
      return sendProblem(reply, { statusCode: 400, code: 'bad-request', message: lines.join('; ') });
    }
    const { name, password, newPassword } = given.data;
    const waitS = attempts.waitS(request.ip, name);
    if (waitS > 0) {
      reply.header('retry-after', String(waitS));
      const message = `Too many wrong passwords. Try again in ${waitS} s.`;
      return sendProblem(reply, { statusCode: 429, code: 'too-many-attempts', message });
    }
    attempts.begin(request.ip, name);
    const known = accounts.find(name);
    if (!(await isPassword(password, known?.password ?? null)) || known === null) {
      if (clock.monotonicMs() - failedAtMs >= FAILED_EVERY_MS) {
        failedAtMs = clock.monotonicMs();
        acts.refused('sign-in', known?.name ?? null, 'wrong name or password');
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
    acts.done({ cmd: 'sign-in', by: account.name, effect: account.role });
    setSessionCookie(reply, origin, sessions.open(account));
    return reply.header('cache-control', 'no-store').send({ name: account.name, role: account.role });
  });

  app.get('/api/session', (request, reply) => {
    const session = sessions.get(tokenOf(request), false);
    return reply.header('cache-control', 'no-store').send(session ?? { name: null, role: null });
  });

  app.delete('/api/session', (request, reply) => {
    const origin = originOf(request, publicOrigin);
    if (origin === null)
      return sendProblem(reply, { statusCode: 403, code: 'wrong-origin', message: 'Only from the console.' });
    const token = tokenOf(request);
    const session = sessions.get(token);
    if (session !== null && token !== null) {
      sessions.close(token);
      acts.done({ cmd: 'sign-out', by: session.name, effect: 'signed out' });
    }
    setSessionCookie(reply, origin, '');
    return reply.status(204).send();
  });
  done();
}
