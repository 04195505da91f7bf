import * as z from 'zod';
import packageJson from '../../../package.json' with { type: 'json' };
import { OPERATIONS, type Asker, type Operation } from './operations.ts';

type Json = Readonly<Record<string, unknown>>;

const PROBLEM = { $ref: '#/components/schemas/Problem' };

/** Security requirements (OpenAPI 3.1, section 4.8.30): any one of the list is enough; an empty one is nobody's. */
const SECURITY: Readonly<Record<Asker, readonly Json[]>> = {
  anybody: [{}],
  member: [{ dpop: [] }],
  viewer: [{ session: [] }],
  operator: [{ session: [] }],
  scraper: [{}, { metrics: [] }],
};

/** The OpenAPI document of the gateway's HTTP API, from the schemas that the routes read with. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of OPERATIONS) {
    (paths[operation.path] ??= {})[operation.method] = operationOf(operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Genkan gateway',
      version: packageJson.version,
      description:
        'What phones, operators and machines ask of a gateway by HTTP. Errors are RFC 9457 problem details with a stable `code`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'status', 'code', 'title'],
          properties: {
            type: { const: 'about:blank' },
            status: { type: 'integer' },
            code: { type: 'string', description: 'Stable; at a door the reason of the denial.' },
            title: { type: 'string', description: 'For people, in the language of Accept-Language.' },
          },
        },
      },
      securitySchemes: {
        dpop: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: '`DPoP <pass>`, with the proof in the header `DPoP` (RFC 9449).',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-genkan',
          description:
            'From `POST /api/session`. What changes something also needs the `Origin` of the console.',
        },
        metrics: { type: 'http', scheme: 'bearer', description: 'Not needed on the gateway’s own host.' },
      },
    },
  };
}

function operationOf({ method, path, summary, asker, ...operation }: Operation): Json {
  const { query, body, answer, status = 200, problems } = operation;
  const parameters = [...pathParameters(path), ...(query === undefined ? [] : queryParameters(query))];
  const role = asker === 'viewer' || asker === 'operator' ? { 'x-role': asker } : {};
  return {
    operationId: operationIdOf(method, path),
    summary,
    ...role,
    security: SECURITY[asker],
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: { content: { 'application/json': { schema: schemaOf(body, 'input') } } },
    }),
    responses: Object.fromEntries([
      [String(status), goodAnswer(answer)],
      ...problems.map((code) => [
        String(code),
        { description: 'A problem.', content: { 'application/problem+json': { schema: PROBLEM } } },
      ]),
    ]),
  };
}

function goodAnswer(answer: Operation['answer']): Json {
  if (answer === null) return { description: 'Done.' };
  const { type, schema } = answer;
  const content = schema === undefined ? { type: 'string' } : schemaOf(schema, 'output');
  return { description: 'Done.', content: { [type]: { schema: content } } };
}

function pathParameters(path: string): readonly Json[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'side' ? { enum: ['entry', 'exit'] } : { type: 'string' },
  }));
}

function queryParameters(query: z.ZodType): readonly Json[] {
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => {
    return { name, in: 'query', required: required.includes(name), schema };
  });
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const document = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  delete document.$schema;
  return document;
}

/** `post /api/doors/{door}/presence` → `postDoorsPresence`. */
function operationIdOf(method: string, path: string): string {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== '' && word !== 'api');
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
