import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import encodeQR from 'qr';
import { CODE_SHOWN_MS } from '../presence/rotating-code.ts';
import { postedUrl } from '../../shared/contract/presence.ts';
import { sideSchema, type Side } from '../../shared/contract/primitives.ts';
import { escapeMarkup } from '../../shared/markup.ts';
import { isThisHost } from './lan.ts';
import { textsIn } from '../messages/catalogue.ts';
import type { WebOptions } from './options.ts';
import { pageFiles } from './page-files.ts';
import { sendProblem } from './problem.ts';

/** What a display keeps after it was opened once with the token. */
const COOKIE = 'genkan-display';

/** 400 days: the longest that browsers keep a cookie. */
const COOKIE_S = 400 * 24 * 3600;

interface DisplayRequest {
  Params: { door: string };
  Querystring: { side?: string; token?: string };
}

/**
 * The rotating code on a small screen at the door.
 *
 * - `GET /display/<door>?side=entry|exit`: the page; `side` is `entry` when left out.
 * - `GET /display/<door>/codes?side=`: server-sent; `event: code` with the QR and for how long it is shown.
 *
 * Whoever sees the code is at the door, so nobody else may: only this host, and whoever opened the page once with
 * `&token=` of `http.displayTokenFile`. Being on the venue's Wi-Fi is not enough: a member at the seat is on it too.
 */
export function displayRoutes(app: FastifyInstance, options: WebOptions, done: () => void): void {
  const { config, presence, clock, displayToken } = options;
  const wanted = displayToken === null ? null : digest(displayToken);
  const isSecure = config.http.publicOrigin.startsWith('https:');
  const html = readFileSync(new URL('display/display.html', import.meta.url), 'utf8');

  pageFiles(app, {
    root: fileURLToPath(new URL('display/', import.meta.url)),
    prefix: '/display/_/',
    allowed: /^\/display\.(?:css|js)$/,
  });

  const mayLook = ({ ip, cookies }: FastifyRequest) =>
    isThisHost(ip) || (wanted !== null && isSame(cookies[COOKIE] ?? '', wanted));

  /** The side that is asked for, where it has a display and the asker may look; else the answer is sent. */
  function sideOf(request: FastifyRequest<DisplayRequest>, reply: FastifyReply): Side | null {
    const side = sideSchema.safeParse(request.query.side ?? 'entry');
    if (!mayLook(request)) {
      const message = 'Open the display once with its token, or on the gateway itself.';
      sendProblem(reply, { statusCode: 403, code: 'display-token-needed', message });
    } else if (!side.success || presence.shown(request.params.door, side.data) === null) {
      const message = 'No rotating code is configured there (doors[].code).';
      sendProblem(reply, { statusCode: 404, code: 'no-display', message });
    } else {
      return side.data;
    }
    return null;
  }

  app.get<DisplayRequest>('/display/:door', (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { door } = request.params;
    const { token, side: asked } = request.query;
    if (token !== undefined && wanted !== null && isSame(digest(token), wanted)) {
      // Away with the token: it must not stand in the address bar of a screen that everybody looks at.
      return reply
        .setCookie(COOKIE, wanted, {
          path: '/display',
          maxAge: COOKIE_S,
          httpOnly: true,
          sameSite: 'strict',
          secure: isSecure,
        })
        .redirect(`/display/${encodeURIComponent(door)}${asked === 'exit' ? '?side=exit' : ''}`, 303);
    }
    const side = sideOf(request, reply);
    return side === null ? reply : reply.type('text/html').send(pageOf(door, side));
  });

  app.get<DisplayRequest>('/display/:door/codes', (request, reply) => {
    const side = sideOf(request, reply);
    if (side === null) return;
    const { door } = request.params;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    let cancel: () => void = () => undefined;
    const show = () => {
      cancel();
      const shown = presence.shown(door, side);
      if (shown === null) return;
      const url = postedUrl(config.http.publicOrigin, door, side, shown.code);
      const qr = encodeQR(url, 'svg', { ecc: 'medium', border: 4 });
      const data = JSON.stringify({ qr, remainingMs: Math.ceil(shown.remainingMs) });
      raw.write(`event: code\ndata: ${data}\n\n`);
      cancel = clock.after(shown.remainingMs, show);
    };
    show();
    const unsubscribe = presence.onUsed(door, side, show);
    raw.on('close', () => {
      cancel();
      unsubscribe();
    });
  });

  /** In both languages at once: nobody has chosen one in front of a door. */
  function pageOf(door: string, side: Side): string {
    const words: Record<string, string> = {
      venue: config.venue.name,
      codes: `/display/${door}/codes?side=${side}`,
      'shown-s': String(CODE_SHOWN_MS / 1_000),
    };
    for (const language of ['ja', 'en'] as const) {
      const { display } = textsIn(language);
      words[`${language}-heading`] = display[side];
      words[`${language}-how`] = display.how;
      words[`${language}-left`] = display.left;
      words[`${language}-silent`] = display.silent;
    }
    return html.replace(/\{\{([a-z-]+)\}\}/g, (_, name: string) => escapeMarkup(words[name] ?? ''));
  }

  done();
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
