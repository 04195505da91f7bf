import type { FastifyInstance } from 'fastify';
import { ulid } from 'ulid';
import * as z from 'zod';
import { commandClaimsSchema, OPENING_COMMAND_LIFETIME_S_MAX } from '../../shared/contract/command.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { tryWriteAsync } from '../journal/fault.ts';
import { isPassword, PASSWORD_LENGTH } from '../operators/password.ts';
import type { WebOptions } from './options.ts';
import { sendProblem } from './problem.ts';
import type { Guard } from './sign-in.ts';

/** Commands that ask for the password again: a console left open must open no door and shut nobody out. */
export const ASKS_AGAIN: ReadonlySet<string> = new Set(['unlock', 'hold-open', 'lockdown', 'resume']);

const bodySchema = z.looseObject({ password: z.string().max(PASSWORD_LENGTH.max).optional() });

/** `POST /api/commands`: an operator's command, carried out by the same executor as the cloud's. */
export function commandRoutes(app: FastifyInstance, options: WebOptions & { readonly guard: Guard }): void {
  const { config, clock, executor, operators, guard } = options;
  const { accounts, attempts } = operators;

  app.post('/api/commands', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const session = guard(request, reply, 'operator');
    if (session === null) return reply;
    const body = bodySchema.safeParse(request.body);
    const { password = '', ...wanted } = body.success ? body.data : {};
    const iat = Math.floor(clock.wallMs() / SECOND_MS);
    const claims = commandClaimsSchema.safeParse({
      ...wanted,
      jti: ulid(clock.wallMs()),
      iat,
      exp: iat + OPENING_COMMAND_LIFETIME_S_MAX,
      aud: config.venue.id,
      by: session.name,
    });
    if (!claims.success) {
      const message = z.prettifyError(claims.error);
      return sendProblem(reply, { statusCode: 400, code: 'bad-request', message });
    }
    const order = claims.data;
    if (ASKS_AGAIN.has(order.cmd)) {
      const waitS = attempts.waitS(request.ip, session.name);
      if (waitS > 0)
        return sendProblem(reply, {
          statusCode: 429,
          code: 'too-many-attempts',
          message: `Wait ${waitS} s.`,
        });
      attempts.begin(request.ip, session.name);
      if (!(await isPassword(password, accounts.find(session.name)?.password ?? null)))
        return sendProblem(reply, { statusCode: 403, code: 'password', message: 'The password is wrong.' });
      attempts.succeeded(request.ip, session.name);
    }
    return tryWriteAsync(
      async () => {
        const result = await executor.execute(order, 'console');
        return reply.status(result.outcome === 'executed' ? 200 : 409).send(result);
      },
      ({ hint }) => sendProblem(reply, { statusCode: 503, code: 'storage', message: hint }),
    );
  });
}
