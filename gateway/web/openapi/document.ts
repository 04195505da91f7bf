import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { OpenAPIV3_1 } from 'openapi-types';
import packageJson from '../../../package.json' with { type: 'json' };
import { ALARMS_API } from '../api/alarms.ts';
import { COMMANDS_API } from '../api/commands.ts';
import { DOOR_API } from '../api/door.ts';
import { LEDGER_API } from '../api/ledger.ts';
import { LIVE_API } from '../api/live.ts';
import { ME_API } from '../api/me.ts';
import { PROBES_API } from '../api/probes.ts';
import type { ApiRoute } from '../api/route.ts';
import { readByZod } from '../read-by-zod.ts';
import { SESSION_API } from '../api/session.ts';

/** Every route of the API, in the document's order. Pages and their files are none. */
const ROUTES: readonly ApiRoute[] = [
  ...Object.values(DOOR_API),
  ...Object.values(ME_API),
  ...Object.values(SESSION_API),
  ...Object.values(COMMANDS_API),
  ...Object.values(LIVE_API),
  ...Object.values(LEDGER_API),
  ...Object.values(ALARMS_API),
  ...Object.values(PROBES_API),
];

const ABOUT: Partial<OpenAPIV3_1.Document> = {
  openapi: '3.1.0',
  info: {
    title: 'Genkan gateway',
    version: packageJson.version,
    description:
      'What phones, operators and machines ask of a gateway by HTTP. Errors are RFC 9457 problem details with a stable `code`.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  components: {
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

/** `POST /api/doors/:door/presence` → `postDoorsDoorPresence`. */
function operationIdOf(method: string, url: string): string {
  const words = url.split(/[^A-Za-z]+/).filter((word) => word !== '' && word !== 'api');
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** A body whose every member may be left out may be left out itself: the routes read it as an empty one. */
function mayBeLeftOut({ requestBody }: OpenAPIV3_1.OperationObject): boolean {
  if (requestBody === undefined || '$ref' in requestBody) return false;
  const schema = requestBody.content['application/json']?.schema;
  return schema !== undefined && 'properties' in schema && (schema.required ?? []).length === 0;
}

/** Lets a server tell its routes as an OpenAPI document, by `app.swagger()`. To be called before it has any. */
export function describeRoutes(app: FastifyInstance): void {
  void app.register(swagger, {
    openapi: ABOUT,
    convertConstToEnum: false,
    transform(asked) {
      // A route without a schema is a page's.
      if (asked.route.schema === undefined) return { schema: { hide: true }, url: asked.url };
      const { schema, url } = jsonSchemaTransform(asked);
      const method = [asked.route.method].flat()[0] ?? '';
      return { schema: { ...schema, operationId: operationIdOf(method, url) }, url };
    },
    transformObject(made) {
      const document = 'openapiObject' in made ? made.openapiObject : {};
      for (const path of Object.values((document.paths ?? {}) as OpenAPIV3_1.PathsObject))
        for (const operation of [path?.get, path?.post, path?.delete])
          if (operation?.requestBody !== undefined && mayBeLeftOut(operation))
            operation.requestBody = { ...operation.requestBody, required: false };
      return document;
    },
  });
}

/** The document of the gateway's HTTP API, from the schemas that its routes read with. */
export async function openApiDocument(): Promise<OpenAPIV3_1.Document> {
  const app = fastify();
  readByZod(app);
  describeRoutes(app);
  await app.after();
  for (const route of ROUTES) app.route({ ...route, handler: (_request, reply) => reply.send() });
  await app.ready();
  return app.swagger() as OpenAPIV3_1.Document;
}
