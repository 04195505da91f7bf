import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { instantTextSchema, slugSchema } from '../../shared/contract/primitives.ts';
import { DAY_MS, formatInstant } from '../../shared/time.ts';
import type { StoredAlarm } from '../journal/alarms.ts';
import type { LedgerFilter } from '../reading/reads.ts';
import type { Statistics } from '../reading/statistics.ts';
import { withSeverity } from './console-state.ts';
import type { LiveOptions } from './live-routes.ts';
import { pageFiles } from './page-files.ts';
import { sendProblem } from './problem.ts';
import type { Guard } from './sign-in.ts';

/** How long before a stay's check-in its first events may stand. */
const STAY_MARGIN_MS = 60_000;

/** How long a client may take nothing of its export, in milliseconds. */
const STALLED_MS = 60_000;

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
  const { journal, ledgerReader, alarms, operators, guard, config, clock, state } = options;
  const { timeZone } = config.venue;

  pageFiles(app, {
    root: fileURLToPath(new URL('pages/', import.meta.url)),
    prefix: '/pages/',
    allowed: /^\/(?:(?:console|door|phone)\/)?[a-z-]+(?:\.generated)?\.(?:js|css|svg)$/,
  });
  const html = readFileSync(new URL('pages/console.html', import.meta.url), 'utf8');
  const page = html.replace('<body>', `<body data-zone="${timeZone}">`);
  const sendPage = (_request: FastifyRequest, reply: FastifyReply) =>
    reply.type('text/html').header('cache-control', 'no-cache').send(page);
  app.get('/console', sendPage);
  if (!app.hasRoute({ method: 'GET', url: '/' })) app.get('/', sendPage);

  /** Reads a query or a body; a wrong one is answered with the name of its field. */
  function read<S extends z.ZodType>(schema: S, given: unknown, reply: FastifyReply): z.infer<S> | null {
    const parsed = schema.safeParse(given);
    if (parsed.success) return parsed.data;
    sendProblem(reply, { statusCode: 400, code: 'bad-request', message: z.prettifyError(parsed.error) });
    return null;
  }

  /** The same instant in the venue's zone: times of the ledger are compared as text. */
  const local = (instant: string) => formatInstant(Date.parse(instant), timeZone);

  const filterOf = ({
    name,
    door,
    text,
    from,
    to,
  }: Omit<z.infer<typeof exportQuerySchema>, 'format'>): LedgerFilter => ({
    ...(name !== undefined && { name }),
    ...(door !== undefined && { door }),
    ...(text !== undefined && { text }),
    ...(from !== undefined && { from: local(from) }),
    ...(to !== undefined && { to: local(to) }),
  });

  app.get('/api/ledger', async (request, reply) => {
    if (guard(request, reply, 'viewer') === null) return reply;
    const query = read(ledgerQuerySchema, request.query, reply);
    if (query === null) return reply;
    const { before = journal.lastSeq + 1, limit, ...rest } = query;
    const page = await ledgerReader.page({ beforeSeq: before, limit, ...filterOf(rest) });
    return reply.header('cache-control', 'no-store').type('application/json').send(page);
  });

  app.get('/api/ledger/export', async (request, reply) => {
    if (guard(request, reply, 'viewer') === null) return reply;
    const query = read(exportQuerySchema, request.query, reply);
    if (query === null) return reply;
    const { format } = query;
    const name = `${config.venue.id}-${formatInstant(clock.wallMs(), timeZone).slice(0, 10)}.${format === 'csv' ? 'csv' : 'jsonl'}`;
    const pages =
      request.method === 'HEAD'
        ? null
        : await ledgerReader.export(filterOf(query), format, journal.lastSeq + 1);
    reply.raw.setTimeout(STALLED_MS);
    return reply
      .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl')
      .header('content-disposition', `attachment; filename="${name}"`)
      .header('cache-control', 'no-store')
      .send(pages);
  });

  app.get<{ Params: { id: string } }>('/api/stays/:id', async (request, reply) => {
    if (guard(request, reply, 'viewer') === null) return reply;
    const stay = journal.stays.get(request.params.id);
    if (stay === null)
      return sendProblem(reply, { statusCode: 404, code: 'no-such-stay', message: 'No such stay.' });
    const { entitlement } = stay;
    const beganMs =
      stay.checkInMs ?? (entitlement.kind === 'reservation' ? Date.parse(entitlement.start) : 0);
    const from = formatInstant(beganMs - STAY_MARGIN_MS, timeZone);
    const events = await ledgerReader.ofStay({ stay: stay.id, grant: stay.grant, from });
    const head = `{"stay":${JSON.stringify(stay)},"receipted":${journal.custody.seq},"events":`;
    reply.header('cache-control', 'no-store').type('application/json');
    return reply.send(Buffer.concat([Buffer.from(head), events, Buffer.from('}')]));
  });

  app.get('/api/statistics', async (request, reply) => {
    if (guard(request, reply, 'viewer') === null) return reply;
    const query = read(statisticsQuerySchema, request.query, reply);
    if (query === null) return reply;
    const { days } = query;
    const nowMs = clock.wallMs();
    const counted = await ledgerReader.statistics({ sinceMs: nowMs - days * DAY_MS, nowMs, days, timeZone });
    const statistics = JSON.parse(counted.toString()) as Statistics;
    return reply.header('cache-control', 'no-store').send({ ...statistics, line: state.samples });
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
