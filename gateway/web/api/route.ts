import * as z from 'zod';

/** Who may ask: anybody, a member with pass and proof, an operator who is signed in, a scraper. */
type Asker = 'anybody' | 'member' | 'viewer' | 'operator' | 'scraper';

/** One answer as OpenAPI has it: what it means, and its body by content type. */
interface Answer {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: z.ZodType }>>;
}

/** What a route reads and answers. Every status that it answers with stands in `response`. */
export interface ApiSchema {
  readonly summary: string;
  /** OpenAPI 3.1, section 4.8.30: any one of the list is enough; an empty one is nobody's. */
  readonly security: readonly { [scheme: string]: readonly string[] }[];
  /** The least role of an operator who may ask. */
  readonly 'x-role'?: 'viewer' | 'operator';
  readonly params?: z.ZodType;
  readonly querystring?: z.ZodType;
  readonly body?: z.ZodType;
  readonly response: Readonly<Record<number, Answer | z.ZodNull>>;
}

/** One route of the API. What answers it stands beside it in the routes' files. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With fastify's colons: `/api/doors/:door/:side`. */
  readonly url: string;
  readonly schema: ApiSchema;
}

const SECURITY: Readonly<Record<Asker, ApiSchema['security']>> = {
  anybody: [{}],
  member: [{ dpop: [] }],
  viewer: [{ session: [] }],
  operator: [{ session: [] }],
  scraper: [{}, { metrics: [] }],
};

/** What a route does, and who may ask it to. */
export function operation(asker: Asker, summary: string): Pick<ApiSchema, 'summary' | 'security' | 'x-role'> {
  const role = asker === 'viewer' || asker === 'operator' ? { 'x-role': asker } : {};
  return { summary, security: SECURITY[asker], ...role };
}

/** An answer in JSON. */
export function json(description: string, schema: z.ZodType): Answer {
  return { description, content: { 'application/json': { schema } } };
}

/** An answer in text of another kind. */
export function text(description: string, ...types: readonly string[]): Answer {
  return { description, content: Object.fromEntries(types.map((type) => [type, { schema: z.string() }])) };
}

/** The answer without a body, 204. */
export const NOTHING = z.null().describe('Done.');

/**
 * Answers that are RFC 9457 problem details, by their status.
 *
 * @param codes every `code` that the status may come with
 */
export function problems(codes: Readonly<Record<number, readonly string[]>>): Record<number, Answer> {
  return Object.fromEntries(
    Object.entries(codes).map(([status, ofStatus]) => [status, problem(Number(status), ofStatus)]),
  );
}

/** One answer of problem details. @param extension members of its own (RFC 9457 section 3.2) */
export function problem(status: number, codes: readonly string[], extension: z.ZodRawShape = {}): Answer {
  // Made when somebody asks for the document: a hundred of them would keep a door waiting at every start.
  const schema = z.lazy(() =>
    z.strictObject({
      type: z.literal('about:blank').describe('Always `about:blank`: the code tells more.'),
      status: z.literal(status).describe('The answer’s HTTP status.'),
      code: z.enum(codes).describe('Stable. At a door the reason of the denial.'),
      title: z.string().describe('For people. What members read is in the language of `Accept-Language`.'),
      ...extension,
    }),
  );
  const description = codes.map((code) => `\`${code}\``).join(', ');
  return { description, content: { 'application/problem+json': { schema } } };
}

/** What may be wrong with the body of any request that has one. Spread into a route's problems. */
export const BODY_PROBLEMS = {
  400: [
    'bad-request',
    'FST_ERR_CTP_EMPTY_JSON_BODY',
    'FST_ERR_CTP_INVALID_JSON_BODY',
    'FST_ERR_CTP_INVALID_CONTENT_LENGTH',
  ],
  413: ['FST_ERR_CTP_BODY_TOO_LARGE'],
  415: ['FST_ERR_CTP_INVALID_MEDIA_TYPE'],
} as const;

/** What a route may answer with, as the document tells it. */
export type AnswerOf<S extends z.ZodType> = Unchanged<z.input<S>>;
type Unchanged<T> = T extends readonly (infer E)[]
  ? readonly Unchanged<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Unchanged<T[K]> }
    : T;
