import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { isThisHost } from './lan.ts';
import type { WebOptions } from './options.ts';
import { sendProblem } from './problem.ts';

/** How often the state is sent without an event: the line, the receipt and the clock change without one. */
const STATE_EVERY_MS = 1_000;

/** Events read from the ledger at a time. */
const PAGE = 200;

/** How far back a browser that was cut off is caught up, in events. */
const CATCH_UP_MAX = 500;

/**
 * What the venue's pages show: the state of the doors, and everything that is journalled as it happens.
 *
 * - `GET /api/doors`: doors, line, ledger.
 * - `GET /api/events`: server-sent; `event: ledger` carries the CloudEvent, its id the number in the epoch, so that
 *   a browser takes up where it was cut off (`Last-Event-ID`). `event: state` carries the body of `/api/doors`.
 *
 * They name members, and there are no accounts yet: only the gateway's own host may look.
 */
export function liveRoutes(app: FastifyInstance, options: WebOptions, done: () => void): void {
  const { doors, journal, isOnline, config, clock } = options;

  const state = () => ({
    venue: { id: config.venue.id, name: config.venue.name },
    at: clock.wallMs(),
    clock: clock.trust(),
    online: isOnline(),
    storage: journal.fault === null ? 'ok' : 'degraded',
    ledger: { epoch: journal.epoch, last: journal.lastSeq, receipted: journal.custody.seq },
    inside: journal.stays.countOpen(),
    doors: doors.reports(),
  });

  app.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }));

  app.addHook('onRequest', (request, reply, next) => {
    if (request.url === '/healthz' || isThisHost(request.ip)) next();
    else
      sendProblem(reply, {
        statusCode: 403,
        code: 'this-host-only',
        message: 'Only from the gateway’s own host.',
      });
  });

  void app.register(fastifyStatic, {
    root: fileURLToPath(new URL('pages/', import.meta.url)),
    prefix: '/pages/',
  });
  if (!app.hasRoute({ method: 'GET', url: '/' })) {
    app.get('/', (_request, reply) => reply.sendFile('live.html'));
  }

  app.get('/api/doors', (_request, reply) => reply.header('cache-control', 'no-store').send(state()));

  app.get('/api/events', (request, reply) => {
    const last = Number(request.headers['last-event-id'] ?? Number.NaN);
    const known = Number.isSafeInteger(last) && last >= 0 && last <= journal.lastSeq;
    let seq = known ? Math.max(last, journal.lastSeq - CATCH_UP_MAX) : journal.lastSeq;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const send = (event: string, data: string, id?: number) => {
      raw.write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`);
    };
    const catchUp = () => {
      for (;;) {
        const rows = journal.eventsAfter(seq, PAGE);
        for (const row of rows) send('ledger', row.body, row.seq);
        seq = rows.at(-1)?.seq ?? seq;
        if (rows.length < PAGE) break;
      }
      send('state', JSON.stringify(state()));
    };
    catchUp();
    const unsubscribe = journal.onAppend(catchUp);
    const timer = setInterval(() => send('state', JSON.stringify(state())), STATE_EVERY_MS);
    raw.on('close', () => {
      unsubscribe();
      clearInterval(timer);
    });
  });
  done();
}
