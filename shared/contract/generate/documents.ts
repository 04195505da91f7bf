import * as z from 'zod';
import {
  chargeListRequestSchema,
  chargeListSchema,
  chargeRecordSchema,
  chargeRequestSchema,
  chargeSchema,
} from '../charge.ts';
import { anchorHeaderSchema, checkpointClaimsSchema, checkpointHeaderSchema } from '../checkpoint.ts';
import { commandClaimsSchema, commandHeaderSchema, commandResultSchema } from '../command.ts';
import { gatewayConfigSchema } from '../config.ts';
import { denialReasonSchema } from '../denial.ts';
import { entryRequestSchema, entryResultSchema } from '../entry.ts';
import { EVENT_NAMES, EVENT_SCHEMAS } from '../events.ts';
import { passClaimsSchema, passHeaderSchema } from '../pass.ts';
import {
  doorProofClaimsSchema,
  doorProofHeaderSchema,
  dpopClaimsSchema,
  dpopHeaderSchema,
} from '../proof.ts';
import { receiptClaimsSchema, receiptHeaderSchema, requestSchema } from '../receipt.ts';
import { doorStateSchema, gatewayStateSchema, occupancySchema } from '../state.ts';
import { trustClaimsSchema, trustHeaderSchema } from '../trust.ts';
import {
  reservationDeltaClaimsSchema,
  reservationDeltaHeaderSchema,
  usageDeltaClaimsSchema,
  usageDeltaHeaderSchema,
} from '../sync.ts';
import { stayRecordsClaimsSchema, stayRecordsHeaderSchema } from '../stays.ts';

/** A JSON document. */
export type JsonDocument = Readonly<Record<string, unknown>>;

/**
 * Which side of a schema is told. `read`: what somebody else writes and the gateway reads, so defaults may be left
 * out and unknown members are refused where the schema is strict. `written`: what the gateway writes, with every member that
 * a consumer will find; open, since a later gateway may add one.
 */
type Direction = 'read' | 'written';

interface Source {
  readonly title: string;
  readonly direction: Direction;
  readonly schema: z.ZodType;
}

/** What is published beside the events, by file name without `.schema.json`. */
const SOURCES: Readonly<Record<string, Source>> = {
  'pass.header': { title: 'Header of a member pass', direction: 'read', schema: passHeaderSchema },
  'pass.claims': { title: 'Claims of a member pass', direction: 'read', schema: passClaimsSchema },
  'dpop.header': {
    title: 'Header of the proof with a door request',
    direction: 'read',
    schema: dpopHeaderSchema,
  },
  'dpop.claims': {
    title: 'Claims of the proof with a door request',
    direction: 'read',
    schema: dpopClaimsSchema,
  },
  'door-proof.header': {
    title: 'Header of the proof in a QR',
    direction: 'read',
    schema: doorProofHeaderSchema,
  },
  'door-proof.claims': {
    title: 'Claims of the proof in a QR',
    direction: 'read',
    schema: doorProofClaimsSchema,
  },
  'receipt.header': { title: 'Header of a receipt', direction: 'read', schema: receiptHeaderSchema },
  'receipt.claims': { title: 'Claims of a receipt', direction: 'read', schema: receiptClaimsSchema },
  'checkpoint.header': {
    title: 'Header of a checkpoint',
    direction: 'written',
    schema: checkpointHeaderSchema,
  },
  'checkpoint.claims': {
    title: 'Claims of a checkpoint and of an anchor',
    direction: 'written',
    schema: checkpointClaimsSchema,
  },
  'anchor.header': { title: 'Header of an anchor', direction: 'written', schema: anchorHeaderSchema },
  'command.header': { title: 'Header of a command', direction: 'read', schema: commandHeaderSchema },
  'command.claims': { title: 'Claims of a command', direction: 'read', schema: commandClaimsSchema },
  'command-result': { title: 'What became of a command', direction: 'written', schema: commandResultSchema },
  'reservation-delta.header': {
    title: 'Header of changes of reservations',
    direction: 'read',
    schema: reservationDeltaHeaderSchema,
  },
  'reservation-delta.claims': {
    title: 'Claims of changes of reservations',
    direction: 'read',
    schema: reservationDeltaClaimsSchema,
  },
  'usage-delta.header': {
    title: 'Header of changes of ticket uses',
    direction: 'read',
    schema: usageDeltaHeaderSchema,
  },
  'usage-delta.claims': {
    title: 'Claims of changes of ticket uses',
    direction: 'read',
    schema: usageDeltaClaimsSchema,
  },
  'stay-records.header': {
    title: 'Header of the last word on stays',
    direction: 'read',
    schema: stayRecordsHeaderSchema,
  },
  'stay-records.claims': {
    title: 'Claims of the last word on stays',
    direction: 'read',
    schema: stayRecordsClaimsSchema,
  },
  'trust.header': { title: 'Header of a trust bundle', direction: 'read', schema: trustHeaderSchema },
  'trust.claims': { title: 'Claims of a trust bundle', direction: 'read', schema: trustClaimsSchema },
  'entry-request': {
    title: 'A request that the relay carries',
    direction: 'read',
    schema: entryRequestSchema,
  },
  'entry-result': { title: 'The answer to it', direction: 'written', schema: entryResultSchema },
  request: { title: 'What a gateway asks of the cloud', direction: 'written', schema: requestSchema },
  'gateway-state': { title: 'Birth and will of a gateway', direction: 'written', schema: gatewayStateSchema },
  'door-state': { title: 'State of a door', direction: 'written', schema: doorStateSchema },
  occupancy: { title: 'Occupancy of a venue', direction: 'written', schema: occupancySchema },
  configuration: { title: 'Configuration of a gateway', direction: 'read', schema: gatewayConfigSchema },
  'charge-request': { title: 'A reservation to be charged', direction: 'read', schema: chargeRequestSchema },
  'charge-list-request': {
    title: 'The reservations of one user',
    direction: 'read',
    schema: chargeListRequestSchema,
  },
  charge: { title: 'The charge of a reservation', direction: 'written', schema: chargeSchema },
  'charge-record': {
    title: 'A charge as the ledger holds it',
    direction: 'written',
    schema: chargeRecordSchema,
  },
  'charge-list': { title: 'The charges of one user', direction: 'written', schema: chargeListSchema },
  'denial-reason': { title: 'Why a door stays shut', direction: 'written', schema: denialReasonSchema },
};

/** Every JSON Schema document by its path below `generated/`; `event.schema.json` is any one event. */
export function schemaDocuments(): ReadonlyMap<string, JsonDocument> {
  const documents = new Map<string, JsonDocument>();
  for (const [name, source] of Object.entries(SOURCES))
    documents.set(`${name}.schema.json`, documentOf(name, source));
  for (const name of EVENT_NAMES) {
    const source: Source = { title: `Event ${name}`, direction: 'written', schema: EVENT_SCHEMAS[name] };
    documents.set(eventPath(name), documentOf(`events/${name}`, source));
  }
  documents.set('event.schema.json', {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: idOf('event'),
    title: 'Any event',
    oneOf: EVENT_NAMES.map((name) => ({ $ref: eventPath(name) })),
  });
  return documents;
}

/** Where the schema of an event stands below `generated/`. */
export function eventPath(name: string): string {
  return `events/${name}.schema.json`;
}

function documentOf(name: string, { title, direction, schema }: Source): JsonDocument {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: direction === 'read' ? 'input' : 'output',
    override: ({ jsonSchema }) => {
      if (direction === 'written' && jsonSchema.additionalProperties === false)
        delete jsonSchema.additionalProperties;
    },
  });
  return { $schema, $id: idOf(name), title, ...rest };
}

/** A base that resolves the relative references between the documents; nothing is served there. */
function idOf(name: string): string {
  return `https://genkan.invalid/contract/v1/${name}.schema.json`;
}
