import type { FastifyInstance } from 'fastify';
import { ulid } from 'ulid';
import { isPassword } from '../operators/password.ts';
import { COMMANDS_API } from './api/commands.ts';
import type { ApiTypes } from './read-by-zod.ts';
import type { WebOptions } from './options.ts';
import { sendProblem } from './problem.ts';
import { tooManyAttempts, type Guard } from './sign-in.ts';

/** Commands that ask for the password again: a console left open must open no door and shut nobody out. */
export const ASKS_AGAIN: ReadonlySet<string> = new Set(['unlock', 'hold-open', 'lockdown', 'resume']);

/** `POST /api/commands`: an operator's command, carried out by the same executor as the cloud's. */
export function commandRoutes(app: FastifyInstance, options: WebOptions & { readonly guard: Guard }): void {
  const { clock, executor, operators, guard } = options;
  const { accounts, attempts } = operators;

  app.withTypeProvider<ApiTypes>().route({
    ...COMMANDS_API.order,
    onRequest: guard('operator'),
    async handler(request, reply) {
      reply.header('cache-control', 'no-store');
      const { name } = request.operator;
      const { password = '', ...wanted } = request.body;
      if (ASKS_AGAIN.has(wanted.cmd)) {
        const waitS = attempts.waitS(request.ip, name);
        if (waitS > 0) return tooManyAttempts(reply, waitS);
        attempts.begin(request.ip, name);
        if (!(await isPassword(password, accounts.find(name)?.password ?? null, request.ip)))
          return sendProblem(reply, { statusCode: 403, code: 'password', message: 'The password is wrong.' });
        attempts.succeeded(request.ip, name);
      }
      const order = { ...wanted, jti: ulid(clock.wallMs()), by: name };
      const result = await executor.execute(order, 'console');
      return reply.status(result.outcome === 'executed' ? 200 : 409).send(result);
    },
  });
}
