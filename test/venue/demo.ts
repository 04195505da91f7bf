import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import encodeQR from 'qr';
import * as z from 'zod';
import { textsIn } from '../../gateway/web/messages/catalogue.ts';
import { sideSchema } from '../../shared/contract/primitives.ts';
import { MINUTE_MS } from '../../shared/time.ts';
import { DEMO_MEMBERS, type DemoMembers } from './demo-members.ts';
import { demoState, onDemoChange } from './demo-state.ts';
import type { Venue } from './venue.ts';

/** A venue that has opened, with its people. */
export interface Demo {
  readonly venue: Venue;
  readonly members: DemoMembers;
}

/** How often the state is sent without a change: the clock goes on by itself. */
const STATE_EVERY_MS = 1_000;

/** How long somebody presses the exit button, in milliseconds. */
const PRESS_MS = 300;

/** Events of before the page was opened that it shows. */
const LEDGER_ROWS = 30;

const scanSchema = z.strictObject({ member: z.enum(DEMO_MEMBERS), side: sideSchema });
const doorSchema = z.strictObject({ act: z.enum(['pull', 'push', 'force', 'exit-button']) });
const lineSchema = z.strictObject({ cut: z.boolean() });
const powerSchema = z.strictObject({ on: z.boolean() });
const clockSchema = z.strictObject({
  minutes: z
    .int()
    .min(1)
    .max(24 * 60),
});

/**
 * The demo's page at `/` and what its buttons do, below `/demo/`. These routes exist in the demo only: they play
 * the people, the weather and the clock around a real gateway, and reach it as the world does, by a reader's serial
 * line, the pins of the board and the line to the cloud.
 *
 * @param current the demo, once it has opened: the gateway listens a moment before
 */
export function demoRoutes(app: FastifyInstance, current: () => Demo | null): void {
  const root = new URL('page/', import.meta.url);
  const html = readFileSync(new URL('index.html', root), 'utf8');
  app.get('/', (_request, reply) => reply.type('text/html').header('cache-control', 'no-cache').send(html));
  void app.register(fastifyStatic, {
    root: fileURLToPath(root),
    prefix: '/demo/page/',
    decorateReply: false,
  });

  const demo = (): Demo => {
    const now = current();
    if (now === null)
      throw Object.assign(new Error('The demo is still opening.'), { statusCode: 503, code: 'not-ready' });
    return now;
  };
  const read = <S extends z.ZodType>(schema: S, body: unknown): z.infer<S> => {
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    throw Object.assign(new Error(z.prettifyError(parsed.error)), { statusCode: 400, code: 'bad-request' });
  };
  const state = () => {
    const { venue, members } = demo();
    return demoState(venue, members);
  };

  /** What a member reads at the door, in both languages: the gateway's own texts. */
  app.get('/demo/texts', (_request, reply) => reply.send({ ja: textsIn('ja'), en: textsIn('en') }));

  app.get('/demo/ledger', (_request, reply) => {
    const { journal } = demo().venue.gateway;
    const rows = journal.eventsAfter(Math.max(0, journal.lastSeq - LEDGER_ROWS), LEDGER_ROWS);
    return reply.type('application/json').send(`[${rows.map(({ body }) => body).join(',')}]`);
  });

  app.post('/demo/scan', async (request, reply) => {
    const { member, side } = read(scanSchema, request.body);
    const { venue, members } = demo();
    const code = await members.codeOf(member);
    if (code === null) {
      throw Object.assign(new Error('No code has been shown yet.'), { statusCode: 409, code: 'no-code' });
    }
    const afterSeq = venue.gateway.journal.lastSeq;
    venue.scanAt(side, code);
    return reply.send({
      bytes: Buffer.byteLength(code),
      afterSeq,
      qr: encodeQR(code, 'svg', { ecc: 'low', border: 2 }),
    });
  });

  app.post('/demo/door', (request, reply) => {
    const { act } = read(doorSchema, request.body);
    const { door } = demo().venue.equipment;
    switch (act) {
      case 'pull':
        return reply.send({ open: door.pull() });
      case 'push':
        door.push();
        break;
      case 'force':
        door.force();
        break;
      case 'exit-button':
        door.pressExit(PRESS_MS);
        break;
    }
    return reply.send({ open: door.open });
  });

  app.post('/demo/line', (request, reply) => {
    const { line } = demo().venue;
    if (read(lineSchema, request.body).cut) line.cut();
    else line.mend();
    return reply.send(state());
  });

  app.post('/demo/power', (request, reply) => {
    demo().venue.equipment.setPower(read(powerSchema, request.body).on);
    return reply.send(state());
  });

  app.post('/demo/clock', (request, reply) => {
    demo().venue.clock.moveBy(read(clockSchema, request.body).minutes * MINUTE_MS);
    return reply.send(state());
  });

  app.post('/demo/book', async (_request, reply) => {
    await demo().members.book();
    return reply.send(state());
  });

  app.get('/demo/events', (_request, reply) => {
    const { venue, members } = demo();
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const send = () => raw.write(`event: demo\ndata: ${JSON.stringify(demoState(venue, members))}\n\n`);
    send();
    const stop = onDemoChange(venue, send);
    const timer = setInterval(send, STATE_EVERY_MS);
    raw.on('close', () => {
      stop();
      clearInterval(timer);
    });
  });
}
