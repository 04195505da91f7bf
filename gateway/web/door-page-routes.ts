import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from '../../shared/contract/config.ts';
import { sideSchema } from '../../shared/contract/primitives.ts';
import { escapeMarkup } from '../../shared/markup.ts';
import type { Clock } from '../clock/clock.ts';
import type { NonceSource } from '../credential/nonce.ts';
import { contentSecurityPolicy } from './content-security.ts';
import { pageFiles, withoutComments } from './page-files.ts';

const pages = new URL('pages/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, pages), 'utf8');

/** What the page is made from. */
export interface DoorPageOptions {
  readonly config: Pick<GatewayConfig, 'venue' | 'http' | 'doors' | 'members'>;
  /** `null` at a relay, which has none: the first tap there needs two answers. */
  readonly nonces: Pick<NonceSource, 'issue'> | null;
  readonly clock: Pick<Clock, 'wallMs'>;
}

/**
 * The page that a phone's camera opens from the posted code. Everything of it is below `/d/`, the scope of its service
 * worker, and nothing of it acts before a tap: a preview or a prefetch opens no door and burns no code.
 *
 * - `GET /d/<door>/<side>`: the page. It reads `c` from the address and takes it out of it.
 * - `GET /d/offline`: the same page as the service worker shows it when the gateway does not answer.
 * - `GET /d/sw.js`, `/d/_/…`: its service worker, scripts and styles. `_` is no name of a door.
 */
export function doorPageRoutes(
  app: FastifyInstance,
  { config, nonces, clock }: DoorPageOptions,
  done: () => void,
): void {
  const { venue, http, members } = config;
  const doors = new Set(config.doors.map((door) => door.id));
  const origins = (...urls: (string | null)[]) =>
    urls.flatMap((url) => (url === null ? [] : [new URL(url).origin]));
  const policy = contentSecurityPolicy({
    connect: origins(members.issuer),
    frame: origins(members.wallet),
  });
  const html = read('door/door.html');
  const worker = withoutComments(read('door/sw.js'));
  const page = (data: Readonly<Record<string, string | null>>) => {
    const attributes = Object.entries({
      venue: venue.id,
      name: venue.name,
      zone: venue.timeZone,
      origin: http.publicOrigin,
      issuer: members.issuer,
      wallet: members.wallet,
      support: members.support,
      ...data,
    }).flatMap(([name, value]) => (value === null ? [] : [`data-${name}="${escapeMarkup(value)}"`]));
    return html.replace('<body>', () => `<body ${attributes.join(' ')}>`);
  };

  app.addHook('onRequest', (_request, reply, next) => {
    reply.header('content-security-policy', policy);
    next();
  });
  app.get<{ Params: { door: string; side: string } }>('/d/:door/:side', (request, reply) => {
    const { door } = request.params;
    const side = sideSchema.safeParse(request.params.side);
    const known = doors.has(door) && side.success;
    // The first nonce and the time come with the page, so that the first tap needs one answer and not two.
    const now = { nonce: nonces?.issue() ?? null, at: String(clock.wallMs()) };
    return reply
      .status(known ? 200 : 404)
      .type('text/html')
      .header('cache-control', 'no-store')
      .send(page(known ? { door, side: side.data, ...now } : {}));
  });
  app.get('/d/offline', (_request, reply) =>
    reply
      .type('text/html')
      .header('cache-control', 'no-cache')
      .send(page({ offline: 'true' })),
  );
  app.get('/d/sw.js', (_request, reply) =>
    reply.type('text/javascript').header('cache-control', 'no-cache').send(worker),
  );
  phoneFiles(app, '/d/_/');
  done();
}

/**
 * Serves the modules of the door page and those that a wallet shares with it, and the QR encoder as it is published.
 *
 * @param prefix with slashes at both ends
 */
export function phoneFiles(app: FastifyInstance, prefix: string): void {
  const encoder = readFileSync(createRequire(import.meta.url).resolve('qr'), 'utf8');
  app.get(`${prefix}qr.js`, (_request, reply) => reply.type('text/javascript').send(encoder));
  pageFiles(app, {
    root: fileURLToPath(pages),
    prefix,
    allowed: /^\/(?:(?:door|phone)\/[a-z0-9-]+\.(?:js|css)|(?:dom|venue-time)\.js|icon\.svg)$/,
  });
}
