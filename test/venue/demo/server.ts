import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import replyFrom from '@fastify/reply-from';
import encodeQR from 'qr';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import * as z from 'zod';
import { textsIn } from '../../../gateway/messages/catalogue.ts';
import { contentSecurityPolicy } from '../../../gateway/web/content-security.ts';
import { pageFiles } from '../../../gateway/web/page-files.ts';
import { sendProblem } from '../../../gateway/web/problem.ts';
import { JAPAN } from '../../../shared/time.ts';
import { bundlePage } from './bundle.ts';
import { actSchema, ActRefused, DEMO_MEMBERS, PHOTO } from './acts.ts';
import { previewFor } from './preview.ts';
import { memberSite } from '../member-site.ts';
import type { Director } from './director.ts';
import { demoState } from './state.ts';

/** How often the state is sent without a change: the clock goes on by itself. */
const STATE_EVERY_MS = 1_000;

/** Changes closer together are sent as one. */
const SEND_EVERY_MS = 50;

const phoneSchema = z.strictObject({ who: z.enum([...DEMO_MEMBERS, PHOTO]) });

/**
 * The demo's server: its page at `/`, what its buttons do below `/demo/`, and the gateway behind it for everything
 * else, as a venue's reverse proxy has it. The page stays up while the gateway is dead.
 *
 * @param current the venue, once it is open
 */
export async function createDemoServer(current: () => Director | null): Promise<FastifyInstance> {
  const app = fastify({ forceCloseConnections: true, bodyLimit: 16 * 1024 });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof ActRefused) {
      return sendProblem(reply, { statusCode: 409, code: error.code, message: error.message });
    }
    return sendProblem(reply, error);
  });
  const director = (): Director => {
    const open = current();
    if (open === null)
      throw Object.assign(new Error('The demo is still opening.'), { statusCode: 503, code: 'not-ready' });
    return open;
  };
  const read = <S extends z.ZodType>(schema: S, body: unknown): z.infer<S> => {
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    throw Object.assign(new Error(z.prettifyError(parsed.error)), { statusCode: 400, code: 'bad-request' });
  };

  await app.register(async (demo) => {
    demo.addHook('onSend', (_request, reply, _payload, done) => {
      if (!reply.hasHeader('content-security-policy'))
        reply.header('content-security-policy', contentSecurityPolicy());
      reply.header('referrer-policy', 'no-referrer');
      reply.header('x-content-type-options', 'nosniff');
      done();
    });
    const root = new URL('page/', import.meta.url);
    const html = readFileSync(new URL('index.html', root), 'utf8');
    demo.get('/', (_request, reply) =>
      reply
        .type('text/html')
        .header('cache-control', 'no-cache')
        .send(
          html.replace('<body>', `<body data-open="${String(current() !== null)}" data-zone="${JAPAN}">`),
        ),
    );
    const script = await bundlePage();
    demo.get('/demo/page.js', (_request, reply) =>
      reply.type('text/javascript').header('cache-control', 'no-cache').send(script),
    );
    pageFiles(demo, { root: fileURLToPath(root), prefix: '/demo/page/', allowed: /\.css$/ });

    // What the page has in common with the gateway's: it must be there while the gateway is not.
    const pages = fileURLToPath(new URL('../../../gateway/web/pages/', import.meta.url));
    pageFiles(demo, { root: pages, prefix: '/pages/', allowed: /\.(?:js|css|svg)$/ });
    memberSite(demo, {
      accounts: () => current()?.accounts.accounts ?? null,
      book: (account) => director().accounts.book(account),
    });
    demo.get('/demo/ready', () => ({ open: current() !== null }));

    /** What a member reads at the door: the gateway's own texts. */
    for (const language of ['ja', 'en'] as const)
      demo.get(`/demo/texts/${language}`, () => textsIn(language));

    /** The sheet at the entrance: what it says does not change while the demo lives. */
    demo.get('/demo/door-code.svg', (request, reply) =>
      reply
        .type('image/svg+xml')
        .send(encodeQR(`http://${request.host}/d/front/entry`, 'svg', { border: 2 })),
    );

    demo.post('/demo/act', async (request) => director().act(read(actSchema, request.body)));

    demo.post('/demo/phone', async (request) => {
      const { who } = read(phoneSchema, request.body);
      const { members } = director();
      return who === PHOTO ? members.photo() : members.show(who);
    });

    demo.post('/demo/preview', async (request) => {
      const { who } = read(phoneSchema, request.body);
      return who === PHOTO ? { stays: [] } : previewFor(director(), who);
    });

    demo.get('/demo/events', (_request, reply) => {
      const venue = director();
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      const send = (event: string, data: string) => raw.write(`event: ${event}\ndata: ${data}\n\n`);
      const sendState = () => send('state', JSON.stringify(demoState(venue)));
      let pending: NodeJS.Timeout | null = null;
      for (const row of venue.ledger) send('ledger', row);
      sendState();
      const stop = venue.onChange((rows) => {
        for (const row of rows) send('ledger', row);
        pending ??= setTimeout(() => {
          pending = null;
          sendState();
        }, SEND_EVERY_MS);
      });
      const timer = setInterval(sendState, STATE_EVERY_MS);
      raw.on('close', () => {
        stop();
        clearInterval(timer);
        if (pending !== null) clearTimeout(pending);
      });
    });
  });

  await app.register(async (behind) => {
    await behind.register(replyFrom);
    // What is meant for the gateway is handed on as it came.
    behind.removeAllContentTypeParsers();
    behind.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    behind.all('/*', (request, reply) =>
      reply.from(`http://127.0.0.1:${director().gatewayPort}${request.url}`, {
        // The gateway judges a page by the host that its browser sees.
        rewriteRequestHeaders: ({ headers: { host } }, headers) => ({ ...headers, host }),
        onError: (answer) =>
          void sendProblem(answer as FastifyReply, {
            statusCode: 502,
            code: 'gateway-dead',
            message: 'The gateway does not answer.',
          }),
      }),
    );
  });
  return app;
}
