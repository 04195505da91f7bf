import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { opaqueIdSchema, slugSchema, thumbprintSchema } from '../../shared/contract/primitives.ts';
import { contentSecurityPolicy } from '../../gateway/web/content-security.ts';
import { phoneFiles } from '../../gateway/web/door-page-routes.ts';
import { pageFiles } from '../../gateway/web/page-files.ts';
import { AccountProblem, type Account, type MemberAccounts } from './member-accounts.ts';
import type { WalletAnswer } from './wallet-answers.ts';

const signInSchema = z.strictObject({ sub: opaqueIdSchema });
const enrolSchema = z.strictObject({ venue: slugSchema, jkt: thumbprintSchema, back: z.string().max(2048) });
const passSchema = z.strictObject({ venue: slugSchema, code: z.string().max(64).exactOptional() });
const venueSchema = z.strictObject({ venue: slugSchema });

/** Where a session is kept: only ever sent to our own pages. */
const COOKIE = 'genkan-member';
const COOKIE_ATTRIBUTES = { path: '/wallet', httpOnly: true, sameSite: 'strict' } as const;

export interface MemberSiteOptions {
  /** The accounts, once they are there: a gateway listens a moment before. */
  readonly accounts: () => MemberAccounts | null;
  /** Books a seat for a member, from the half hour that has begun. Left out where nothing is sold. */
  readonly book?: (account: Account) => void;
}

/**
 * The issuer's site below `/wallet/`: sign-in, enrolment of a phone, passes, and the member's wallet.
 */
export function memberSite(app: FastifyInstance, { accounts, book }: MemberSiteOptions): void {
  const root = new URL('wallet-page/', import.meta.url);
  const read = (name: string) => readFileSync(new URL(name, root), 'utf8');
  const site = (): MemberAccounts => {
    const now = accounts();
    if (now === null) throw new AccountProblem(503, 'not-ready', 'The demo is still opening.');
    return now;
  };
  const account = (request: FastifyRequest): Account => {
    const found = site().signedIn(request.cookies[COOKIE]);
    if (found === null) throw new AccountProblem(401, 'signed-out', 'Please sign in.');
    return found;
  };
  // Dated by the venue's clock, as the gateway does: the phone's own may be anything.
  const noStore = (reply: FastifyReply) =>
    reply.header('cache-control', 'no-store').header('date', new Date(site().nowMs()).toUTCString());
  const html = (reply: FastifyReply, name: string) =>
    reply.type('text/html').header('cache-control', 'no-cache').send(read(name));

  // A gateway's own server reads cookies already.
  if (!app.hasRequestDecorator('cookies')) void app.register(cookie);
  phoneFiles(app, '/wallet/_/');
  pageFiles(app, { root: fileURLToPath(root), prefix: '/wallet/page/', allowed: /\.(?:js|css)$/ });
  app.get('/wallet', (_request, reply) => reply.redirect('/wallet/'));
  app.get('/wallet/', (_request, reply) => html(reply, 'wallet.html'));
  app.get('/wallet/enrol', (_request, reply) => html(reply, 'wallet.html'));
  app.get('/wallet/handoff', (_request, reply) => html(reply, 'handoff.html'));
  app.get('/wallet/signer', (_request, reply) => {
    const ancestors = site().venues.map(({ origin }) => origin);
    return html(reply.header('content-security-policy', contentSecurityPolicy({ ancestors })), 'signer.html');
  });
  app.get('/wallet/sw.js', (_request, reply) =>
    reply.type('text/javascript').header('cache-control', 'no-cache').send(read('sw.js')),
  );

  app.get('/wallet/me', (request, reply) => {
    const me = site().signedIn(request.cookies[COOKIE]);
    const answer: WalletAnswer = {
      people: site().accounts.map(({ sub, name, entitlements }) => ({ sub, name, ent: entitlements() })),
      venues: site().venues,
      canBook: book !== undefined,
      me:
        me === null
          ? null
          : {
              sub: me.sub,
              name: me.name,
              ent: me.entitlements(),
              devices: Object.fromEntries(site().venues.map(({ id }) => [id, site().deviceOf(me.sub, id)])),
            },
    };
    return noStore(reply).send(answer);
  });

  app.post('/wallet/session', (request, reply) => {
    const session = site().signIn(parse(signInSchema, request.body).sub);
    return noStore(reply).setCookie(COOKIE, session, COOKIE_ATTRIBUTES).send({});
  });
  app.delete('/wallet/session', (request, reply) => {
    site().signOut(request.cookies[COOKIE]);
    return noStore(reply)
      .setCookie(COOKIE, '', { ...COOKIE_ATTRIBUTES, maxAge: 0 })
      .send({});
  });
  app.post('/wallet/enrolments', (request, reply) => {
    const wanted = parse(enrolSchema, request.body);
    const ownOrigin = `${request.protocol}://${request.host}`;
    return noStore(reply).send({ location: site().enrol(account(request), wanted, ownOrigin) });
  });
  app.post('/wallet/short-pass', async (request, reply) => {
    const { venue } = parse(venueSchema, request.body);
    return noStore(reply).send({ pass: await site().shortPass(account(request), venue) });
  });
  app.post('/wallet/bookings', (request, reply) => {
    if (book === undefined) throw new AccountProblem(404, 'nothing-sold', 'Nothing is sold here.');
    book(account(request));
    return noStore(reply).send({});
  });

  passRoutes(app, site);
}

/** `POST /wallet/passes`: asked by the pages of the venues, from their own origins (Fetch standard, CORS). */
function passRoutes(app: FastifyInstance, site: () => MemberAccounts): void {
  const allow = (request: FastifyRequest, reply: FastifyReply) => {
    const { origin } = request.headers;
    reply.header('vary', 'origin');
    if (origin !== undefined && site().venues.some((venue) => venue.origin === origin)) {
      reply.header('access-control-allow-origin', origin);
      reply.header('access-control-allow-headers', 'content-type, dpop');
    }
  };
  app.options('/wallet/passes', (request, reply) => {
    allow(request, reply);
    return reply.status(204).send();
  });
  app.post('/wallet/passes', async (request, reply) => {
    allow(request, reply);
    reply.header('cache-control', 'no-store');
    const wanted = parse(passSchema, request.body);
    const proof = request.headers['dpop'];
    if (typeof proof !== 'string')
      throw new AccountProblem(401, 'invalid-proof', 'One DPoP proof is needed.');
    return reply.send(
      await site().pass(proof, {
        venue: wanted.venue,
        ...(wanted.code !== undefined && { code: wanted.code }),
      }),
    );
  });
}

/** @throws AccountProblem that names each field */
function parse<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new AccountProblem(400, 'bad-request', z.prettifyError(parsed.error));
}
