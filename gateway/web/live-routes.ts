import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isThisHost } from './lan.ts';
import type { ConsoleState } from './console-state.ts';
import type { WebOptions } from './options.ts';
import { sendProblem } from './problem.ts';
import { tokenOf } from './sign-in.ts';

/** How often the state is sent without an event: the line, the receipt and the clock change without one. */
const STATE_EVERY_MS = 1_000;

/** How long events are gathered before they are shown, in milliseconds: a burst is shown once. */
const GATHER_MS = 50;

/** Events read from the ledger at a time. */
const PAGE = 200;

/** How far back a browser that was cut off is caught up, in events. */
const CATCH_UP_MAX = 500;

/** Bytes that may wait for a viewer; one that does not read them is let go, and comes again by itself. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

interface Viewer {
  readonly raw: ServerResponse;
  readonly mayLook: () => boolean;
  seq: number;
}

export interface LiveOptions extends WebOptions {
  readonly state: ConsoleState;
}

/**
 * What the pages show as it happens: the state of the venue, and everything that is journalled.
 *
 * - `GET /api/doors`: the state.
 * - `GET /api/events`: server-sent; `event: ledger` carries the CloudEvent, its id the number in the epoch, so that
 *   a browser takes up where it was cut off (`Last-Event-ID`). `event: state` carries the body of `/api/doors`,
 *   `event: signed-out` ends the stream with the session.
 *
 * They name members: for operators who are signed in. The demo opens them to its own host.
 */
export function liveRoutes(app: FastifyInstance, options: LiveOptions): void {
  const { journal, state, operators, openToThisHost } = options;
  const viewers = new Set<Viewer>();
  let timer: NodeJS.Timeout | undefined;

  /** A stream keeps no session alive: nobody may be there to look. */
  const mayLook = (request: FastifyRequest): boolean =>
    (openToThisHost && isThisHost(request.ip)) || operators.sessions.get(tokenOf(request), false) !== null;

  const broadcast = () => {
    if (viewers.size === 0) return;
    const stateText = `event: state\ndata: ${JSON.stringify(state.now())}\n\n`;
    /** Pages of the ledger by the number that they begin after: a hundred viewers read each once. */
    const pages = new Map<number, ReturnType<typeof journal.eventsAfter>>();
    for (const viewer of viewers) show(viewer, stateText, pages);
  };

  function show(
    viewer: Viewer,
    stateText: string,
    pages: Map<number, ReturnType<typeof journal.eventsAfter>>,
  ): void {
    if (!viewer.mayLook()) {
      viewer.raw.end('event: signed-out\ndata: {}\n\n');
      return;
    }
    if (viewer.raw.writableLength > WAITING_BYTES_MAX) {
      viewer.raw.destroy();
      return;
    }
    let text = '';
    for (;;) {
      const rows = pages.get(viewer.seq) ?? journal.eventsAfter(viewer.seq, PAGE);
      pages.set(viewer.seq, rows);
      for (const { seq, body } of rows) text += `event: ledger\nid: ${seq}\ndata: ${body}\n\n`;
      viewer.seq = rows.at(-1)?.seq ?? viewer.seq;
      if (rows.length < PAGE) break;
    }
    viewer.raw.write(text + stateText);
  }

  app.get('/api/doors', (request, reply) => {
    if (!mayLook(request))
      return sendProblem(reply, { statusCode: 401, code: 'not-signed-in', message: 'Please sign in.' });
    return reply.header('cache-control', 'no-store').send(state.now());
  });

  app.get('/api/events', (request, reply) => {
    if (!mayLook(request))
      return sendProblem(reply, { statusCode: 401, code: 'not-signed-in', message: 'Please sign in.' });
    const last = Number(request.headers['last-event-id'] ?? Number.NaN);
    const known = Number.isSafeInteger(last) && last >= 0 && last <= journal.lastSeq;
    const seq = known ? Math.max(last, journal.lastSeq - CATCH_UP_MAX) : journal.lastSeq;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const viewer: Viewer = { raw, mayLook: () => mayLook(request), seq };
    viewers.add(viewer);
    show(viewer, `event: state\ndata: ${JSON.stringify(state.now())}\n\n`, new Map());
    timer ??= setInterval(broadcast, STATE_EVERY_MS);
    raw.on('close', () => {
      viewers.delete(viewer);
      if (viewers.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    });
    return undefined;
  });

  let gathering: NodeJS.Timeout | undefined;
  const stop = journal.onAppend(() => {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      broadcast();
    }, GATHER_MS);
  });
  app.addHook('onClose', (_app, done) => {
    stop();
    clearTimeout(gathering);
    clearInterval(timer);
    done();
  });
}
