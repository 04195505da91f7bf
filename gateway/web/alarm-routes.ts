import type { FastifyInstance } from 'fastify';
import { ALARMS_API, type alarmSchema } from './api/alarms.ts';
import type { AnswerOf } from './api/route.ts';
import type { ApiTypes } from './read-by-zod.ts';
import { withSeverity } from './console-state.ts';
import type { WebOptions } from './options.ts';
import { sendProblem } from './problem.ts';
import type { Guard } from './sign-in.ts';

/** Alarms that are listed, closed ones too. */
const LISTED_MAX = 200;

/** `/api/alarms`: the newest alarms, and what operators do to them. */
export function alarmRoutes(app: FastifyInstance, options: WebOptions & { readonly guard: Guard }): void {
  const { journal, alarms, operators, guard } = options;
  const api = app.withTypeProvider<ApiTypes>();

  api.route({
    ...ALARMS_API.newest,
    onRequest: guard('viewer'),
    handler: (_request, reply) =>
      reply
        .header('cache-control', 'no-store')
        .send({ alarms: journal.alarms.newest(LISTED_MAX).map(withSeverity) satisfies Listed }),
  });

  const changes = [
    { route: ALARMS_API.acknowledge, cmd: 'acknowledge-alarm', change: alarms.acknowledge.bind(alarms) },
    { route: ALARMS_API.note, cmd: 'note-alarm', change: alarms.note.bind(alarms) },
  ] as const;
  for (const { route, cmd, change } of changes)
    api.route({
      ...route,
      onRequest: guard('operator'),
      handler(request, reply) {
        const { name: by } = request.operator;
        const { note } = request.body;
        const alarm = change(request.params.id, by, note);
        if (alarm === null)
          return sendProblem(reply, {
            statusCode: 409,
            code: 'no-such-alarm',
            message: 'Not open any more.',
          });
        operators.acts.done({ cmd, by, reason: note, target: alarm.id, effect: alarm.state });
        return reply.send(withSeverity(alarm) satisfies AnswerOf<typeof alarmSchema>);
      },
    });
}

type Listed = readonly AnswerOf<typeof alarmSchema>[];
