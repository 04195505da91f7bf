import { CHECKPOINT_TYPE } from '../checkpoint.ts';
import { COMMAND_TYPE } from '../command.ts';
import { EVENT_CONTENT_TYPE, EVENT_NAMES } from '../events.ts';
import { RECEIPT_TYPE } from '../receipt.ts';
import { RESERVATION_DELTA_TYPE, USAGE_DELTA_TYPE } from '../sync.ts';
import { STAY_RECORDS_TYPE } from '../stays.ts';
import { TRUST_TYPE } from '../trust.ts';
import { venueTopics, type VenueTopics } from '../topics.ts';
import { eventPath, type JsonDocument } from './documents.ts';

/** What travels on a topic. */
type Carried =
  /** JSON by one of the generated schemas. */
  | { readonly kind: 'json'; readonly contentType?: string; readonly schemas: readonly string[] }
  /** A compact JWS; the schemas of its header and claims, where there are any. */
  | {
      readonly kind: 'jws';
      readonly typ?: string;
      readonly schemas?: { readonly header: string; readonly claims: string };
    };

interface Topic {
  readonly summary: string;
  readonly writer: 'gateway' | 'cloud';
  readonly qos: 1;
  readonly retained: boolean;
  readonly carries: Carried;
}

const json = (...names: readonly string[]): Carried => ({
  kind: 'json',
  schemas: names.map((name) => `${name}.schema.json`),
});
const tokenOf = (typ: string, name: string): Carried => ({
  kind: 'jws',
  typ,
  schemas: { header: `${name}.header.schema.json`, claims: `${name}.claims.schema.json` },
});

/** Every topic. The keys are those of `VenueTopics`, so that a topic without a description does not compile. */
export const TOPICS: Readonly<Record<keyof VenueTopics, Topic>> = {
  events: {
    summary:
      'What happened, in order and without gaps. At least once; the id makes a repetition recognisable. A stay is one visit in whichever epochs it is told: its money is kept by its name.',
    writer: 'gateway',
    qos: 1,
    retained: false,
    carries: { kind: 'json', contentType: EVENT_CONTENT_TYPE, schemas: EVENT_NAMES.map(eventPath) },
  },
  doorState: {
    summary: 'State of a door. Unknown unless gateway/state is online with the same session.',
    writer: 'gateway',
    qos: 1,
    retained: true,
    carries: json('door-state'),
  },
  gatewayState: {
    summary:
      'Birth of the gateway, and its will. Heard by the gateway too: another session that is online is another gateway of the venue.',
    writer: 'gateway',
    qos: 1,
    retained: true,
    carries: json('gateway-state'),
  },
  occupancy: {
    summary: 'How full the venue is. Advisory: the door decides on the live count.',
    writer: 'gateway',
    qos: 1,
    retained: true,
    carries: json('occupancy'),
  },
  checkpoints: {
    summary: 'Signed heads of the journal.',
    writer: 'gateway',
    qos: 1,
    retained: false,
    carries: tokenOf(CHECKPOINT_TYPE, 'checkpoint'),
  },
  receipts: {
    summary: 'The highest number up to which the consumers hold every event of the epoch. Cumulative.',
    writer: 'cloud',
    qos: 1,
    retained: true,
    carries: tokenOf(RECEIPT_TYPE, 'receipt'),
  },
  requests: {
    summary: 'What the gateway asks for at every birth, and every half hour.',
    writer: 'gateway',
    qos: 1,
    retained: false,
    carries: json('request'),
  },
  trust: {
    summary: 'Issuer keys and revocations, with a version that only grows.',
    writer: 'cloud',
    qos: 1,
    retained: true,
    carries: tokenOf(TRUST_TYPE, 'trust'),
  },
  reservations: {
    summary: 'Changes of reservations, for use offline.',
    writer: 'cloud',
    qos: 1,
    retained: false,
    carries: tokenOf(RESERVATION_DELTA_TYPE, 'reservation-delta'),
  },
  usage: {
    summary: 'Changes of ticket uses, for use offline.',
    writer: 'cloud',
    qos: 1,
    retained: false,
    carries: tokenOf(USAGE_DELTA_TYPE, 'usage-delta'),
  },
  stays: {
    summary:
      'The last word on stays of earlier epochs, for a gateway whose journal was restored or damaged: asked for before it settles them.',
    writer: 'cloud',
    qos: 1,
    retained: false,
    carries: tokenOf(STAY_RECORDS_TYPE, 'stay-records'),
  },
  entries: {
    summary: 'Relayed door requests. Retained ones, and those older than 10 s, are refused.',
    writer: 'cloud',
    qos: 1,
    retained: false,
    carries: json('entry-request'),
  },
  entryResults: {
    summary: 'Answers to relayed door requests.',
    writer: 'gateway',
    qos: 1,
    retained: false,
    carries: json('entry-result'),
  },
  commands: {
    summary: 'Signed commands, single use. Retained ones are refused.',
    writer: 'cloud',
    qos: 1,
    retained: false,
    carries: tokenOf(COMMAND_TYPE, 'command'),
  },
  commandResults: {
    summary: 'What became of a command; below it where a command names such an MQTT 5 response topic.',
    writer: 'gateway',
    qos: 1,
    retained: false,
    carries: json('command-result'),
  },
};

const PARAMETERS = {
  venue: { description: 'Id of the venue.' },
  door: { description: 'Id of the door.' },
} as const;

/** The AsyncAPI 3.0 document of the bus, from the gateway's side: it sends what it writes and receives the rest. */
export function asyncApiDocument(): JsonDocument {
  const topics = venueTopics('{venue}');
  const keys = Object.keys(TOPICS) as (keyof VenueTopics)[];
  const addressOf = (key: keyof VenueTopics): string =>
    key === 'doorState' ? topics.doorState('{door}') : topics[key];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Genkan',
      version: '1',
      description:
        'What a gateway of a venue and the cloud tell each other over MQTT 5, or 3.1.1 where a broker has no 5.',
    },
    defaultContentType: 'application/json',
    servers: {
      broker: {
        host: '{host}',
        protocol: 'mqtts',
        protocolVersion: '5',
        description: 'The operator’s broker.',
        variables: { host: { description: 'Host and port of the broker.' } },
      },
    },
    channels: Object.fromEntries(keys.map((key) => [key, channelOf(addressOf(key), TOPICS[key])])),
    operations: Object.fromEntries(keys.map((key) => [key, operationOf(key, TOPICS[key])])),
  };
}

function channelOf(address: string, { summary, carries }: Topic): JsonDocument {
  const parameters = (['venue', 'door'] as const).filter((name) => address.includes(`{${name}}`));
  return {
    address,
    summary,
    parameters: Object.fromEntries(parameters.map((name) => [name, PARAMETERS[name]])),
    messages: messagesOf(carries),
  };
}

function messagesOf(carries: Carried): JsonDocument {
  if (carries.kind === 'jws') {
    const { typ, schemas } = carries;
    return {
      token: {
        contentType: 'application/jose',
        summary: typ === undefined ? 'A compact JWS.' : `A compact JWS of typ ${typ}.`,
        payload: { type: 'string', pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$' },
        ...(schemas && {
          'x-jose-header': { $ref: schemas.header },
          'x-jose-claims': { $ref: schemas.claims },
        }),
      },
    };
  }
  const { schemas, contentType = 'application/json' } = carries;
  return Object.fromEntries(
    schemas.map((path) => [
      path.replace(/^events\/|\.schema\.json$/g, ''),
      {
        contentType,
        payload: { schemaFormat: 'application/schema+json;version=draft-2020-12', schema: { $ref: path } },
      },
    ]),
  );
}

function operationOf(key: string, { summary, writer, qos, retained }: Topic): JsonDocument {
  return {
    action: writer === 'gateway' ? 'send' : 'receive',
    channel: { $ref: `#/channels/${key}` },
    summary,
    'x-writer': writer,
    bindings: { mqtt: { qos, retain: retained, bindingVersion: '0.2.0' } },
  };
}
