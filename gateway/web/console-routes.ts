import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DAY_MS, formatInstant } from '../../shared/time.ts';
import type { LedgerFilter } from '../reading/reads.ts';
import type { Statistics } from '../reading/statistics.ts';
import { LEDGER_API, type LedgerFilters, type statisticsSchema, type staySchema } from './api/ledger.ts';
import type { AnswerOf } from './api/route.ts';
import type { ApiTypes } from './read-by-zod.ts';
import type { LiveOptions } from './live-routes.ts';
import { pageFiles } from './page-files.ts';
import { sendProblem } from './problem.ts';
import type { Guard } from './sign-in.ts';

/** How long before a stay's check-in its first events may stand. */
const STAY_MARGIN_MS = 60_000;

/** How long a client may take nothing of its export, in milliseconds. */
const STALLED_MS = 60_000;

/** What the console reads beside the live stream. */
export function consoleRoutes(app: FastifyInstance, options: LiveOptions & { readonly guard: Guard }): void {
  const { journal, ledgerReader, guard, config, clock, state } = options;
  const { timeZone } = config.venue;
  const api = app.withTypeProvider<ApiTypes>();

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

  /** The same instant in the venue's zone: times of the ledger are compared as text. */
  const local = (instant: string) => formatInstant(Date.parse(instant), timeZone);

  const filterOf = ({ name, door, text, from, to }: LedgerFilters): LedgerFilter => ({
    ...(name !== undefined && { name }),
    ...(door !== undefined && { door }),
    ...(text !== undefined && { text }),
    ...(from !== undefined && { from: local(from) }),
    ...(to !== undefined && { to: local(to) }),
  });

  api.route({
    ...LEDGER_API.page,
    onRequest: guard('viewer'),
    async handler(request, reply) {
      const { before = journal.lastSeq + 1, limit, ...filters } = request.query;
      const page = await ledgerReader.page({ beforeSeq: before, limit, ...filterOf(filters) });
      return reply.header('cache-control', 'no-store').type('application/json').send(page);
    },
  });

  api.route({
    ...LEDGER_API.export,
    onRequest: guard('viewer'),
    async handler(request, reply) {
      const { format, ...filters } = request.query;
      const name = `${config.venue.id}-${formatInstant(clock.wallMs(), timeZone).slice(0, 10)}.${format === 'csv' ? 'csv' : 'jsonl'}`;
      const pages =
        request.method === 'HEAD'
          ? null
          : await ledgerReader.export(filterOf(filters), format, journal.lastSeq + 1);
      reply.raw.setTimeout(STALLED_MS, () => reply.raw.destroy());
      return reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl')
        .header('content-disposition', `attachment; filename="${name}"`)
        .header('cache-control', 'no-store')
        .send(pages);
    },
  });

  api.route({
    ...LEDGER_API.stay,
    onRequest: guard('viewer'),
    async handler(request, reply) {
      const stay = journal.stays.get(request.params.id);
      if (stay === null)
        return sendProblem(reply, { statusCode: 404, code: 'no-such-stay', message: 'No such stay.' });
      const { entitlement } = stay;
      const beganMs =
        stay.checkInMs ?? (entitlement.kind === 'reservation' ? Date.parse(entitlement.start) : 0);
      const from = formatInstant(beganMs - STAY_MARGIN_MS, timeZone);
      const events = await ledgerReader.ofStay({ stay: stay.id, grant: stay.grant, from });
      const head = `{"stay":${JSON.stringify(stay satisfies AnswerOf<typeof staySchema>)},"receipted":${journal.custody.seq},"events":`;
      reply.header('cache-control', 'no-store').type('application/json');
      return reply.send(Buffer.concat([Buffer.from(head), events, Buffer.from('}')]));
    },
  });

  api.route({
    ...LEDGER_API.statistics,
    onRequest: guard('viewer'),
    async handler(request, reply) {
      const { days } = request.query;
      const nowMs = clock.wallMs();
      const counted = await ledgerReader.statistics({
        sinceMs: nowMs - days * DAY_MS,
        nowMs,
        days,
        timeZone,
      });
      const answer = { ...(JSON.parse(counted.toString()) as Statistics), line: state.samples };
      return reply
        .header('cache-control', 'no-store')
        .send(answer satisfies AnswerOf<typeof statisticsSchema>);
    },
  });
}
