import * as z from 'zod';
import { opaqueIdSchema, slugSchema, ulidSchema } from '../../../shared/contract/primitives.ts';
import { ALARM_KINDS, ALARM_STATES } from '../../../shared/contract/alarm.ts';
import { BODY_PROBLEMS, json, operation, problems, type ApiRoute } from './route.ts';

const epochMs = z.int();

export const alarmSchema = z.strictObject({
  id: ulidSchema.describe('The alarm’s id, a ULID.'),
  kind: z.enum(ALARM_KINDS).describe('What an operator is called for.'),
  severity: z.enum(['critical', 'warning']).describe('`critical`: somebody goes and looks now.'),
  subject: opaqueIdSchema.describe('The door, or the venue, that it is about.'),
  state: z
    .enum(ALARM_STATES)
    .describe('Whether its cause is there, and whether somebody has said that they saw it.'),
  detail: z.string().describe('What is known of the cause; may be empty.'),
  raisedMs: epochMs.describe('When it was raised first, epoch milliseconds.'),
  latestMs: epochMs.describe('When it was raised last, epoch milliseconds; `raisedMs` unless it came again.'),
  endedMs: epochMs
    .nullable()
    .describe('When its cause was gone, epoch milliseconds; `null` while it is there.'),
  acknowledgedMs: epochMs.nullable().describe('When it was seen, epoch milliseconds; `null`: not yet.'),
  acknowledgedBy: slugSchema.nullable().describe('Who has seen it; `null`: nobody.'),
  count: z.int().min(1).describe('How often it was raised before it was seen, from 1.'),
  notes: z
    .array(
      z.strictObject({
        by: slugSchema.describe('Who wrote it.'),
        atMs: epochMs.describe('When, epoch milliseconds.'),
        text: z.string().describe('What, at most 500 characters.'),
      }),
    )
    .describe('What operators wrote to it, oldest first.'),
});

export const alarmsSchema = z.strictObject({
  alarms: z.array(alarmSchema).describe('The newest first.'),
});

const changed = {
  params: z.strictObject({ id: z.string().describe('The alarm’s id.') }),
  body: z.strictObject({
    note: z.string().max(500).default('').describe('What there is to say, at most 500 characters.'),
  }),
  response: {
    200: json('The alarm as it is now.', alarmSchema),
    ...problems({
      ...BODY_PROBLEMS,
      401: ['not-signed-in'],
      403: ['wrong-origin', 'role'],
      409: ['no-such-alarm'],
    }),
  },
} as const;

/** What operators do to alarms. */
export const ALARMS_API = {
  newest: {
    method: 'GET',
    url: '/api/alarms',
    schema: {
      ...operation('viewer', 'The newest alarms, closed ones too.'),
      response: {
        200: json('At most 200.', alarmsSchema),
        ...problems({ 401: ['not-signed-in'] }),
      },
    },
  },
  acknowledge: {
    method: 'POST',
    url: '/api/alarms/:id/acknowledge',
    schema: { ...operation('operator', 'Says that somebody has seen an alarm.'), ...changed },
  },
  note: {
    method: 'POST',
    url: '/api/alarms/:id/notes',
    schema: { ...operation('operator', 'Writes a note to an alarm.'), ...changed },
  },
} as const satisfies Readonly<Record<string, ApiRoute>>;
