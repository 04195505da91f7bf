import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { instantTextSchema, slugSchema } from '../../shared/contract/primitives.ts';
import { DAY_MS, formatInstant } from '../../shared/time.ts';
import type { StoredAlarm } from '../journal/alarms.ts';
import type { LedgerQuery } from '../journal/search.ts';
import { withSeverity } from './console-state.ts';
import { csvHead, csvRow } from './csv.ts';
import type { LiveOptions } from './live-routes.ts';
import { sendProblem } from './problem.ts';
import type { Guard } from './sign-in.ts';
import { statisticsOf } from './statistics.ts';

/** How long before a stay's check-in its first events may stand. */
const STAY_MARGIN_MS = 60_000;

export const ledgerQuerySchema = z.strictObject({
  /** Left out: from the newest on. */
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** A name such as `access.denied`, or its first part. */
  name: z
    .string()
    .regex(/^[a-z]+(?:\.[a-z-]+)?$/)
    .optional(),
  door: slugSchema.optional(),
  text: z.string().min(1).max(128).optional(),
  from: instantTextSchema.optional(),
  to: instantTextSchema.optional(),
});
export const exportQuerySchema = ledgerQuerySchema
  .omit({ before: true, limit: true })
  .extend({ format: z.enum(['csv', 'json']).default('csv') });
export const noteSchema = z.strictObject({ note: z.string().max(500).default('') });
export const statisticsQuerySchema = z.strictObject({
  days: z.coerce.number().int().min(1).max(62).default(14),
});

/** What the console reads beside the live stream, and what its operators do to alarms. */
export function consoleRoutes(app: FastifyInstance, options: LiveOptions & { readonly guard: Guard }): void {
  const { journal, alarms, operators, guard, config, clock, state } = options;
  const { timeZone } = config.venue;

  void app.register(fastifyStatic, {
    root: fileURLToPath(new URL('pages/', import.meta.url)),
    prefix: '/pages/',
  });
  app.get('/console', (_request, reply) => reply.sendFile('console.html'));
  if (!app.hasRoute({ method: 'GET', url: '/' }))
    app.get('/', (_request, reply) => reply.sendFile('console.html'));

  /** Reads a query or a body; a wrong one is answered with the name of its field. */
  function read<S extends z.ZodType>(schema: S, given: unknown, reply: FastifyReply): z.infer<S> | null {
    const parsed = schema.safeParse(given);
    if (parsed.success) return parsed.data;
    sendProblem(reply, { statusCode: 400, code: 'bad-request', message: z.prettifyError(parsed.error) });
    return null;
  }

  /** The same instant in the venue's zone: times of the ledger are compared as text. */
  const local = (instant: string) => formatInstant(Date.parse(instant), timeZone);

  const queryOf = ({ name, door, text, from, to }: z.infer<typeof exportQuerySchema>) => ({
    ...(name !== undefined && { name }),
    ...(door !== undefined && { door }),
    ...(text !== undefined && { text }),
    ...(from !== undefined && { from: local(from) }),
    ...(to !== undefined && { to: local(to) }),
  });

  app.get('/api/ledger', (request, reply) => {
    if (guard(request, reply, 'viewer') === null) return reply;
    const query = read(ledgerQuerySchema, request.query, reply);
    if (query === null) return reply;
    const { before = journal.lastSeq + 1, limit, ...rest } = query;
    const page = journal.search.page({ beforeSeq: before, limit, ...queryOf({ format: 'json', ...rest }) });
    const rows = page.rows.map(({ body }) => body).join(',');
    reply.header('cache-control', 'no-store').type('application/json');
    return reply.send(`{"events":[${rows}],"next":${page.nextBeforeSeq ?? 'null'}}`);
  });

  app.get('/api/ledger/export', async (request, reply) => {
    if (guard(request, reply, 'viewer') === null) return reply;
    const query = read(exportQuerySchema, request.query, reply);
    if (query === null) return reply;
    const { format } = query;
    reply.hijack();
    const name = `${config.venue.id}-${formatInstant(clock.wallMs(), timeZone).slice(0, 10)}.${format === 'csv' ? 'csv' : 'jsonl'}`;
    reply.raw.writeHead(200, {
      'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl',
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    });
    if (format === 'csv') reply.raw.write(csvHead());
    await sendPages(reply.raw, queryOf(query), format === 'csv' ? csvRow : (body) => `${body}\n`);
    return reply;
  });

  /** Newest first, a page at a time: the doors decide in between, and a slow reader slows nobody but itself. */
  async function sendPages(
    raw: FastifyReply['raw'],
    query: Omit<LedgerQuery, 'beforeSeq' | 'limit'>,
    lineOf: (body: string) => string,
  ): Promise<void> {
    let beforeSeq: number | null = journal.lastSeq + 1;
    while (beforeSeq !== null && !raw.destroyed) {
      const page = journal.search.page({ ...query, beforeSeq, limit: 500 });
      const isFull = !raw.write(page.rows.map(({ body }) => lineOf(body)).join(''));
      await (isFull ? Promise.race([once(raw, 'drain'), once(raw, 'close')]) : new Promise(setImmediate));
      beforeSeq = page.nextBeforeSeq;
    }
    raw.end();
  }

  app.get<{ Params: { id: string } }>('/api/stays/:id', (request, reply) => {
    if (guard(request, reply, 'viewer') === null) return reply;
    const stay = journal.stays.get(request.params.id);
    if (stay === null)
      return sendProblem(reply, { statusCode: 404, code: 'no-such-stay', message: 'No such stay.' });
    const { entitlement } = stay;
    const beganMs =
      stay.checkInMs ?? (entitlement.kind === 'reservation' ? Date.parse(entitlement.start) : 0);
    const events = journal.search
      .ofStay(stay.id, stay.grant, formatInstant(beganMs - STAY_MARGIN_MS, timeZone))
      .map(({ body }) => body);
    reply.header('cache-control', 'no-store').type('application/json');
    return reply.send(
      `{"stay":${JSON.stringify(stay)},"receipted":${journal.custody.seq},"events":[${events.join(',')}]}`,
    );
  });

  app.get('/api/statistics', (request, reply) => {
    if (guard(request, reply, 'viewer') === null) return reply;
    const query = read(statisticsQuerySchema, request.query, reply);
    if (query === null) return reply;
    const nowMs = clock.wallMs();
    const visits = journal.search.visitsSince(nowMs - query.days * DAY_MS);
    reply.header('cache-control', 'no-store');
    return reply.send({ ...statisticsOf(visits, nowMs, query.days, timeZone), line: state.samples });
  });

  app.get('/api/alarms', (request, reply) => {
    if (guard(request, reply, 'viewer') === null) return reply;
    return reply
      .header('cache-control', 'no-store')
      .send({ alarms: journal.alarms.newest(200).map(withSeverity) });
  });

  type Change = (id: string, by: string, note: string) => StoredAlarm | null;
  const changeAlarm =
    (cmd: 'acknowledge-alarm' | 'note-alarm', change: Change) =>
    (request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply): FastifyReply => {
      const session = guard(request, reply, 'operator');
      if (session === null) return reply;
      const body = read(noteSchema, request.body ?? {}, reply);
      if (body === null) return reply;
      const alarm = change(request.params.id, session.name, body.note);
      if (alarm === null)
        return sendProblem(reply, { statusCode: 409, code: 'no-such-alarm', message: 'Not open any more.' });
      operators.acts.done({
        cmd,
        by: session.name,
        reason: body.note,
        target: alarm.id,
        effect: alarm.state,
      });
      return reply.send(alarm);
    };
  app.post<{ Params: { id: string } }>(
    '/api/alarms/:id/acknowledge',
    changeAlarm('acknowledge-alarm', (id, by, note) => alarms.acknowledge(id, by, note)),
  );
  app.post<{ Params: { id: string } }>(
    '/api/alarms/:id/notes',
    changeAlarm('note-alarm', (id, by, note) => alarms.note(id, by, note)),
  );
}
