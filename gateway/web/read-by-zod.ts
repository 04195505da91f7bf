import type { FastifyInstance, FastifyTypeProvider } from 'fastify';
import type * as z from 'zod';
import { problemLines } from '../../shared/contract/problem.ts';

/** The types of what a route has read; answers are held against the document by a test, and not at every request. */
export interface ApiTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown;
}

/**
 * Lets the routes of a server read what they are asked by their zod schemas. What is wrong is told with the name of its
 * field; a body that is left out is an empty one. Answers go out as they are: nothing is coerced, dropped or paid for.
 */
export function readByZod(app: FastifyInstance): void {
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (given: unknown) => {
    // fastify says null of a body that was left out.
    const read = schema.safeParse(httpPart === 'body' ? (given ?? {}) : given);
    if (read.success) return { value: read.data };
    const lines = problemLines(schema, given ?? undefined);
    return { error: Object.assign(new Error(lines.join('; ')), { statusCode: 400, code: 'bad-request' }) };
  });
  app.setSerializerCompiler(() => JSON.stringify);
}
