import published from '../../../gateway/web/openapi.generated.json' with { type: 'json' };
import { describeRoutes, type openApiDocument } from '../../../gateway/web/openapi/document.ts';
import type { Side } from '../../../shared/contract/primitives.ts';
import type { Member, Venue } from '../../venue/venue.ts';
import { ApiJudge, operationsOf, type Answer, type Operations } from './api-judge.ts';
import { openConsole } from './rig.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Asked {
  /** Default: the operation's own path, with the exit of the door and an id that nobody has. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent as JSON; text is sent as it is. */
  readonly body?: unknown;
  /** The peer's address, in place of a socket on this host. */
  readonly from?: string;
  /** The session's cookie; with it goes the origin of the console. */
  readonly cookie?: string;
}

export interface Told extends Answer {
  /** `DPoP-Nonce`, or empty. */
  readonly nonce: string;
  /** The body where it is JSON. */
  readonly json: Json;
}

/** A gateway whose every answer is held against the published document. */
export interface ApiRig {
  readonly venue: Venue;
  readonly published: Json;
  readonly operations: Operations;
  /** The server's routes, pages and all, as fastify has them: `POST /api/doors/:door/:side`. */
  readonly routes: readonly string[];
  /** Cookie of a new session. */
  signedIn(name: string): string;
  /** @throws Error where the document does not have the answer as it is */
  ask(operation: string, asked?: Asked): Promise<Told>;
  /** A member's request with a proof over a nonce. */
  askAs(member: Member, operation: string, nonce: string, asked?: Asked): Promise<Told>;
  /** A tap at the door; at the entry the rotating code is redeemed first. */
  tap(member: Member, side: Side): Promise<Told>;
  /** Statuses of the document that no answer has had so far. */
  missing(): readonly string[];
}

export const PRESENCE = 'POST /api/doors/{door}/presence';
export const OPEN = 'POST /api/doors/{door}/{side}';

export async function openApiRig(): Promise<ApiRig> {
  const document = published as unknown as Awaited<ReturnType<typeof openApiDocument>>;
  const judge = new ApiJudge(document);
  const routes: string[] = [];
  const venue = await openConsole({
    door: { code: { entry: 'rotating', exit: 'static' } },
    extend: (app) => {
      app.addHook('onRoute', ({ method, url: path }) => {
        for (const verb of [method].flat()) if (verb !== 'HEAD') routes.push(`${verb} ${path}`);
      });
      describeRoutes(app);
    },
  });
  const url = venue.gateway.web.address();

  async function ask(operation: string, { path, headers, body, from, cookie }: Asked = {}): Promise<Told> {
    const [method = '', template = ''] = operation.split(' ');
    const target = path ?? template.replace('{door}', 'front').replace('{side}', 'exit').replace('{id}', 'x');
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const sent = {
      method,
      headers: {
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...(cookie !== undefined && { cookie, origin: url }),
        ...headers,
      },
    };
    const answer = await (from === undefined ? overSocket() : fromPeer(from));
    judge.judge(operation, answer);
    const json = answer.type?.endsWith('json') === true ? (JSON.parse(answer.text) as Json) : {};
    return { ...answer, json };

    async function overSocket() {
      const got = await fetch(url + target, { ...sent, ...(text !== undefined && { body: text }) });
      const type = plain(got.headers.get('content-type'));
      const isStream = type === 'text/event-stream';
      if (isStream) await got.body?.cancel();
      const nonce = got.headers.get('dpop-nonce') ?? '';
      return { status: got.status, type, nonce, text: isStream ? '' : await got.text() };
    }

    async function fromPeer(remoteAddress: string) {
      const inject = { ...sent, url: target, remoteAddress, ...(text !== undefined && { payload: text }) };
      const got = await venue.gateway.web.app.inject(inject as never);
      const type = plain(String(got.headers['content-type'] ?? ''));
      return {
        status: got.statusCode,
        type,
        nonce: String(got.headers['dpop-nonce'] ?? ''),
        text: got.payload,
      };
    }
  }

  async function askAs({ wallet }: Member, operation: string, nonce: string, asked: Asked = {}) {
    const [method = '', template = ''] = operation.split(' ');
    const proof = await wallet.dpop(method, venue.config.http.publicOrigin + (asked.path ?? template), nonce);
    return ask(operation, { ...asked, headers: { ...proof } });
  }

  return {
    venue,
    published,
    operations: operationsOf(document),
    routes,
    signedIn(name) {
      const { accounts, sessions } = venue.gateway.operators;
      const account = accounts.find(name);
      if (account === null) throw new Error(`nobody is called ${name}`);
      return `genkan-session=${sessions.open(account)}`;
    },
    ask,
    askAs,
    async tap(member, side) {
      const c = venue.gateway.presence.shown('front', side)?.code ?? 'sheet';
      const ticket = await ask(PRESENCE, { body: { c, side } });
      const body = { presence: ticket.json['presence'] };
      return askAs(member, OPEN, ticket.nonce, { path: `/api/doors/front/${side}`, body });
    },
    missing: () => judge.missing(),
  };
}

/** A content type without its parameters. */
function plain(type: string | null): string | null {
  const [name = ''] = (type ?? '').split(';');
  return name === '' ? null : name;
}
