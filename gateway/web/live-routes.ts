import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { LIVE_API, type venueStateSchema } from './api/live.ts';
import type { AnswerOf } from './api/route.ts';
import type { ApiTypes } from './read-by-zod.ts';
import { isThisHost } from './lan.ts';
import type { ConsoleState } from './console-state.ts';
import type { WebOptions } from './options.ts';
import { sendProblem } from './problem.ts';
import { tokenOf } from './sign-in.ts';

/** How often the state is sent without an event: the line, the receipt and the clock change without one. */
const STATE_EVERY_MS = 1_000;

/** How long events are gathered before they are shown, in milliseconds: a burst is shown once. */
const GATHER_MS = 50;

/** Two states are at least so far apart, in milliseconds: of fifty doors one has some 15 kB, for each viewer. */
const STATE_GAP_MS = 250;

/** Events read from the ledger at a time. */
const PAGE = 200;

/** How far back a browser that was cut off is caught up, in events. */
const CATCH_UP_MAX = 500;

/** Bytes that may wait for a viewer; one that does not read them is let go, and comes again by itself. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

/** What a viewer has not seen of the ledger, as it is sent, and up to which number. */
interface Chapter {
  readonly seq: number;
  readonly text: Buffer;
}

/** By the number that they begin after: a hundred viewers who have seen the same read it once. */
type Chapters = Map<number, Chapter>;

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

  const stateNow = () => Buffer.from(`event: state\ndata: ${JSON.stringify(state.now())}\n\n`);
  let stateShownMs = -Infinity;
  const broadcast = () => {
    if (viewers.size === 0) return;
    const waitMs = stateShownMs + STATE_GAP_MS - performance.now();
    if (waitMs > 0) broadcastIn(waitMs);
    else stateShownMs = performance.now();
    const stateText = waitMs > 0 ? null : stateNow();
    const read: Chapters = new Map();
    for (const viewer of viewers) show(viewer, stateText, read);
  };

  let gathering: NodeJS.Timeout | undefined;
  function broadcastIn(ms: number): void {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      broadcast();
    }, ms);
  }

  function show(viewer: Viewer, stateText: Buffer | null, read: Chapters): void {
    if (!viewer.mayLook()) {
      viewer.raw.end('event: signed-out\ndata: {}\n\n');
      return;
    }
    if (viewer.raw.writableLength > WAITING_BYTES_MAX) {
      viewer.raw.destroy();
      return;
    }
    const chapter = read.get(viewer.seq) ?? chapterAfter(viewer.seq);
    read.set(viewer.seq, chapter);
    viewer.seq = chapter.seq;
    if (chapter.text.length > 0) viewer.raw.write(chapter.text);
    if (stateText !== null) viewer.raw.write(stateText);
  }

  function chapterAfter(from: number): Chapter {
    let text = '';
    let seq = from;
    for (;;) {
      const rows = journal.eventsAfter(seq, PAGE);
      for (const row of rows) text += `event: ledger\nid: ${row.seq}\ndata: ${row.body}\n\n`;
      seq = rows.at(-1)?.seq ?? seq;
      if (rows.length < PAGE) return { seq, text: Buffer.from(text) };
    }
  }

  const onRequest: onRequestHookHandler = (request, reply, next) => {
    if (mayLook(request)) next();
    else sendProblem(reply, { statusCode: 401, code: 'not-signed-in', message: 'Please sign in.' });
  };

  app.route({
    ...LIVE_API.state,
    onRequest,
    handler: (_request, reply) =>
      reply.header('cache-control', 'no-store').send(state.now() satisfies AnswerOf<typeof venueStateSchema>),
  });

  app.withTypeProvider<ApiTypes>().route({
    ...LIVE_API.events,
    onRequest,
    handler(request, reply) {
      follow(request, reply, Number(request.headers['last-event-id'] ?? request.query.after ?? Number.NaN));
    },
  });

  /** Sends a viewer what there is, and from then on what happens. */
  function follow(request: FastifyRequest, reply: FastifyReply, last: number): void {
    const known = Number.isSafeInteger(last) && last >= 0 && last <= journal.lastSeq;
    const seq = known ? Math.max(last, journal.lastSeq - CATCH_UP_MAX) : journal.lastSeq;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const viewer: Viewer = { raw, mayLook: () => mayLook(request), seq };
    viewers.add(viewer);
    show(viewer, stateNow(), new Map());
    timer ??= setInterval(broadcast, STATE_EVERY_MS);
    raw.on('close', () => {
      viewers.delete(viewer);
      if (viewers.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    });
  }

  const stop = journal.onAppend(() => broadcastIn(GATHER_MS));
  app.addHook('onClose', (_app, done) => {
    stop();
    clearTimeout(gathering);
    clearInterval(timer);
    done();
  });
}
