import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EVENT_CONTENT_TYPE, EVENT_NAMES } from '../../../shared/contract/events.ts';
import { asyncApiDocument } from '../../../shared/contract/generate/asyncapi.ts';
import {
  eventPath,
  schemaDocuments,
  type JsonDocument,
} from '../../../shared/contract/generate/documents.ts';
import { specificationFrom } from '../../../shared/contract/generate/specification.ts';
import { requestSchema } from '../../../shared/contract/receipt.ts';
import { venueTopics } from '../../../shared/contract/topics.ts';

const committed = (path: string): string =>
  readFileSync(new URL(`../../../shared/contract/generated/${path}`, import.meta.url), 'utf8');

/** Follows keys into a document; fails where a step is missing. */
function at(document: unknown, ...steps: readonly (string | number)[]): unknown {
  let value: unknown = document;
  for (const step of steps) {
    expect(value).toHaveProperty([step]);
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}

/** Every `$ref` anywhere in a document. */
function referencesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === '$ref' && typeof member === 'string' ? [member] : referencesIn(member),
  );
}

/** The properties anywhere in a schema that nothing is said of, each by its path. */
function silentIn(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value as Readonly<Record<string, unknown>>).flatMap(([key, member]) => {
    if (key !== 'properties') return silentIn(member, `${path}/${key}`);
    return Object.entries(member as Readonly<Record<string, JsonDocument>>).flatMap(([name, property]) => {
      const { description } = property;
      const isTold = typeof description === 'string' && /\S .*[.。]$/su.test(description);
      return [...(isTold ? [] : [`${path}.${name}`]), ...silentIn(property, `${path}.${name}`)];
    });
  });
}

/** Places in a schema where a member that it does not name is refused. */
function closedIn(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === 'additionalProperties' && member === false ? [path] : closedIn(member, `${path}/${key}`),
  );
}

/** The document that the gateway serves at `/api/openapi.json`. */
const api: unknown = JSON.parse(
  readFileSync(new URL('../../../gateway/web/openapi.generated.json', import.meta.url), 'utf8'),
);

const documents = schemaDocuments();
const bus = asyncApiDocument();

describe('the generated schemas', () => {
  it('are the same text each time they are generated', () => {
    const text = (from: ReadonlyMap<string, JsonDocument>) => JSON.stringify([...from]);
    expect(text(schemaDocuments())).toBe(text(documents));
    expect(JSON.stringify(asyncApiDocument())).toBe(JSON.stringify(bus));
  });

  it('are committed as they are generated, each ending with a line feed', () => {
    for (const [path, document] of [...documents, ['asyncapi.json', bus] as const]) {
      expect(committed(path), path).toBe(`${JSON.stringify(document, null, 2)}\n`);
    }
  });

  it('are draft 2020-12 and have each their own id', () => {
    const ids = [...documents.values()].map((document) => {
      expect(document['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
      return document['$id'];
    });
    expect(new Set(ids).size).toBe(documents.size);
  });

  it('hold one file for every event, which names its type and lets members be added', () => {
    for (const name of EVENT_NAMES) {
      const schema = documents.get(eventPath(name));
      expect(at(schema, 'properties', 'type', 'const')).toBe(`genkan.${name}.v1`);
      expect(closedIn(schema, name)).toEqual([]);
    }
    expect(at(documents.get('event.schema.json'), 'oneOf')).toHaveLength(EVENT_NAMES.length);
  });

  it('let a pass carry claims that we do not know, and a header none', () => {
    expect(documents.get('pass.claims.schema.json')).not.toHaveProperty('additionalProperties');
    expect(at(documents.get('pass.header.schema.json'), 'additionalProperties')).toBe(false);
  });

  it('are open in what the gateway writes and in a trust bundle, closed in what it obeys', () => {
    const written = [
      'checkpoint.claims',
      'command-result',
      'request',
      'gateway-state',
      'door-state',
      'charge',
    ];
    for (const name of [...written, 'trust.claims'])
      expect(closedIn(documents.get(`${name}.schema.json`), name)).toEqual([]);
    for (const name of ['command.claims', 'pass.claims', 'reservation-delta.claims', 'entry-request'])
      expect(closedIn(documents.get(`${name}.schema.json`), name)).not.toEqual([]);
  });

  it('ask a configuration only for what has no default', () => {
    const required = at(documents.get('configuration.schema.json'), 'properties', 'venue', 'required');
    expect(required).toEqual(['id', 'name', 'kind', 'hours', 'capacity']);
  });

  it('say of every property in a sentence what it is, as does the description of the HTTP interface', () => {
    const silent = [...documents].flatMap(([path, document]) => silentIn(document, path));
    expect(silent).toEqual([]);
    expect(silentIn(api, 'openapi.json')).toEqual([]);
  });

  it('refer to nothing that is not there', () => {
    for (const [path, document] of [...documents, ['asyncapi.json', bus] as const]) {
      for (const reference of referencesIn(document)) {
        if (reference.startsWith('#/')) at(document, ...reference.slice(2).split('/'));
        else expect(documents.has(reference), `${path} → ${reference}`).toBe(true);
      }
    }
  });
});

describe('the specification', () => {
  const words = readFileSync(new URL('../../../shared/contract/SPEC.md', import.meta.url), 'utf8');

  it('is committed with the topics, events, requests, tokens and limits that the code has', () => {
    expect(specificationFrom(words)).toBe(words);
    for (const name of EVENT_NAMES) expect(words).toContain(`| \`${name}\` `);
  });

  it('is not generated where a part has lost its mark, or a mark names none', () => {
    expect(() => specificationFrom(words.replace('generated: limits', 'limits'))).toThrow(
      'no mark for limits',
    );
    expect(() => specificationFrom(words.replace('generated: limits', 'generated: bounds'))).toThrow(
      'bounds',
    );
  });

  it('names only files that are there', () => {
    for (const [, path] of words.matchAll(/`((?:generated|vectors)\/[^`]*)`/g))
      expect(() =>
        statSync(new URL(`../../../shared/contract/${path ?? ''}`, import.meta.url)),
      ).not.toThrow();
  });
});

describe('what a gateway asks', () => {
  const place = { epoch: '01JDXQ2VJ4T8M6K3N5P7R9SBCD', seq: 7 };
  const stays = { ...place, before: '01JDXQ2VJ4T8M6K3N5P7R9SBCE' };
  it.each([
    ['reservations', 3],
    ['usage', 0],
    ['trust', 12],
    ['receipt', place],
    ['stays', stays],
  ] as const)('of need %s takes its own form of have, and none of the others', (need, own) => {
    const taken = [3, place, stays, null].filter((have) => requestSchema.safeParse({ need, have }).success);
    expect(taken).toEqual([typeof own === 'number' ? 3 : own]);
  });
});

describe('the AsyncAPI document', () => {
  it('has a channel for every topic of a venue, spelt as the gateway spells it', () => {
    const topics = venueTopics('{venue}');
    const spelt = Object.values(topics).map((topic: string | ((door: string) => string)) =>
      typeof topic === 'string' ? topic : topic('{door}'),
    );
    const channels = Object.values(at(bus, 'channels') as Readonly<Record<string, JsonDocument>>);
    expect(channels.map((channel) => channel['address']).sort()).toEqual(spelt.sort());
  });

  it('declares exactly the parameters that stand in an address', () => {
    expect(at(bus, 'channels', 'doorState', 'parameters')).toEqual({
      venue: { description: 'Id of the venue.' },
      door: { description: 'Id of the door.' },
    });
    expect(at(bus, 'channels', 'events', 'parameters')).not.toHaveProperty('door');
  });

  it('says that every topic is QoS 1, and which are retained', () => {
    const operations = at(bus, 'operations') as Readonly<Record<string, JsonDocument>>;
    const retained = Object.entries(operations).filter(
      ([, operation]) => at(operation, 'bindings', 'mqtt', 'retain') === true,
    );
    expect(retained.map(([name]) => name).sort()).toEqual([
      'doorState',
      'gatewayState',
      'occupancy',
      'receipts',
      'trust',
    ]);
    for (const operation of Object.values(operations))
      expect(at(operation, 'bindings', 'mqtt', 'qos')).toBe(1);
  });

  it('lets the gateway send what it writes and receive what the cloud writes', () => {
    const operations = Object.entries(at(bus, 'operations') as Readonly<Record<string, JsonDocument>>);
    const received = operations
      .filter(([, operation]) => operation['action'] === 'receive')
      .map(([name]) => name);
    expect(received.sort()).toEqual([
      'commands',
      'entries',
      'receipts',
      'reservations',
      'stays',
      'trust',
      'usage',
    ]);
  });

  it('carries every event as structured CloudEvents on the topic of the events', () => {
    const messages = at(bus, 'channels', 'events', 'messages') as Readonly<Record<string, JsonDocument>>;
    expect(Object.keys(messages)).toEqual(EVENT_NAMES);
    for (const message of Object.values(messages)) expect(message['contentType']).toBe(EVENT_CONTENT_TYPE);
  });
});
