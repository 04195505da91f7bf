import * as z from 'zod';
import { chargeFlagSchema, chargeSchema } from '../../../shared/contract/charge.ts';
import { commandClaimsSchema, commandResultSchema } from '../../../shared/contract/command.ts';
import { grantKindSchema } from '../../../shared/contract/events.ts';
import {
  doorRequestSchema,
  presenceGrantSchema,
  presenceRequestSchema,
} from '../../../shared/contract/presence.ts';
import { instantTextSchema, yenSchema } from '../../../shared/contract/primitives.ts';
import { roleSchema } from '../../operators/accounts.ts';
import {
  exportQuerySchema,
  ledgerQuerySchema,
  noteSchema,
  statisticsQuerySchema,
} from '../console-routes.ts';
import { signInSchema } from '../session-routes.ts';

/** Who may ask: anybody, a member with pass and proof, an operator who is signed in, a scraper. */
export type Asker = 'anybody' | 'member' | 'viewer' | 'operator' | 'scraper';

/** One route of the HTTP API as its callers know it. */
export interface Operation {
  readonly method: 'get' | 'post' | 'delete';
  /** With OpenAPI's braces: `/api/doors/{door}/{side}`. */
  readonly path: string;
  readonly summary: string;
  readonly asker: Asker;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Status of a good answer. Default 200. */
  readonly status?: number;
  /** What a good answer carries; `null`: nothing. */
  readonly answer: { readonly type: string; readonly schema?: z.ZodType } | null;
  /** Statuses of the answers that are problem details. */
  readonly problems: readonly number[];
}

const json = (schema: z.ZodType) => ({ type: 'application/json', schema });
const sessionSchema = z.strictObject({ name: z.string(), role: roleSchema });
const nobodySchema = z.strictObject({ name: z.null(), role: z.null() });
/** What the console shows. Its members follow the console's pages and are no contract. */
const forTheConsole = z.looseObject({});

const grantedSchema = z.strictObject({
  granted: z.literal(true),
  kind: grantKindSchema,
  stay: z.string().nullable(),
  space: z.string().nullable(),
  until: instantTextSchema.nullable(),
  uses: z.looseObject({ used: z.int(), remaining: z.int() }).nullable(),
  yen: yenSchema.nullable(),
  message: z.string(),
});

const previewSchema = z.strictObject({
  at: instantTextSchema,
  stays: z.array(
    z.strictObject({
      stay: z.string(),
      space: z.string().nullable(),
      checkIn: instantTextSchema.nullable(),
      until: instantTextSchema.nullable(),
      isNext: z.boolean(),
      charge: chargeSchema.nullable(),
    }),
  ),
});

const visitsSchema = z.strictObject({
  visits: z.array(
    z.looseObject({
      stay: z.string(),
      state: z.string(),
      checkIn: instantTextSchema.nullable(),
      checkOut: instantTextSchema.nullable(),
      charge: z.looseObject({ yen: yenSchema, flags: z.array(chargeFlagSchema) }).nullable(),
    }),
  ),
});

/** An operator's command as it is posted: the gateway adds who, when and for how long. */
const commandRequestSchema = z.union(
  commandClaimsSchema.options.map((option) =>
    (option as z.ZodObject)
      .omit({ jti: true, iat: true, exp: true, aud: true, by: true })
      .extend({ password: z.string().optional() }),
  ) as unknown as readonly [z.ZodType, z.ZodType],
);

const MEMBERS: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/doors/{door}/presence',
    summary: 'Redeems the posted code `c` for a presence ticket, good for 90 s and one grant.',
    asker: 'anybody',
    body: presenceRequestSchema,
    answer: json(presenceGrantSchema),
    problems: [400, 403, 404, 503],
  },
  {
    method: 'post',
    path: '/api/doors/{door}/{side}',
    summary: 'Asks a door to open. The proof signs the nonce of the last answer’s `DPoP-Nonce`.',
    asker: 'member',
    body: doorRequestSchema,
    answer: json(grantedSchema),
    problems: [400, 401, 403, 404, 409],
  },
  {
    method: 'post',
    path: '/api/stays/preview',
    summary: 'What the member’s open stays would cost now. Changes nothing.',
    asker: 'member',
    answer: json(previewSchema),
    problems: [401, 403],
  },
  {
    method: 'get',
    path: '/api/me/visits',
    summary: 'The member’s own visits here, newest first.',
    asker: 'member',
    answer: json(visitsSchema),
    problems: [401, 403],
  },
];

const OPERATORS: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/session',
    summary: 'Signs in. The session is a cookie. A one-time password needs `newPassword` beside it.',
    asker: 'anybody',
    body: signInSchema,
    answer: json(sessionSchema),
    problems: [400, 401, 403, 429, 503],
  },
  {
    method: 'get',
    path: '/api/session',
    summary: 'Who is signed in.',
    asker: 'anybody',
    answer: json(z.union([sessionSchema, nobodySchema])),
    problems: [],
  },
  {
    method: 'delete',
    path: '/api/session',
    summary: 'Signs out.',
    asker: 'anybody',
    status: 204,
    answer: null,
    problems: [403],
  },
  {
    method: 'post',
    path: '/api/commands',
    summary:
      'Orders a door or corrects a stay; answered with what the sensors saw. 409: refused, in the same form.',
    asker: 'operator',
    body: commandRequestSchema,
    answer: json(commandResultSchema),
    problems: [400, 401, 403, 429, 503],
  },
  {
    method: 'get',
    path: '/api/events',
    summary:
      'Server-sent: `ledger` (a CloudEvent, its id the sequence, resumed by `Last-Event-ID`), `state`, `signed-out`.',
    asker: 'viewer',
    answer: { type: 'text/event-stream' },
    problems: [401],
  },
  {
    method: 'get',
    path: '/api/doors',
    summary: 'The state of the venue as the console shows it.',
    asker: 'viewer',
    answer: json(forTheConsole),
    problems: [401],
  },
  {
    method: 'get',
    path: '/api/ledger',
    summary: 'A page of events, newest first; `next` is the next page’s `before`.',
    asker: 'viewer',
    query: ledgerQuerySchema,
    answer: json(z.strictObject({ events: z.array(forTheConsole), next: z.int().nullable() })),
    problems: [400, 401, 503],
  },
  {
    method: 'get',
    path: '/api/ledger/export',
    summary: 'All events that match, as CSV or JSON lines.',
    asker: 'viewer',
    query: exportQuerySchema,
    answer: { type: 'text/csv' },
    problems: [400, 401, 503],
  },
  {
    method: 'get',
    path: '/api/stays/{id}',
    summary: 'A stay with its chain of events and its charge.',
    asker: 'viewer',
    answer: json(forTheConsole),
    problems: [401, 404, 503],
  },
  {
    method: 'get',
    path: '/api/statistics',
    summary: 'Entries by hour, visits by day, backlog over time.',
    asker: 'viewer',
    query: statisticsQuerySchema,
    answer: json(forTheConsole),
    problems: [400, 401, 503],
  },
  {
    method: 'get',
    path: '/api/alarms',
    summary: 'The newest alarms, closed ones too.',
    asker: 'viewer',
    answer: json(z.strictObject({ alarms: z.array(forTheConsole) })),
    problems: [401],
  },
  ...(['acknowledge', 'notes'] as const).map((verb): Operation => {
    return {
      method: 'post',
      path: `/api/alarms/{id}/${verb}`,
      summary: verb === 'notes' ? 'Writes a note to an alarm.' : 'Says that somebody has seen an alarm.',
      asker: 'operator',
      body: noteSchema,
      answer: json(forTheConsole),
      problems: [400, 401, 403, 409],
    };
  }),
];

const PROBES: readonly Operation[] = [
  {
    method: 'get',
    path: '/healthz',
    summary: '200 while the process answers.',
    asker: 'anybody',
    answer: json(z.strictObject({ status: z.literal('ok') })),
    problems: [],
  },
  {
    method: 'get',
    path: '/readyz',
    summary: '200 when everybody who may come in can; 503 otherwise, in the same form.',
    asker: 'anybody',
    answer: json(
      z.strictObject({
        status: z.enum(['ready', 'not-ready']),
        checks: z.strictObject({ journal: z.string(), clock: z.string(), doors: z.string() }),
      }),
    ),
    problems: [],
  },
  {
    method: 'get',
    path: '/metrics',
    summary: 'Figures for Prometheus.',
    asker: 'scraper',
    answer: { type: 'text/plain' },
    problems: [401],
  },
  {
    method: 'get',
    path: '/api/openapi.json',
    summary: 'This document.',
    asker: 'anybody',
    answer: json(forTheConsole),
    problems: [],
  },
];

/** Every route of the API. Pages and their files are none. */
export const OPERATIONS: readonly Operation[] = [...MEMBERS, ...OPERATORS, ...PROBES];
