import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { OpenAPIV3_1 } from 'openapi-types';

/** What came back over the wire. */
export interface Answer {
  readonly status: number;
  /** Without parameters, such as `application/json`; `null` where there was none. */
  readonly type: string | null;
  readonly text: string;
}

/** An operation of the document by its name: `POST /api/doors/{door}/{side}`. */
export type Operations = ReadonlyMap<string, OpenAPIV3_1.OperationObject>;

export function operationsOf({ paths = {} }: OpenAPIV3_1.Document): Operations {
  return new Map(
    Object.entries(paths).flatMap(([path, item = {}]) =>
      (['get', 'post', 'delete'] as const).flatMap((method) => {
        const operation = item[method];
        return operation === undefined ? [] : [[`${method.toUpperCase()} ${path}`, operation] as const];
      }),
    ),
  );
}

/** Holds answers against the published document, as a client that was made from it would. */
export class ApiJudge {
  readonly #operations: Operations;
  readonly #ajv = addFormats.default(new Ajv2020({ strict: true }));
  readonly #schemas = new Map<object, ValidateFunction>();
  readonly #given = new Set<string>();

  constructor(document: OpenAPIV3_1.Document) {
    this.#operations = operationsOf(document);
  }

  /** @throws Error where the document does not have the answer as it is, member for member */
  judge(name: string, { status, type, text }: Answer): void {
    const told = `${name} ${status}`;
    const response = this.#operations.get(name)?.responses?.[status];
    if (response === undefined || '$ref' in response) throw new Error(`${told} is not documented: ${text}`);
    this.#given.add(told);
    if (response.content === undefined) {
      if (text !== '') throw new Error(`${told} has no body in the document: ${text}`);
      return;
    }
    const schema = type === null ? undefined : response.content[type]?.schema;
    if (schema === undefined) throw new Error(`${told} is not documented as ${String(type)}`);
    const isGood = this.#schemaOf(schema);
    if (!isGood(type?.endsWith('json') === true ? (JSON.parse(text) as unknown) : text))
      throw new Error(`${told}: ${this.#ajv.errorsText(isGood.errors)}\n${text}`);
  }

  /** Statuses of the document that no answer has had. */
  missing(): readonly string[] {
    return [...this.#operations].flatMap(([name, { responses = {} }]) =>
      Object.keys(responses)
        .map((status) => `${name} ${status}`)
        .filter((told) => !this.#given.has(told)),
    );
  }

  #schemaOf(schema: object): ValidateFunction {
    const known = this.#schemas.get(schema) ?? this.#ajv.compile(schema);
    this.#schemas.set(schema, known);
    return known;
  }
}
